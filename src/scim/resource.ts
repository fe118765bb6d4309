import type { AttributePath } from './attribute-path.ts';

/** A value inside a resource. Absent things are absent: no null, no empty text, no empty list or object. */
export type ScimValue = string | number | boolean | ScimObject | readonly ScimValue[];

/**
 * A resource, a complex value or the object under an extension's URN: the JSON shape of RFC 7643, with canonical names.
 * It inherits nothing, so that no name a client invents can reach anything.
 */
export interface ScimObject {
  readonly [name: string]: ScimValue | undefined;
}

/** A `ScimObject` while it is being built. */
export interface ScimObjectDraft {
  [name: string]: ScimValue | undefined;
}

/**
 * Makes objects whose prototype is empty, has none itself and takes nothing. V8 handles them like any others; what `Object.create(null)`
 * makes is a hash table to it, which takes forty times as long to fill.
 */
const Bare = function (): void {} as unknown as { new (): ScimObjectDraft; prototype: object };
Bare.prototype = Object.freeze(Object.create(null) as object);

export function newObject(members: Iterable<readonly [string, ScimValue]> = []): ScimObjectDraft {
  const object = new Bare();
  for (const [name, value] of members) object[name] = value;
  return object;
}

export function copyObject(object: ScimObject): ScimObjectDraft {
  return Object.assign(newObject(), object);
}

export function isObject(value: unknown): value is ScimObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly ScimValue[] {
  return Array.isArray(value);
}

/** Whether there is nothing to show: undefined, a list or object without content. */
export function isAbsent(value: ScimValue | undefined): value is undefined {
  if (value === undefined) return true;
  if (isList(value)) return value.length === 0;
  return isObject(value) && !hasMembers(value);
}

function hasMembers(object: ScimObject): boolean {
  for (const name in object) if (object[name] !== undefined) return true;
  return false;
}

/** The object that holds an attribute: the resource itself, or the one under the extension's URN. */
function containerOf(resource: ScimObject, path: Pick<AttributePath, 'schema' | 'isExtension'>): ScimObject | undefined {
  if (!path.isExtension) return resource;
  const extension = resource[path.schema.id];
  return isObject(extension) ? extension : undefined;
}

/** The value of a whole attribute (`path.sub` and `path.valueFilter` are not looked at). */
export function attributeAt(resource: ScimObject, path: AttributePath): ScimValue | undefined {
  return containerOf(resource, path)?.[path.attribute.name];
}

/** The resource with one whole attribute set, or removed when the value is absent. The given resource stays as it was. */
export function withAttribute(resource: ScimObject, path: AttributePath, value: ScimValue | undefined): ScimObject {
  const container = copyObject(containerOf(resource, path) ?? newObject());
  if (isAbsent(value)) delete container[path.attribute.name];
  else container[path.attribute.name] = value;
  if (!path.isExtension) return container;
  const outer = copyObject(resource);
  if (isAbsent(container)) delete outer[path.schema.id];
  else outer[path.schema.id] = container;
  return outer;
}

/** The elements of a multi-valued attribute, or the one value of a single-valued one; empty when absent. */
export function elementsOf(value: ScimValue | undefined): readonly ScimValue[] {
  if (value === undefined) return [];
  return isList(value) ? value : [value];
}
