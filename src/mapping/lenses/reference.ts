import { dnKey } from '../../ldap/dn.ts';
import { type Entry, type LdapValue, type LinePath, valuesOf } from '../../ldap/entry.ts';
import { NOTHING } from '../../ldap/filter.ts';
import { badRequest } from '../../scim/errors.ts';
import { isObject, newObject, type ScimValue } from '../../scim/resource.ts';
import { findSubAttribute } from '../../scim/resource-type.ts';
import type { AttributeDefinition } from '../../scim/schema.ts';
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
  /** The DN to write for an id; undefined when it names nobody and the line ignores that. @throws ScimError invalidValue otherwise */
  resolve(id: string, context: LensContext): string | undefined;
}

/**
 * SCIM id ↔ DN (RFC 7643 §2.4, RFC 4517 §3.3.9): the manager of a user, the members of a group, the groups of a user.
 * Values that point outside our bases or at nobody are kept by every write and not shown; a placeholder goes with the next write.
 */
export function referenceLens(options: ReferenceLensOptions): ReferenceLens {
  const { path, source, place, definition, ldap, refersTo, whenEmpty, placeholders, unresolved } = options;
  const placeholderKeys = new Set(placeholders.map(dnKey));
  const isPlaceholder = (value: LdapValue): boolean => typeof value === 'string' && placeholderKeys.has(dnKey(value));
  const visible = (value: LdapValue, context: LensContext): ReferencedResource | undefined =>
    typeof value !== 'string' || isPlaceholder(value) ? undefined : context.references.resourceOf(value, refersTo);

  const resolve = (id: string, context: LensContext): string | undefined => {
    const dn = context.references.dnOf(id, refersTo);
    if (dn === undefined && unresolved === 'reject')
      throw badRequest('invalidValue', `${path}: there is no resource with id ${JSON.stringify(id)}`);
    return dn;
  };

  const put = (wanted: readonly ScimValue[], current: Entry, context: LensContext): WantedValues => {
    const dns: string[] = [];
    for (const value of wanted) {
      const dn = resolve(referencedId(value, path), context);
      if (dn !== undefined) dns.push(dn);
    }
    // An unknown manager is ignored as if nobody had been named: the one who is there stays.
    if (place.kind !== 'list' && wanted.length > 0 && dns.length === 0) return { values: valuesOf(current, ldap), style: 'values' };
    const wantedByKey = new Map(dns.map((dn) => [dnKey(dn), dn]));
    const isVisible = (value: LdapValue): boolean => visible(value, context) !== undefined;
    const present = valuesOf(current, ldap).filter((value) => !isPlaceholder(value));
    const [first] = dns;
    if (place.kind !== 'list' && first !== undefined) return exchange(present, present.find(isVisible), first);
    const values = present.filter((value) => !isVisible(value) || (typeof value === 'string' && wantedByKey.has(dnKey(value))));
    for (const value of values) if (typeof value === 'string') wantedByKey.delete(dnKey(value));
    values.push(...wantedByKey.values());
    return { values: values.length === 0 && whenEmpty !== undefined ? [whenEmpty] : values, style: 'values' };
  };

  /** Over a place for one value that one is exchanged and others are left, as of text. The new one comes first: it is to be shown. */
  const exchange = (present: readonly LdapValue[], shown: LdapValue | undefined, dn: string): WantedValues => {
    const key = dnKey(dn);
    if (typeof shown === 'string' && dnKey(shown) === key) return { values: present, style: 'values' };
    const others = present.filter((value) => value !== shown && (typeof value !== 'string' || dnKey(value) !== key));
    return { values: [dn, ...others], style: others.length > 0 ? 'replace' : 'values' };
  };

  return {
    kind: 'reference',
    path,
    source,
    place,
    definition,
    ldap,
    refersTo,
    whenEmpty,
    placeholders,
    unresolved,
    resolve,
    get(entry, context) {
      const shown = valuesOf(entry, ldap).map((value) => visible(value, context));
      const values = shown.filter((each) => each !== undefined).map((each) => show(each, definition));
      return place.kind === 'list' ? values : values.slice(0, 1);
    },
    put,
    match(operator, value, context) {
      if (operator !== 'eq') return { filter: { kind: 'present', attribute: ldap }, exact: false };
      const dn = typeof value === 'string' ? context.references.dnOf(value, refersTo) : undefined;
      // Ids are case-exact (RFC 7643 §3.1), whatever the table makes of them.
      if (dn === undefined || context.references.resourceOf(dn, refersTo)?.id !== value) return { filter: NOTHING, exact: true };
      // Of several values one place shows the first.
      const showsAll = place.kind === 'list' || context.schema.attributeType(ldap)?.singleValue === true;
      return { filter: { kind: 'equality', attribute: ldap, value: dn }, exact: showsAll };
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

/** What clients see of a reference, as far as the attribute's schema has it (RFC 7643 §4.1.2, §4.2, §4.3). */
export const SHOWN_OF_REFERENCES: ReadonlySet<string> = new Set(['value', '$ref', 'type']);

function show(resource: ReferencedResource, definition: AttributeDefinition): ScimValue {
  if (definition.type !== 'complex') return resource.id;
  const object = newObject([['value', resource.id]]);
  if (findSubAttribute(definition, '$ref') !== undefined) object['$ref'] = resource.location;
  const type = findSubAttribute(definition, 'type');
  // On `groups` of a user, `type` says how the membership came about; memberOf names the direct ones.
  if (type !== undefined) {
    if (type.canonicalValues?.includes('direct') === true) object['type'] = 'direct';
    else object['type'] = resource.target === 'users' ? 'User' : 'Group';
  }
  return object;
}
