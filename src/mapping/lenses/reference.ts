import { dnKey } from '../../ldap/dn.ts';
import { type Entry, type LdapValue, type LinePath, valuesOf } from '../../ldap/entry.ts';
import { NOTHING } from '../../ldap/filter.ts';
import { badRequest } from '../../scim/errors.ts';
import { isObject, newObject, type ScimValue } from '../../scim/resource.ts';
import { findSubAttribute } from '../../scim/resource-type.ts';
import type { AttributeDefinition } from '../../scim/schema.ts';
import { nameBy } from '../entry-names.ts';
import type { Lens, LensContext, WantedValues } from '../lens.ts';
import type { Place } from '../place.ts';
import type { ReferencedResource, ReferenceTarget } from '../reference-table.ts';

export interface ReferenceLensOptions {
  readonly path: string;
  readonly source: LinePath;
  readonly place: Place;
  readonly definition: AttributeDefinition;
  readonly ldap: string;
  readonly refersTo: readonly ReferenceTarget[];
  /** Attribute of what is referred to whose value stands here (RFC 2307's memberUid: `uid`), as `attributeKey`; undefined: its DN. */
  readonly by: string | undefined;
  /** DN that stands in the entry while there is no reference, because a class demands one; never shown, never found. */
  readonly whenEmpty: string | undefined;
  /** The `whenEmpty` DNs of all lines of the file: slapo-refint puts its one placeholder into every attribute that it maintains. */
  readonly placeholders: readonly string[];
  /** What to do with an id that names nobody. */
  readonly unresolved: 'reject' | 'ignore';
}

export interface ReferenceLens extends Lens, Omit<ReferenceLensOptions, 'path' | 'place' | 'definition' | 'ldap'> {
  readonly kind: 'reference';
  readonly ldap: string;
  /**
   * The value to write for an id; undefined when it names nobody and the line ignores that.
   *
   * @throws ScimError invalidValue otherwise, and for a resource without a name that it could be referred to by
   */
  resolve(id: string, context: LensContext): string | undefined;
  /** The value that stands for an id, if it stands here; undefined when it names nobody. */
  valueOf(id: string, context: LensContext): string | undefined;
  /** A key that two values share when they stand for the same resource. */
  keyOf(value: string): string;
  /** @throws ScimError invalidValue when a value stands for the entry itself: no group is a member of itself */
  refuseItself(value: string, id: string, entry: Pick<Entry, 'dn'>): void;
}

/**
 * SCIM id ↔ DN (RFC 7643 §2.4, RFC 4517 §3.3.9), or another name of the entry: the manager of a user, the members of a group, the
 * groups of a user.
 * Values that point outside our bases or at nobody are kept by every write and not shown; a placeholder goes with the next write.
 */
export function referenceLens(options: ReferenceLensOptions): ReferenceLens {
  const { path, source, place, definition, ldap, refersTo, by, whenEmpty, placeholders, unresolved } = options;
  const keyOf = (value: string): string => (by === undefined ? dnKey(value) : value);
  const placeholderKeys = new Set(placeholders.map(keyOf));
  const isPlaceholder = (value: LdapValue): boolean => typeof value === 'string' && placeholderKeys.has(keyOf(value));
  const visible = (value: LdapValue, { references }: LensContext): ReferencedResource | undefined => {
    const resource = typeof value === 'string' ? references.resourceOf(value, refersTo, by) : undefined;
    return resource === undefined || isPlaceholder(value) ? undefined : resource;
  };

  const valueOf = (id: string, { references }: LensContext): string | undefined => {
    const resource = references.resourceWithId(id, refersTo);
    return resource === undefined ? undefined : nameBy(resource, by);
  };

  const resolve = (id: string, context: LensContext): string | undefined => {
    const value = valueOf(id, context);
    if (value !== undefined || unresolved === 'ignore') return value;
    const exists = context.references.resourceWithId(id, refersTo) !== undefined;
    const reason = exists ? `has no ${by} by which it could be named` : `names no ${refersTo.map((each) => NOUNS[each]).join(' or ')}`;
    throw badRequest('invalidValue', `${path}: the id ${JSON.stringify(id)} ${reason}`);
  };

  const put = (wanted: readonly ScimValue[], current: Entry, context: LensContext): WantedValues => {
    const resolved = wanted.flatMap((value) => {
      const id = referencedId(value, path);
      const reference = resolve(id, context);
      if (reference !== undefined && place.kind === 'list') refuseItself(reference, id, current);
      return reference ?? [];
    });
    // An unknown manager is ignored as if nobody had been named: the one who is there stays.
    if (place.kind !== 'list' && wanted.length > 0 && resolved.length === 0) return { values: valuesOf(current, ldap), style: 'values' };
    const wantedByKey = new Map(resolved.map((value) => [keyOf(value), value]));
    const isVisible = (value: LdapValue): boolean => visible(value, context) !== undefined;
    const present = valuesOf(current, ldap).filter((value) => !isPlaceholder(value));
    const [first] = resolved;
    if (place.kind !== 'list' && first !== undefined) return exchange(present, present.find(isVisible), first);
    const values = present.filter((value) => !isVisible(value) || (typeof value === 'string' && wantedByKey.has(keyOf(value))));
    for (const value of values) if (typeof value === 'string') wantedByKey.delete(keyOf(value));
    values.push(...wantedByKey.values());
    return { values: values.length === 0 && whenEmpty !== undefined ? [whenEmpty] : values, style: 'values' };
  };

  /** Over a place for one value that one is exchanged and others are left, as of text. The new one comes first: it is to be shown. */
  const exchange = (present: readonly LdapValue[], shown: LdapValue | undefined, wanted: string): WantedValues => {
    const key = keyOf(wanted);
    if (typeof shown === 'string' && keyOf(shown) === key) return { values: present, style: 'values' };
    const others = present.filter((value) => value !== shown && (typeof value !== 'string' || keyOf(value) !== key));
    return { values: [wanted, ...others], style: others.length > 0 ? 'replace' : 'values' };
  };

  const refuseItself = (value: string, id: string, { dn }: Pick<Entry, 'dn'>): void => {
    if (by !== undefined || keyOf(value) !== keyOf(dn)) return;
    throw badRequest('invalidValue', `${path}: the id ${JSON.stringify(id)} is that of the resource itself`);
  };

  return {
    kind: 'reference',
    path,
    source,
    place,
    definition,
    ldap,
    refersTo,
    by,
    whenEmpty,
    placeholders,
    unresolved,
    resolve,
    valueOf,
    keyOf,
    refuseItself,
    get(entry, context) {
      const shown = valuesOf(entry, ldap).map((value) => visible(value, context));
      const values = shown.filter((each) => each !== undefined).map((each) => show(each, definition));
      return place.kind === 'list' ? values : values.slice(0, 1);
    },
    put,
    match(operator, value, context) {
      if (operator !== 'eq') return { filter: { kind: 'present', attribute: ldap }, exact: false };
      const resource = typeof value === 'string' ? context.references.resourceWithId(value, refersTo) : undefined;
      const assertion = resource === undefined ? undefined : nameBy(resource, by);
      // Ids are case-exact (RFC 7643 §3.1), whatever the table makes of them.
      if (assertion === undefined || resource?.id !== value) return { filter: NOTHING, exact: true };
      // Of several values one place shows the first.
      const showsAll = place.kind === 'list' || context.schema.attributeType(ldap)?.singleValue === true;
      return { filter: { kind: 'equality', attribute: ldap, value: assertion }, exact: showsAll };
    },
    matchPresent: () => ({ filter: { kind: 'present', attribute: ldap }, exact: false }),
  };
}

/** The id in a reference: the `value` of a complex one, or the text itself. */
export function referencedId(value: ScimValue, path: string): string {
  const id = isObject(value) ? value['value'] : value;
  if (typeof id !== 'string') throw badRequest('invalidValue', `${path}: has no value`);
  return id;
}

const NOUNS: Readonly<Record<ReferenceTarget, string>> = { users: 'user', groups: 'group' };

/** What clients see of a reference, as far as the attribute's schema has it (RFC 7643 §4.1.2, §4.2, §4.3). */
export const SHOWN_OF_REFERENCES: ReadonlySet<string> = new Set(['value', '$ref', 'type']);

/**
 * A resource as a reference shows it.
 *
 * @param direct whether it is referred to by the entry itself
 */
export function show(resource: ReferencedResource, definition: AttributeDefinition, direct = true): ScimValue {
  if (definition.type !== 'complex') return resource.id;
  const object = newObject([['value', resource.id]]);
  if (findSubAttribute(definition, '$ref') !== undefined) object['$ref'] = resource.location;
  const type = findSubAttribute(definition, 'type');
  // On `groups` of a user, `type` says how the membership came about; memberOf names the direct ones.
  if (type !== undefined) {
    if (type.canonicalValues?.includes('direct') === true) object['type'] = direct ? 'direct' : 'indirect';
    else object['type'] = resource.target === 'users' ? 'User' : 'Group';
  }
  return object;
}
