import { writeFileSync } from 'node:fs';
import { formatDiagnostics } from '../config/format-diagnostics.ts';
import type { Directory } from '../directory/directory.ts';
import { loadDirectory } from '../explain/loaded-directory.ts';
import { MadeUp } from '../explain/made-up.ts';
import { type MatchingPaths, rehearseResources } from '../explain/rehearse.ts';
import { secretAttributesOf } from '../explain/secret-attributes.ts';
import { mentionedAttributes } from '../ldap/filter.ts';
import { formatChanges } from '../ldap/format-ldif.ts';
import { occupiedBases, type Plan, plansOf } from '../mapping/plan.ts';
import { attributesToDelete, attributesToWrite } from '../mapping/read-entry.ts';
import type { ReferenceTarget } from '../mapping/reference-table.ts';
import { formatReport } from '../rehearsal/format-report.ts';
import type { GivenResource } from '../rehearsal/given-resource.ts';
import { reportSections } from '../rehearsal/report-sections.ts';
import { reportToHtml } from '../rehearsal/report-to-html.ts';
import { type RehearsalReport, RehearsalTally } from '../rehearsal/tally-rehearsal.ts';
import { type ChosenTenant, chooseTenant } from './choose-tenant.ts';
import { CommandFailure, orFail } from './command-failure.ts';
import { sectionOf } from './connected-directory.ts';
import { EXIT } from './exit-codes.ts';
import { checkService, type ServiceConfiguration } from './load-service.ts';
import { onLiveDirectory } from './on-live-directory.ts';
import { readGivenResources } from './read-given-resources.ts';
import { readInput } from './read-input.ts';

export interface RehearseOptions {
  /** JSON, a resource a line; with `columns` a table. `-` is standard input. */
  readonly file: string;
  readonly tenant?: string;
  /** `HEADER=PATH`. */
  readonly columns: readonly string[];
  /** What the rows of a table are. */
  readonly target: ReferenceTarget;
  /** By which paths users are looked for, in order; empty: by userName. */
  readonly match: readonly string[];
  /** By which paths groups are; empty: by displayName. */
  readonly matchGroups: readonly string[];
  /** What is printed. */
  readonly form: 'text' | 'json' | 'ldif';
  /** A file for the report, as HTML. */
  readonly html?: string;
}

/** Says what a first cycle with the users and groups of a file would do to the live directory. Writes nothing. */
export function rehearse(configPath: string, options: RehearseOptions): Promise<number> {
  return orFail(async () => {
    const checked = checkService(configPath);
    if (!checked.ok) throw new CommandFailure(EXIT.configuration, formatDiagnostics(checked.diagnostics));
    const chosen = chooseTenant('rehearse', checked, options.tenant);
    if (options.target === 'groups' && chosen.plan.groups.length === 0) {
      throw new CommandFailure(EXIT.usage, 'rehearse: the mapping file has no groups');
    }
    const resources = readGivenResources(readInput('rehearse', options.file), options.file, chosen.plan, options);
    return await onLiveDirectory('rehearse', configPath, chosen.name, async (live, service) => {
      const tally = await carryOut(live, service, chosen, resources, options);
      print(tally, chosen, options);
      return EXIT.ok;
    });
  });
}

async function carryOut(
  live: Directory,
  { bridge }: ServiceConfiguration,
  { name, section, plan }: ChosenTenant,
  resources: readonly GivenResource[],
  { match, matchGroups }: RehearseOptions,
): Promise<RehearsalTally> {
  const { server, schema } = await live.facts();
  const directorySection = sectionOf(bridge, section.directory);
  const ownDn = 'bindDn' in directorySection ? directorySection.bindDn : undefined;
  const loaded = await loadDirectory(
    live,
    [...occupiedBases(plansOf(plan)), ...plan.protection.below.map(({ base }) => base)],
    attributesOf(plan),
  );
  const matching: MatchingPaths = {
    users: match.length === 0 ? ['userName'] : match,
    groups: matchGroups.length === 0 ? ['displayName'] : matchGroups,
  };
  const tenant = { name, path: section.path, publicUrl: bridge.publicUrl, plan, paging: section.paging };
  const tally = new RehearsalTally(schema, secretAttributesOf(plan));
  for await (const rehearsed of rehearseResources(tenant, ownDn, loaded, new MadeUp(server), resources, matching)) tally.add(rehearsed);
  return tally;
}

/** All that requests may look at, operational attributes among it. */
function attributesOf({ protection, ...plan }: Plan): readonly string[] {
  const ofPlans = plansOf({ protection, ...plan }).flatMap((each) => [
    ...attributesToWrite(each, each.lenses),
    ...attributesToDelete(each),
  ]);
  return [...new Set([...ofPlans, ...protection.matching.flatMap(mentionedAttributes)].map((name) => name.toLowerCase()))];
}

function print(tally: RehearsalTally, { name, plan }: ChosenTenant, { file, form, html }: RehearseOptions): void {
  const report = tally.report();
  const head = headOf(report, name, file);
  const sections = reportSections(report);
  if (html !== undefined) writeFileSync(html, reportToHtml(`Rehearsal of ${file}`, head, sections));
  if (form === 'json') process.stdout.write(`${JSON.stringify({ format: 1, tenant: name, ...report }, null, 2)}\n`);
  else if (form === 'ldif') process.stdout.write(formatChanges(tally.changes, { secretAttributes: secretAttributesOf(plan) }));
  else process.stdout.write(formatReport(head, sections));
}

function headOf({ writes }: RehearsalReport, tenant: string, file: string): readonly string[] {
  return [`Rehearsal of ${file} for tenant ${tenant}: ${writes} changes to the directory, none of which has been made.`];
}
