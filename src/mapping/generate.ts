import { attributeKey } from '../ldap/attribute-description.ts';
import { type Entry, type LdapValue, type LinePath, valuesOf } from '../ldap/entry.ts';
import { equalityKey } from '../ldap/equality-key.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { syntaxProblem } from '../ldap/syntaxes.ts';
import type { ScimObject } from '../scim/resource.ts';
import type { WantedAttribute } from './lens.ts';
import type { NeededValue, SuppliedValues } from './needed-value.ts';
import type { GeneratedAttribute, GeneratedNumber, GeneratedRandom, GeneratedText, ResourcePlan } from './plan.ts';
import { fillNumbered, fillTemplate, type NumberedText, nthText } from './template.ts';

/** What a write knows when values are generated. */
export interface GenerateInput {
  /** The resource as it was; undefined when it is being created. */
  readonly before: ScimObject | undefined;
  readonly entry: Entry;
  readonly after: ScimObject;
  readonly schema: LdapSchema;
  /** What was found outside for lines that need it; absent: nothing. */
  readonly supplied?: SuppliedValues;
}

/**
 * Adds what the `generated` lines make to what an entry is to hold, in file order, each seeing the ones before it.
 *
 * A line fills an attribute that is empty. One that writes `always` also exchanges a value when something it mentions changes, but
 * only a value that it made itself: what others wrote into the entry is theirs (decisions 18). When nothing can be made any more,
 * that value goes, unless a class of the entry demands it.
 *
 * @returns the first value that has to be supplied before all of them can be made; undefined when all are
 */
export function generateValues(plan: ResourcePlan, wanted: Map<string, WantedAttribute>, input: GenerateInput): NeededValue | undefined {
  for (const line of plan.generated) {
    const made = generate(line, wanted, input);
    if (made !== undefined && 'kind' in made) return made;
    if (made !== undefined) wanted.set(attributeKey(line.ldap), { name: line.ldap, style: 'values', ...made });
  }
  return undefined;
}

type Made = Pick<WantedAttribute, 'values' | 'source'>;

function generate(
  line: GeneratedAttribute,
  wanted: ReadonlyMap<string, WantedAttribute>,
  input: GenerateInput,
): Made | NeededValue | undefined {
  const { before, entry, supplied } = input;
  const decided = wanted.get(attributeKey(line.ldap));
  if (decided !== undefined && decided.values.length > 0) return undefined;
  const current = decided === undefined ? valuesOf(entry, line.ldap) : [];
  if (line.kind === 'template' && !line.unique) return generateText(line, current, wanted, input);
  if (current.length > 0 || (line.kind === 'random' && before !== undefined)) return undefined;
  const value = supplied?.get(line);
  if (line.kind !== 'template') return value === undefined ? needFor(line) : { values: [value], source: line.sources[0] ?? [] };
  const unique = numberFirst(line, wanted, input);
  if (unique === undefined) return undefined;
  return value === undefined ? { kind: 'unique', line, text: unique.text } : { values: [value], source: unique.source };
}

function needFor(line: GeneratedRandom | GeneratedNumber): NeededValue {
  return line.kind === 'random' ? { kind: 'random', line } : { kind: 'number', line };
}

/** What the first template makes that can be filled, ready for a number. */
function numberFirst(
  { ldap, templates, sources }: GeneratedText,
  wanted: ReadonlyMap<string, WantedAttribute>,
  { entry, after, schema }: GenerateInput,
): { readonly text: NumberedText; readonly source: LinePath } | undefined {
  for (const [index, template] of templates.entries()) {
    const text = fillNumbered(template, after, withWanted(entry, wanted));
    const isFit = text !== undefined && syntaxProblem(schema.attributeType(ldap), nthText(text, 1) ?? '') === undefined;
    if (isFit) return { text, source: sources[index] ?? [] };
  }
  return undefined;
}

function generateText(
  line: GeneratedText,
  current: readonly LdapValue[],
  wanted: ReadonlyMap<string, WantedAttribute>,
  { before, entry, after, schema }: GenerateInput,
): Made | undefined {
  if (line.write === 'once' && current.length > 0) return undefined;
  const made = fillFirst(line, after, withWanted(entry, wanted), schema);
  if (current.length === 0) return made === undefined ? undefined : { values: made.texts, source: made.source };
  const old = before === undefined ? undefined : fillFirst(line, before, entry, schema);
  if (old === undefined || !old.texts.every((text) => current.includes(text)) || isSameList(old.texts, made?.texts)) return undefined;
  const kept = current.filter((value) => !old.texts.some((text) => text === value));
  if (made !== undefined) {
    const others = kept.filter((value) => !made.texts.some((text) => isSameValue(line.ldap, value, text, schema)));
    return { values: [...made.texts, ...others], source: made.source };
  }
  return kept.length === 0 && schema.demands(valuesOf(entry, 'objectClass').map(String), line.ldap)
    ? undefined
    : { values: kept, source: old.source };
}

function isSameList(texts: readonly string[], others: readonly string[] | undefined): boolean {
  return texts.length === others?.length && texts.every((text, index) => text === others[index]);
}

/** What the first template makes whose blanks are all filled and whose texts the attribute can hold, and where it stands in the file. */
function fillFirst(
  { ldap, templates, sources }: GeneratedText,
  resource: ScimObject,
  entry: Entry,
  schema: LdapSchema,
): { readonly texts: readonly string[]; readonly source: LinePath } | undefined {
  const type = schema.attributeType(ldap);
  for (const [index, template] of templates.entries()) {
    const texts = fillTemplate(template, resource, entry);
    if (texts?.every((text) => syntaxProblem(type, text) === undefined) !== true) continue;
    const distinct = new Map(texts.toReversed().map((text) => [equalityKey(type, text), text]));
    return { texts: [...distinct.values()].toReversed(), source: sources[index] ?? [] };
  }
  return undefined;
}

/** Whether the directory takes two values for one: an entry can't hold both. */
function isSameValue(attribute: string, value: LdapValue, made: string, schema: LdapSchema): boolean {
  const type = schema.attributeType(attribute);
  return typeof value === 'string' && equalityKey(type, value) === equalityKey(type, made);
}

/** The entry as it will be, as far as it has been decided. */
function withWanted(entry: Entry, wanted: ReadonlyMap<string, WantedAttribute>): Entry {
  return { dn: entry.dn, attributes: new Map([...entry.attributes, ...[...wanted].map(([key, { values }]) => [key, values] as const)]) };
}
