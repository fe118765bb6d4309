import { attributeKey } from '../ldap/attribute-description.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import { parseGeneralizedTime } from '../ldap/generalized-time.ts';
import { formatGuid } from '../ldap/guid.ts';
import { octetsOf } from '../ldap/octets.ts';
import type { AttributePath } from '../scim/attribute-path.ts';
import type { Projection } from '../scim/projection.ts';
import { isAbsent, isObject, newObject, type ScimObject, type ScimObjectDraft, type ScimValue } from '../scim/resource.ts';
import type { Lens, LensContext } from './lens.ts';
import { sameElement, valuesIn, withValuesIn } from './place.ts';
import { isPasswordAttribute, isReferenceLens, isReverseLens, isStateLens, type ResourcePlan } from './plan.ts';
import type { StoredReference } from './reference-table.ts';
import type { Template } from './template.ts';

/** The SCIM id of an entry; undefined when it can't be read, and then the entry doesn't exist for us. */
export function idOf(plan: ResourcePlan, entry: Entry): string | undefined {
  const [id] = valuesOf(entry, plan.id);
  if (plan.idEncoding === 'guid') return id === undefined ? undefined : formatGuid(octetsOf(id));
  return typeof id === 'string' && id !== '' ? id : undefined;
}

const findLenses = remembered((plan, projection: Projection): readonly Lens[] =>
  plan.lenses.filter(({ place }) => projection.includes(place.path.attribute, place.kind === 'element' ? undefined : place.path.sub)),
);

/** The lines that an answer needs: those whose place the projection includes. An element is read whole: a constant shows what else it has. */
export function lensesFor(plan: ResourcePlan, projection: Projection | undefined): readonly Lens[] {
  return projection === undefined ? plan.lenses : findLenses(plan, projection);
}

/** The LDAP attributes to ask for, so that these lines of the plan and `id` and `meta` can be read. */
export const attributesToRead = remembered((plan, lenses: readonly Lens[]): readonly string[] =>
  distinctNames([
    plan.id,
    plan.meta.created,
    plan.meta.lastModified,
    plan.meta.version,
    // A password is never read: not even its hash comes near us.
    ...lenses.filter(({ kind }) => kind !== 'password').flatMap((lens) => lens.ldap ?? []),
    // Where the groups of a user are found in reverse, they are found by these.
    ...(lenses.some(isReverseLens) ? plan.namedBy : []),
  ]),
);

/** The same, with what has to be known of an entry before it can be changed: its classes, its name, what is generated and from what. */
export const attributesToWrite = remembered((plan, lenses: readonly Lens[]): readonly string[] => {
  const mentioned = plan.generated.flatMap((line) => {
    if (line.kind === 'random') return [];
    return [line.ldap, ...(line.kind === 'number' ? [] : line.templates.flatMap(ldapBlanks))];
  });
  const { set = [], clear = [] } = plan.lenses.find(isStateLens)?.whenInactive ?? {};
  const beside = [...set.map(({ name }) => name), ...clear];
  return readable(plan, [...attributesToRead(plan, lenses), 'objectClass', plan.rdn, ...plan.namedBy, ...mentioned, ...beside]);
});

/** Without passwords, which are cleared unread. */
function readable(plan: ResourcePlan, names: readonly string[]): readonly string[] {
  return distinctNames(names.filter((name) => !isPasswordAttribute(plan, name)));
}

/** The same function, which finds out once what follows from a plan and another thing that doesn't change, while both are there. */
function remembered<Key extends object, T extends object>(find: (plan: ResourcePlan, key: Key) => T): (plan: ResourcePlan, key: Key) => T {
  const byPlan = new WeakMap<ResourcePlan, WeakMap<Key, T>>();
  return (plan, key) => {
    const ofPlan = byPlan.get(plan) ?? new WeakMap<Key, T>();
    const found = ofPlan.get(key) ?? find(plan, key);
    byPlan.set(plan, ofPlan.set(key, found));
    return found;
  };
}

function distinctNames(names: readonly string[]): readonly string[] {
  return [...new Map(names.map((name) => [attributeKey(name), name])).values()];
}

/** What has to be known of an entry before it can be deleted; of one that is kept afterwards also its name, its state and its classes. */
export function attributesToDelete(plan: ResourcePlan): readonly string[] {
  const { onDelete, lenses } = plan;
  const known = [plan.id, plan.meta.version, ...plan.namedBy];
  if (onDelete.kind === 'remove') return known;
  const { set = [], clear = [] } = lenses.find(isStateLens)?.whenInactive ?? {};
  return readable(plan, [
    ...known,
    'objectClass',
    plan.rdn,
    ...ldapBlanks(onDelete.rdn),
    ...onDelete.set.flatMap(({ ldap, template }) => [ldap, ...ldapBlanks(template)]),
    ...onDelete.clear,
    ...lenses.filter(isStateLens).flatMap(({ ldap }) => ldap ?? []),
    ...set.map(({ name }) => name),
    ...clear,
    ...(onDelete.kind === 'deactivate' ? [onDelete.mark.ldap] : []),
  ]);
}

function ldapBlanks({ parts }: Template): readonly string[] {
  return parts.flatMap((part) => (part.kind === 'ldap' ? part.attribute : []));
}

/** What in an entry has to be resolved before these lines can be read. */
export function storedReferences(lenses: readonly Lens[], entry: Entry): readonly StoredReference[] {
  return lenses.filter(isReferenceLens).flatMap(({ ldap, by, refersTo: targets }) =>
    valuesOf(entry, ldap)
      .filter((value) => typeof value === 'string')
      .map((value) => ({ value, by, targets })),
  );
}

/**
 * An entry as a SCIM resource: what the lines read, `id`, `meta` and `schemas` (RFC 7643 §3.1). Nothing that is absent is there.
 *
 * @param location absolute URL of the resource
 */
export function readEntry(plan: ResourcePlan, lenses: readonly Lens[], entry: Entry, location: string, context: LensContext): ScimObject {
  const resource = newObject();
  for (const group of groupsOf(plan, lenses)) {
    const { path } = group;
    const value = readAttribute(group, entry, context);
    if (isAbsent(value)) continue;
    if (path.isExtension) extensionOf(resource, path)[path.attribute.name] = value;
    else resource[path.attribute.name] = value;
  }
  const read = newObject([['schemas', schemasOf(plan, resource)]]);
  const id = idOf(plan, entry);
  if (id !== undefined) read['id'] = id;
  Object.assign(read, resource);
  read['meta'] = readMeta(plan, entry, location);
  return read;
}

function extensionOf(resource: ScimObjectDraft, { schema }: AttributePath): ScimObjectDraft {
  const present = resource[schema.id];
  if (isObject(present)) return present;
  const extension = newObject();
  resource[schema.id] = extension;
  return extension;
}

/** The lines of one attribute. */
interface LensGroup {
  readonly path: AttributePath;
  readonly lenses: readonly Lens[];
  /** Constants: each adds to an element that has something of its own; it doesn't make one. */
  readonly parts: readonly { readonly constant: Lens; readonly siblings: readonly Lens[] }[];
}

const groupsOf = remembered((_plan, lenses: readonly Lens[]): readonly LensGroup[] =>
  [...Map.groupBy(lenses, ({ place }) => place.path.attribute).values()].flatMap((group) => {
    const [first] = group;
    const isPart = ({ kind, place }: Lens): boolean => kind === 'constant' && place.kind === 'element';
    const parts = group.filter(isPart).map((constant) => ({ constant, siblings: siblingsOf(constant, group) }));
    return first === undefined ? [] : [{ path: first.place.path, lenses: group.filter((lens) => !isPart(lens)), parts }];
  }),
);

function siblingsOf({ place }: Lens, lenses: readonly Lens[]): readonly Lens[] {
  return lenses.filter(
    (lens) => lens.kind !== 'constant' && place.kind === 'element' && lens.place.kind === 'element' && sameElement(lens.place, place),
  );
}

function readAttribute({ lenses, parts }: LensGroup, entry: Entry, context: LensContext): ScimValue | undefined {
  let value: ScimValue | undefined;
  for (const lens of lenses) value = withValuesIn(lens.place, value, lens.get(entry, context));
  for (const { constant, siblings } of parts) {
    const isThere = siblings.some(({ place }) => valuesIn(place, value).length > 0);
    if (isThere) value = withValuesIn(constant.place, value, constant.get(entry, context));
  }
  return value;
}

function schemasOf(plan: ResourcePlan, resource: ScimObject): readonly string[] {
  const { schema, extensions } = plan.resourceType;
  return [schema.id, ...extensions.map((extension) => extension.id).filter((urn) => resource[urn] !== undefined)];
}

function readMeta(plan: ResourcePlan, entry: Entry, location: string): ScimObject {
  const meta = newObject([['resourceType', plan.resourceType.name]]);
  const created = readTime(entry, plan.meta.created);
  const lastModified = readTime(entry, plan.meta.lastModified);
  const version = versionOf(plan, entry);
  if (created !== undefined) meta['created'] = created;
  if (lastModified !== undefined) meta['lastModified'] = lastModified;
  meta['location'] = location;
  if (version !== undefined) meta['version'] = version;
  return meta;
}

/** The entity tag of an entry's state (RFC 7644 §3.14): weak, for it says nothing of the bytes of an answer. */
export function versionOf(plan: ResourcePlan, entry: Entry): string | undefined {
  const [version] = valuesOf(entry, plan.meta.version);
  return typeof version === 'string' ? `W/"${version}"` : undefined;
}

function readTime(entry: Entry, attribute: string): ScimValue | undefined {
  const [value] = valuesOf(entry, attribute);
  return typeof value === 'string' ? parseGeneralizedTime(value) : undefined;
}
