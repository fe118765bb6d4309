import { caseIgnoreKey } from '../../ldap/case-ignore.ts';
import { leafRdn } from '../../ldap/dn.ts';
import { type Entry, type LdapValue, valuesOf } from '../../ldap/entry.ts';
import { equalityKey } from '../../ldap/equality-key.ts';
import { allOf, type LdapFilter, NOTHING, negate } from '../../ldap/filter.ts';
import type { LdapAttributeType, LdapSchema } from '../../ldap/schema.ts';
import { BOOLEAN_SYNTAX, INTEGER_SYNTAX, syntaxProblem } from '../../ldap/syntaxes.ts';
import { parseDateTime } from '../../scim/date-time.ts';
import { badRequest } from '../../scim/errors.ts';
import type { FilterValue } from '../../scim/filter.ts';
import type { ScimValue } from '../../scim/resource.ts';
import type { AttributeDefinition } from '../../scim/schema.ts';
import type { FilterMatch, Lens, LensContext, WantedValues } from '../lens.ts';
import type { Place } from '../place.ts';

export interface TextLensOptions {
  readonly path: string;
  readonly place: Place;
  readonly definition: AttributeDefinition;
  readonly ldap: string;
  /** Stands in the entry while there is no value, because a class demands one; never shown, never found. */
  readonly whenEmpty: string | undefined;
}

export interface TextLens extends Lens {
  readonly kind: 'text';
  /** Whether a value, stored or sent, only says that there is none (decisions 4). */
  readonly isPlaceholder: (value: LdapValue | ScimValue) => boolean;
}

/**
 * A value there and back.
 *
 * Over a place for one value the first value of the LDAP attribute is shown (of a naming attribute: the one in the RDN). A write
 * exchanges that one and leaves the others; clearing removes them all, for otherwise the next one would come to light.
 */
export function textLens(options: TextLensOptions): TextLens {
  const { path, place, definition, ldap, whenEmpty } = options;
  const single = place.kind !== 'list';

  const get = (entry: Entry): readonly ScimValue[] => {
    const shown = stored(entry)
      .map((value) => decode(value, definition))
      .filter((value) => value !== undefined);
    return single ? shown.slice(0, 1) : shown;
  };

  const put = (wanted: readonly ScimValue[], current: Entry, { schema }: LensContext): WantedValues => {
    const type = schema.attributeType(ldap);
    const values = wanted.map((value) => encode(value, definition, path)).filter((value) => !isPlaceholder(value));
    for (const value of values) refuseUnstorable(value, ldap, path, schema);
    const [first] = values;
    if (first === undefined) return { values: whenEmpty === undefined ? [] : [whenEmpty], style: 'values' };
    if (!single) return { values: distinct(values, definition, type), style: 'values' };
    const present = stored(current);
    // Where nothing is shown, the first value makes room.
    const index = Math.max(
      0,
      present.findIndex((value) => decode(value, definition) !== undefined),
    );
    const shown = present[index];
    if (shown !== undefined && decode(shown, definition) === wanted[0]) return { values: present, style: 'values' };
    const others = present.filter((value) => value !== shown);
    const kept = others.filter((other) => typeof other !== 'string' || equalityKey(type, other) !== equalityKey(type, first));
    // The new value must come first to be the one that is shown; only a replace says where it goes.
    return { values: [first, ...kept], style: others.length > 0 ? 'replace' : 'values' };
  };

  /** As the directory compares: it would take another spelling of the placeholder for the placeholder. */
  const placeholderKey = whenEmpty === undefined ? undefined : caseIgnoreKey(whenEmpty);
  const isPlaceholder = (value: LdapValue | ScimValue): boolean => typeof value === 'string' && caseIgnoreKey(value) === placeholderKey;
  const stored = (entry: Entry): readonly LdapValue[] =>
    (single ? shownFirst(entry, ldap) : valuesOf(entry, ldap)).filter((value) => !isPlaceholder(value));

  /** Whoever has some value might have this one: the candidates are looked at one by one. */
  const anyValue: FilterMatch = { filter: { kind: 'present', attribute: ldap }, exact: false };

  return {
    kind: 'text',
    path,
    place,
    definition,
    ldap,
    isPlaceholder,
    get,
    put,
    match(operator, value, { schema }) {
      if (operator !== 'eq') return anyValue;
      const type = schema.attributeType(ldap);
      const assertion = assertionValue(value, definition);
      if (assertion === undefined || isPlaceholder(assertion) || syntaxProblem(type, assertion) !== undefined) {
        return { filter: NOTHING, exact: true };
      }
      const equality: LdapFilter = { kind: 'equality', attribute: ldap, value: assertion };
      // The negation of an attribute that the schema lacks would be undefined: leave it to the check of the candidates.
      if (type === undefined) return { filter: equality, exact: false };
      if (type.equality === undefined || !comparesAlike(definition, type)) return anyValue;
      if (type.equality.startsWith('caseExact') && !definition.caseExact) {
        const matchingRule = type.equality.replace('caseExact', 'caseIgnore');
        return { filter: { kind: 'extensible', attribute: ldap, matchingRule, dnAttributes: false, value: assertion }, exact: false };
      }
      // No directory is as exact as SCIM (it squeezes blanks), and some rules are laxer than caseIgnoreMatch (telephone numbers).
      const agrees = isText(definition) ? !definition.caseExact && type.equality.startsWith('caseIgnore') : true;
      return { filter: equality, exact: agrees && (!single || type.singleValue) };
    },
    matchPresent({ schema }) {
      const type = schema.attributeType(ldap);
      const present: LdapFilter = { kind: 'present', attribute: ldap };
      if (type === undefined || (isText(definition) && whenEmpty === undefined)) return { filter: present, exact: type !== undefined };
      // Of several values one may be the placeholder and another be shown.
      if (whenEmpty === undefined || !type.singleValue) return anyValue;
      return { filter: allOf(present, negate({ kind: 'equality', attribute: ldap, value: whenEmpty })), exact: false };
    },
  };
}

function isText({ type }: AttributeDefinition): boolean {
  return type === 'string' || type === 'reference';
}

/** Whether values that are equal in SCIM are equal in the directory too: numbers and dates have many spellings as text. */
function comparesAlike(definition: AttributeDefinition, { syntax }: LdapAttributeType): boolean {
  if (definition.type === 'boolean') return syntax === BOOLEAN_SYNTAX;
  return definition.type === 'integer' ? syntax === INTEGER_SYNTAX : isText(definition);
}

/** Without the values that SCIM or the directory would take for the same one (RFC 4511 §4.1.7 forbids equal values). */
function distinct(values: readonly string[], definition: AttributeDefinition, type: LdapAttributeType | undefined): readonly string[] {
  const byKey = new Map<string, string>();
  for (const value of values) {
    const key = definition.caseExact ? equalityKey(type, value) : caseIgnoreKey(equalityKey(type, value));
    if (!byKey.has(key)) byKey.set(key, value);
  }
  return [...byKey.values()];
}

/** All values, the one that is shown first: of a naming attribute the RDN's, otherwise the server's first. */
function shownFirst(entry: Entry, ldap: string): readonly LdapValue[] {
  const values = valuesOf(entry, ldap);
  if (values.length < 2) return values;
  const ava = leafRdn(entry.dn)?.find((each) => each.type.toLowerCase() === ldap.toLowerCase());
  if (ava === undefined || typeof ava.value !== 'string') return values;
  const key = caseIgnoreKey(ava.value);
  const index = values.findIndex((value) => typeof value === 'string' && caseIgnoreKey(value) === key);
  const named = values[index];
  return named === undefined ? values : [named, ...values.toSpliced(index, 1)];
}

/** LDAP text as the attribute's SCIM type; undefined when it isn't of that type: kept, and not shown. */
function decode(value: LdapValue, definition: AttributeDefinition): ScimValue | undefined {
  if (typeof value !== 'string') return undefined;
  switch (definition.type) {
    case 'boolean':
      return value === 'TRUE' ? true : value === 'FALSE' ? false : undefined;
    case 'integer':
    case 'decimal': {
      const number = Number(value);
      return value.trim() === '' || !Number.isFinite(number) ? undefined : number;
    }
    case 'dateTime':
      return parseDateTime(value) === undefined ? undefined : value;
    default:
      return value;
  }
}

function encode(value: ScimValue, definition: AttributeDefinition, path: string): string {
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value;
  throw badRequest('invalidValue', `${path}: takes a ${definition.type}`);
}

function refuseUnstorable(value: string, ldap: string, path: string, schema: LdapSchema): void {
  const problem = syntaxProblem(schema.attributeType(ldap), value);
  if (problem !== undefined) throw badRequest('invalidValue', `${path}: ${problem}`);
}

/** A filter literal as LDAP text; undefined when no value of the attribute's type can equal it. */
function assertionValue(value: FilterValue, definition: AttributeDefinition): string | undefined {
  switch (definition.type) {
    case 'boolean':
      return typeof value === 'boolean' ? (value ? 'TRUE' : 'FALSE') : undefined;
    case 'integer':
    case 'decimal':
      return typeof value === 'number' ? String(value) : undefined;
    default:
      return value === null || value === '' || !String(value).isWellFormed() ? undefined : String(value);
  }
}
