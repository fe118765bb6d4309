import type { LdapSchema } from '../ldap/schema.ts';
import type { Finding } from './finding.ts';
import { inspectClasses } from './inspect-classes.ts';
import { inspectLines } from './inspect-line.ts';
import { inspectNames } from './inspect-names.ts';
import { inspectSideEffects } from './inspect-side-effects.ts';
import { rehearse } from './rehearse.ts';
import type { Section } from './section.ts';

/**
 * All that the directory's schema alone tells of a section. Without an error among it, no create or update of a complete resource
 * fails for a reason that the schema could have told.
 */
export function inspectSchema(section: Section, schema: LdapSchema): readonly Finding[] {
  const findings = [
    ...inspectNames(section, schema),
    ...inspectClasses(section, schema),
    ...inspectLines(section, schema),
    ...inspectSideEffects(section, schema),
  ];
  const lines = findings.filter(({ severity }) => severity === 'error').map(({ place }) => String(place.path.at(-1)));
  const reported = section.plan.lenses.filter(({ path }) => lines.includes(path)).flatMap(({ ldap }) => ldap?.toLowerCase() ?? []);
  return [...findings, ...rehearse(section, schema, new Set([...reported, ...lines.map((line) => line.toLowerCase())]))];
}
