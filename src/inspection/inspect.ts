import type { Plan } from '../mapping/plan.ts';
import type { Finding } from './finding.ts';
import { inspectEntries } from './inspect-entries.ts';
import { inspectIndexes } from './inspect-indexes.ts';
import { inspectLimits } from './inspect-limits.ts';
import { inspectFilter } from './inspect-names.ts';
import { inspectRights } from './inspect-rights.ts';
import { inspectSchema } from './inspect-schema.ts';
import { inspectAccounts, inspectControls, inspectOverlays } from './inspect-server.ts';
import type { Survey } from './survey.ts';

/** Everything that a survey shows to be wrong, slow or worth knowing about a mapping file and its directory. */
export function inspect(survey: Survey, { protection }: Plan): readonly Finding[] {
  return [
    ...protection.matching.flatMap((filter, index) => inspectFilter(['protected', 'matching', index], filter, survey.schema)),
    ...inspectControls(survey),
    ...inspectAccounts(survey),
    ...inspectOverlays(survey),
    ...inspectLimits(survey),
    ...survey.sections.flatMap((section) => [
      ...inspectSchema(section.section, survey.schema),
      ...inspectEntries(section),
      ...inspectRights(section, survey.bindDn),
      ...inspectIndexes(section, survey.slapd),
    ]),
  ];
}
