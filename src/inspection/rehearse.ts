import { formatDn } from '../ldap/dn.ts';
import type { Attribute, LdapValue } from '../ldap/entry.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import type { Lens } from '../mapping/lens.ts';
import { sampleOf } from '../mapping/needed-value.ts';
import { type GeneratedAttribute, isReferenceLens, isWritten, type ResourcePlan } from '../mapping/plan.ts';
import { makeReferenceTable, type ReferenceTable } from '../mapping/reference-table.ts';
import { planCreate } from '../mapping/write-entry.ts';
import { ScimError } from '../scim/errors.ts';
import { type Finding, inMapping } from './finding.ts';
import { type Person, SAMPLE_ID, sampleResource, samplesFor } from './sample-resource.ts';
import { lineAt, type Section } from './section.ts';
import { valueProblem } from './value-problem.ts';

/**
 * Plans the create of a complete resource, as a request would, and holds the entry against the schema: what no check of a single line
 * sees is seen here. So a mapping that passes fails no create of a complete resource for a reason that the schema tells.
 *
 * @param reported LDAP attributes, in lower case, that findings speak of already
 */
export function rehearse(section: Section, schema: LdapSchema, reported: ReadonlySet<string>): readonly Finding[] {
  const context = { schema, references: sampleReferences(section.plan) };
  const refused = section.plan.lenses.flatMap((lens) => refusal(lens, context) ?? []);
  const findings = refused
    .filter(({ lens }) => !reported.has(lens.ldap?.toLowerCase() ?? ''))
    .map(({ lens, detail }): Finding => {
      const message = `a client that sends ${JSON.stringify(samplesFor(lens, 0)[0])} is refused: ${detail}`;
      return { severity: 'error', place: inMapping(lineAt(section, lens.path)), message, help: 'take another attribute' };
    });
  const without = new Set(refused.map(({ lens }) => lens));
  const violations = new Map<string, Finding>();
  for (const person of [0, 1] as const) {
    const planned = planAdd(section.plan, person, without, context);
    if (typeof planned === 'string') {
      // Without a line that is refused above its own absence is refused: that is told already.
      return refused.length > 0 ? findings : [unplaced(section, planned)];
    }
    for (const attribute of planned) {
      const key = attribute.name.toLowerCase();
      const found = reported.has(key) || violations.has(key) ? undefined : violation(section, attribute, schema);
      if (found !== undefined) violations.set(key, found);
    }
  }
  return [...findings, ...violations.values()];
}

interface Refusal {
  readonly lens: Lens;
  readonly detail: string;
}

const NO_ENTRY = { dn: '', attributes: new Map<string, readonly LdapValue[]>() };

function refusal(lens: Lens, context: { readonly schema: LdapSchema; readonly references: ReferenceTable }): Refusal | undefined {
  if (!isWritten(lens) || lens.kind === 'constant' || lens.kind === 'password') return undefined;
  try {
    for (const person of [0, 1] as const) lens.put(samplesFor(lens, person), NO_ENTRY, context);
    return undefined;
  } catch (error) {
    if (error instanceof ScimError) return { lens, detail: error.detail };
    throw error;
  }
}

function planAdd(
  plan: ResourcePlan,
  person: Person,
  without: ReadonlySet<Lens>,
  context: { readonly schema: LdapSchema; readonly references: ReferenceTable },
): readonly Attribute[] | string {
  try {
    const supplied = new Map<GeneratedAttribute, string>();
    const make = () => planCreate(plan, sampleResource(plan, person, without), { ...context, supplied });
    let planned = make();
    for (; planned.needs !== undefined; planned = make()) supplied.set(planned.needs.line, sampleOf(planned.needs));
    const [first] = planned.changes;
    return first?.change.kind === 'add' ? first.change.attributes : [];
  } catch (error) {
    if (error instanceof ScimError) return error.detail;
    throw error;
  }
}

function unplaced(section: Section, detail: string): Finding {
  return { severity: 'error', place: inMapping(section.path, 'key'), message: `a complete resource can't be created: ${detail}` };
}

/** What the schema has against an attribute of the new entry; its line, or its template, is where to look. */
function violation(section: Section, { name, values }: Attribute, schema: LdapSchema): Finding | undefined {
  const type = schema.attributeType(name);
  if (type === undefined || name.toLowerCase() === 'objectclass') return undefined;
  const tooMany = type.singleValue && values.length > 1 ? `${name} holds one value, and would get ${values.length}` : undefined;
  const [bad] = values.flatMap((value) => {
    const problem = valueProblem(type, value);
    return problem === undefined ? [] : [`${JSON.stringify(value)} can't be stored: ${name} ${problem}`];
  });
  const message = tooMany ?? bad;
  if (message === undefined) return undefined;
  const isThis = (ldap: string | undefined) => ldap?.toLowerCase() === name.toLowerCase();
  const lens = section.plan.lenses.find((each) => isThis(each.ldap) && isWritten(each));
  const place = lens === undefined ? inMapping([...section.path, 'generated', name]) : inMapping(lineAt(section, lens.path));
  return { severity: 'error', place, message, help: 'take another attribute' };
}

/** Somebody and something to refer to, below the section's own base. */
export function sampleReferences({ branches, lenses }: ResourcePlan): ReferenceTable {
  const dn = formatDn([[{ type: 'cn', value: 'sample' }], ...(branches.at(-1)?.dn ?? [])]);
  const location = 'https://scim.example.org/sample';
  const names = Object.fromEntries(lenses.filter(isReferenceLens).flatMap(({ by }) => (by === undefined ? [] : [[by, 'sample'] as const])));
  return makeReferenceTable((['users', 'groups'] as const).map((target) => ({ target, id: SAMPLE_ID, dn, location, names })));
}
