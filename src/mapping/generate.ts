import { attributeKey, attributeTypeOf } from '../ldap/attribute-description.ts';
import { type Entry, type LdapValue, type LinePath, valuesOf } from '../ldap/entry.ts';
import { equalityKey } from '../ldap/equality-key.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { syntaxProblem } from '../ldap/syntaxes.ts';
import type { ScimObject } from '../scim/resource.ts';
import type { WantedAttribute } from './lens.ts';
import type { GeneratedAttribute, ResourcePlan } from './plan.ts';
import { fillFirst } from './template.ts';

/** What a write knows when values are generated. */
export interface GenerateInput {
  /** The resource as it was; undefined when it is being created. */
  readonly before: ScimObject | undefined;
  readonly entry: Entry;
  readonly after: ScimObject;
  readonly schema: LdapSchema;
}

/**
 * Adds what the `generated` lines make to what an entry is to hold, in file order, each seeing the ones before it.
 *
 * A line fills an attribute that is empty. One that writes `always` also exchanges a value when something it mentions changes, but
 * only a value that it made itself: what others wrote into the entry is theirs (decisions 18). When nothing can be made any more,
 * that value goes, unless a class of the entry demands it.
 */
export function generateValues(plan: ResourcePlan, wanted: Map<string, WantedAttribute>, input: GenerateInput): void {
  for (const line of plan.generated) {
    const made = generate(line, wanted, input);
    if (made !== undefined) wanted.set(attributeKey(line.ldap), { name: line.ldap, style: 'values', ...made });
  }
}

function generate(
  line: GeneratedAttribute,
  wanted: ReadonlyMap<string, WantedAttribute>,
  { before, entry, after, schema }: GenerateInput,
): Pick<WantedAttribute, 'values' | 'source'> | undefined {
  const decided = wanted.get(attributeKey(line.ldap));
  if (decided !== undefined && decided.values.length > 0) return undefined;
  const current = decided === undefined ? valuesOf(entry, line.ldap) : [];
  if (line.write === 'once' && current.length > 0) return undefined;
  const fits = (text: string): boolean => syntaxProblem(schema.attributeType(line.ldap), text) === undefined;
  const made = fill(line, after, withWanted(entry, wanted), fits);
  if (current.length === 0) return made === undefined ? undefined : { values: [made.text], source: made.source };
  const old = before === undefined ? undefined : fill(line, before, entry, fits);
  if (old === undefined || old.text === made?.text || !current.includes(old.text)) return undefined;
  const kept = current.filter((value) => value !== old.text);
  if (made !== undefined) {
    return { values: [made.text, ...kept.filter((value) => !isSameValue(line.ldap, value, made.text, schema))], source: made.source };
  }
  return kept.length === 0 && isDemanded(line.ldap, entry, schema) ? undefined : { values: kept, source: old.source };
}

/** What the first template that can be filled makes, and where it stands in the file. */
function fill(
  { templates, sources }: GeneratedAttribute,
  resource: ScimObject,
  entry: Entry,
  fits: (text: string) => boolean,
): { readonly text: string; readonly source: LinePath } | undefined {
  for (const [index, template] of templates.entries()) {
    const text = fillFirst([template], resource, entry, fits);
    if (text !== undefined) return { text, source: sources[index] ?? [] };
  }
  return undefined;
}

/** Whether the directory takes two values for one: an entry can't hold both. */
function isSameValue(attribute: string, value: LdapValue, made: string, schema: LdapSchema): boolean {
  const type = schema.attributeType(attribute);
  return typeof value === 'string' && equalityKey(type, value) === equalityKey(type, made);
}

function isDemanded(attribute: string, entry: Entry, schema: LdapSchema): boolean {
  const names = schema.attributeType(attribute)?.names ?? [attributeTypeOf(attribute)];
  const classes = valuesOf(entry, 'objectClass').flatMap((name) => schema.objectClass(String(name)) ?? []);
  return classes.some(({ must }) => names.some((name) => must.has(name.toLowerCase())));
}

/** The entry as it will be, as far as it has been decided. */
function withWanted(entry: Entry, wanted: ReadonlyMap<string, WantedAttribute>): Entry {
  return { dn: entry.dn, attributes: new Map([...entry.attributes, ...[...wanted].map(([key, { values }]) => [key, values] as const)]) };
}
