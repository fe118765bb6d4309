import { caseIgnoreKey } from '../../ldap/case-ignore.ts';
import { octetKey } from '../../ldap/diff.ts';
import { leafRdn } from '../../ldap/dn.ts';
import { type Entry, type LdapValue, type LinePath, valuesOf } from '../../ldap/entry.ts';
import { equalityKey } from '../../ldap/equality-key.ts';
import { allOf, type LdapFilter, NOTHING, negate } from '../../ldap/filter.ts';
import type { LdapAttributeType } from '../../ldap/schema.ts';
import { syntaxProblem } from '../../ldap/syntaxes.ts';
import { badRequest } from '../../scim/errors.ts';
import { foldCase } from '../../scim/evaluate-filter.ts';
import type { ScimValue } from '../../scim/resource.ts';
import type { AttributeDefinition } from '../../scim/schema.ts';
import type { Encoding } from '../encodings.ts';
import type { FilterMatch, Lens, LensContext, WantedValues } from '../lens.ts';
import type { Place } from '../place.ts';

export interface TextLensOptions {
  readonly path: string;
  readonly source: LinePath;
  readonly place: Place;
  readonly definition: AttributeDefinition;
  readonly ldap: string;
  /** Fits the type of the definition. */
  readonly encoding: Encoding;
  /** Stands in the entry while there is no value, because a class demands one; never shown, never found. */
  readonly whenEmpty: string | undefined;
  /** Whether all values of the attribute are shown, and not only the first; unless said, over a list. */
  readonly takesAll?: boolean;
  /** What becomes of a write to a place for one value, when the entry holds several: `first` exchanges the one that is shown. */
  readonly several?: 'first' | 'refuse';
}

export interface TextLens extends Lens {
  readonly kind: 'text';
  /** Whether a value, stored or sent, only says that there is none (decisions 4). */
  readonly isPlaceholder: (value: LdapValue | ScimValue) => boolean;
  /** Whether nothing but its encoding stands between what is stored and what is shown: the directory's order is SCIM's then. */
  readonly showsStored: boolean;
  /** Stands between the values of the attribute where they are shown as one text; their order doesn't count. */
  readonly separator?: string;
  /** A value that the line takes: this one where it does, otherwise one that is like it. For those who only try. */
  readonly sampleLike: (value: ScimValue) => ScimValue;
}

/**
 * A value there and back.
 *
 * Over a place for one value the first value of the LDAP attribute is shown (of a naming attribute: the one in the RDN). A write
 * exchanges that one and leaves the others; clearing removes them all, for otherwise the next one would come to light. What the steps
 * of a pipe can't show is left in either case.
 * Over a list, values that can't be shown are left where they are.
 */
export function textLens(options: TextLensOptions): TextLens {
  const { path, source, place, definition, ldap, encoding, whenEmpty, takesAll = place.kind === 'list', several = 'first' } = options;
  const single = !takesAll;
  const isText = encoding.name === 'text';
  /** Values outside of what the steps of a pipe show are somebody else's. */
  const keepsHidden = encoding.pipe !== undefined;

  const decode = (value: LdapValue): ScimValue | undefined => encoding.decode(value, definition);
  const isShown = (value: LdapValue): boolean => decode(value) !== undefined;

  const get = (entry: Entry): readonly ScimValue[] => {
    const shown = stored(entry)
      .map(decode)
      .filter((value) => value !== undefined);
    return single ? shown.slice(0, 1) : shown;
  };

  const encode = (value: ScimValue, type: LdapAttributeType | undefined): LdapValue => {
    const encoded = encoding.encode(value, definition);
    if (encoded === undefined) throw badRequest('invalidValue', `${path}: takes ${encoding.takes}`);
    const problem = problemOf(encoded, type);
    if (problem !== undefined) throw badRequest('invalidValue', `${path}: ${problem}`);
    return encoded;
  };

  /** Only of octets the syntax says nothing. */
  const problemOf = (value: LdapValue, type: LdapAttributeType | undefined): string | undefined =>
    typeof value === 'string' && encoding.name !== 'base64' ? syntaxProblem(type, value) : undefined;

  /** A key that two stored values share when they are shown as the same value, however they are written; undefined for what isn't shown. */
  const shownKey = (value: LdapValue): string | undefined => {
    const shown = decode(value);
    const encoded = shown === undefined ? undefined : encoding.encode(shown, definition);
    return encoded === undefined ? undefined : octetKey(encoded);
  };

  /** A key that two values share when the directory would take them for the same one. */
  const storedKey = (value: LdapValue, type: LdapAttributeType | undefined): string =>
    typeof value === 'string' && encoding.name !== 'base64' ? equalityKey(type, value) : octetKey(value);

  const put = (wanted: readonly ScimValue[], current: Entry, { schema }: LensContext): WantedValues => {
    const type = schema.attributeType(ldap);
    const values = wanted.filter((value) => !isPlaceholder(value)).map((value) => encode(value, type));
    const present = stored(current);
    const after = single ? exchangeFirst(present, values[0], type) : exchangeAll(present, values, type);
    if (!single && type?.singleValue === true && after.values.length > 1) {
      throw badRequest('invalidValue', `${path}: the directory holds one value here, and no more`);
    }
    return after.values.length === 0 && whenEmpty !== undefined ? { values: [whenEmpty], style: 'values' } : after;
  };

  const exchangeFirst = (
    present: readonly LdapValue[],
    wanted: LdapValue | undefined,
    type: LdapAttributeType | undefined,
  ): WantedValues => {
    // Where nothing is shown, the first value makes room; what a pipe doesn't show only where there is no room beside it.
    const shown = present.find(isShown) ?? (keepsHidden && type?.singleValue === false ? undefined : present[0]);
    if (wanted !== undefined && shown !== undefined && shownKey(shown) === octetKey(wanted)) return { values: present, style: 'values' };
    if (several === 'refuse' && present.length > 1) {
      throw badRequest('mutability', `${path}: the entry holds several values, and the mapping does not choose between them`);
    }
    if (wanted === undefined) return { values: keepsHidden ? present.filter((value) => !isShown(value)) : [], style: 'values' };
    const others = present.filter((value) => value !== shown);
    const kept = others.filter((other) => storedKey(other, type) !== storedKey(wanted, type));
    // The new value must come first to be the one that is shown; only a replace says where it goes.
    return { values: [wanted, ...kept], style: others.length > 0 ? 'replace' : 'values' };
  };

  const exchangeAll = (present: readonly LdapValue[], wanted: readonly LdapValue[], type: LdapAttributeType | undefined): WantedValues => {
    const wantedByKey = new Map(distinct(wanted, type).map((value) => [octetKey(value), value]));
    const kept = present.filter((value) => {
      const key = shownKey(value);
      return key === undefined || wantedByKey.has(key);
    });
    for (const value of kept) wantedByKey.delete(shownKey(value) ?? '');
    return { values: [...kept, ...wantedByKey.values()], style: 'values' };
  };

  /** Without the values that SCIM or the directory would take for the same one (RFC 4511 §4.1.7 forbids equal values). */
  const distinct = (values: readonly LdapValue[], type: LdapAttributeType | undefined): readonly LdapValue[] => {
    const byKey = new Map<string, LdapValue>();
    for (const value of values) {
      const key = isText && !definition.caseExact ? caseIgnoreKey(storedKey(value, type)) : storedKey(value, type);
      if (!byKey.has(key)) byKey.set(key, value);
    }
    return [...byKey.values()];
  };

  /** As the directory compares: it would take another spelling of the placeholder for the placeholder. */
  const placeholderKey = whenEmpty === undefined ? undefined : caseIgnoreKey(whenEmpty);
  const isPlaceholder = (value: LdapValue | ScimValue): boolean => typeof value === 'string' && caseIgnoreKey(value) === placeholderKey;
  const stored = (entry: Entry): readonly LdapValue[] =>
    (single ? shownFirst(entry, ldap) : valuesOf(entry, ldap)).filter((value) => !isPlaceholder(value));

  /** What to ask the directory for. A pipe may not take a text, and yet one that is the same but for letter case and blanks. */
  const assertionOf = (value: ScimValue): LdapValue | undefined => {
    const folded = keepsHidden && !definition.caseExact && typeof value === 'string' ? foldCase(value) : value;
    return encoding.encode(value, definition) ?? encoding.encode(folded, definition);
  };

  /** Whoever has some value might have this one: the candidates are looked at one by one. */
  const anyValue: FilterMatch = { filter: { kind: 'present', attribute: ldap }, exact: false };

  return {
    kind: 'text',
    path,
    source,
    place,
    definition,
    ldap,
    isPlaceholder,
    showsStored: !keepsHidden,
    sampleLike(value) {
      if (encoding.encode(value, definition) !== undefined) return value;
      return decode(encoding.pipe?.sample ?? (typeof value === 'string' ? value : '')) ?? value;
    },
    get,
    put,
    match(operator, value, { schema }) {
      // What is compared with a complex value is a part of it.
      if (operator !== 'eq' || definition.type === 'complex') return anyValue;
      const type = schema.attributeType(ldap);
      const assertion = value === null ? undefined : assertionOf(value);
      if (assertion === undefined || isPlaceholder(assertion) || problemOf(assertion, type) !== undefined) {
        return { filter: NOTHING, exact: true };
      }
      const equality: LdapFilter = { kind: 'equality', attribute: ldap, value: assertion };
      // The negation of an attribute that the schema lacks would be undefined: leave it to the check of the candidates.
      if (type === undefined) return { filter: equality, exact: false };
      if (type.equality === undefined || !encoding.comparesAlike(type, definition)) return anyValue;
      if (isText && type.equality.startsWith('caseExact') && (!definition.caseExact || encoding.pipe?.isLax === true)) {
        const matchingRule = type.equality.replace('caseExact', 'caseIgnore');
        return { filter: { kind: 'extensible', attribute: ldap, matchingRule, dnAttributes: false, value: assertion }, exact: false };
      }
      // No directory is as exact as SCIM (it squeezes blanks), and some rules are laxer than caseIgnoreMatch (telephone numbers).
      // What is asked for in an odd spelling (base64 without padding) is compared as it was asked.
      const agrees = isText
        ? !definition.caseExact && type.equality.startsWith('caseIgnore') && encoding.pipe?.keepsEquality !== false
        : decode(assertion) === value;
      return { filter: equality, exact: agrees && (!single || type.singleValue) };
    },
    matchPresent({ schema }) {
      const type = schema.attributeType(ldap);
      const present: LdapFilter = { kind: 'present', attribute: ldap };
      if (type === undefined || (encoding.showsAll && whenEmpty === undefined)) return { filter: present, exact: type !== undefined };
      // Of several values one may be the placeholder and another be shown.
      if (whenEmpty === undefined || !type.singleValue) return anyValue;
      return { filter: allOf(present, negate({ kind: 'equality', attribute: ldap, value: whenEmpty })), exact: false };
    },
  };
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
