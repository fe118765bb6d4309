import type { AttributePath } from './attribute-path.ts';
import { parseAttributePath } from './parse-attribute-path.ts';
import { isAbsent, isList, isObject, newObject, type ScimObject, type ScimObjectDraft, type ScimValue } from './resource.ts';
import type { ResourceType } from './resource-type.ts';
import type { AttributeDefinition } from './schema.ts';

/** Which attributes a client wants in the answer (RFC 7644 §3.9). */
export interface Projection {
  /** Whether an attribute, or one of its sub-attributes, belongs into the answer. */
  includes(attribute: AttributeDefinition, sub?: AttributeDefinition): boolean;
}

/**
 * Reads `attributes` and `excludedAttributes`. Names that no schema knows are ignored: a name alone can't be wrong (RFC 7644 §3.9).
 * With both given, the second narrows the first. `returned: always` stays and `returned: never` goes, whatever is asked for.
 * A path with a filter counts as its attribute, which is what Microsoft's own collection means by `emails[type eq "work"]`.
 */
export function readProjection(
  attributes: readonly string[] | undefined,
  excludedAttributes: readonly string[] | undefined,
  resourceType: ResourceType,
): Projection {
  if (attributes === undefined && excludedAttributes === undefined) return DEFAULT_PROJECTION;
  return projectionOf(
    attributes === undefined ? undefined : readPaths(attributes, resourceType),
    readPaths(excludedAttributes ?? [], resourceType),
  );
}

function projectionOf(wanted: Paths | undefined, unwanted: Paths): Projection {
  return {
    includes(attribute, sub) {
      const leaf = sub ?? attribute;
      if (attribute.returned === 'never' || leaf.returned === 'never') return false;
      if (attribute.returned === 'always') return true;
      if (wanted === undefined && (attribute.returned === 'request' || leaf.returned === 'request')) return false;
      if (wanted !== undefined && !names(wanted, attribute, sub)) return false;
      return !excludes(unwanted, attribute, sub);
    },
  };
}

/** Of those who ask for nothing special: one for all, so that what follows from it is found out once. */
const DEFAULT_PROJECTION = projectionOf(undefined, new Map());

/** For each attribute the sub-attributes that were named, or `whole`. */
type Paths = ReadonlyMap<AttributeDefinition, 'whole' | ReadonlySet<AttributeDefinition>>;

function readPaths(texts: readonly string[], resourceType: ResourceType): Paths {
  const paths = new Map<AttributeDefinition, 'whole' | Set<AttributeDefinition>>();
  const add = ({ attribute, sub }: Pick<AttributePath, 'attribute' | 'sub'>): void => {
    const present = paths.get(attribute);
    if (sub === undefined) paths.set(attribute, 'whole');
    else if (present === undefined) paths.set(attribute, new Set([sub]));
    else if (present !== 'whole') present.add(sub);
  };
  for (const text of texts) {
    const parsed = parseAttributePath(text, resourceType);
    if (parsed.kind === 'attribute') add(parsed.path);
    if (parsed.kind === 'schema') for (const attribute of parsed.schema.attributes) add({ attribute });
  }
  return paths;
}

function names(paths: Paths, attribute: AttributeDefinition, sub: AttributeDefinition | undefined): boolean {
  const named = paths.get(attribute);
  if (named === undefined) return false;
  return named === 'whole' || sub === undefined || named.has(sub);
}

function excludes(paths: Paths, attribute: AttributeDefinition, sub: AttributeDefinition | undefined): boolean {
  const named = paths.get(attribute);
  if (named === undefined) return false;
  return named === 'whole' || (sub !== undefined && named.has(sub));
}

/** The resource with just what the projection includes; extensions that end empty are left out, of `schemas` too. */
export function project(resource: ScimObject, projection: Projection, resourceType: ResourceType): ScimObject {
  const projected = newObject();
  for (const [name, value] of Object.entries(resource)) {
    if (value === undefined) continue;
    const extension = resourceType.extensions.find((schema) => schema.id === name);
    const kept =
      extension === undefined
        ? projectMember(name, value, projection, (each) => resourceType.findAttribute(each, resourceType.schema)?.attribute)
        : isObject(value)
          ? projectMembers(value, projection, (each) => resourceType.findAttribute(each, extension)?.attribute)
          : undefined;
    if (!isAbsent(kept)) projected[name] = kept;
  }
  if (isList(projected['schemas'])) {
    const present = projected['schemas'].filter(
      (urn) => urn === resourceType.schema.id || (typeof urn === 'string' && projected[urn] !== undefined),
    );
    projected['schemas'] = present;
  }
  return projected;
}

type FindAttribute = (name: string) => AttributeDefinition | undefined;

function projectMembers(members: ScimObject, projection: Projection, find: FindAttribute): ScimObject {
  const projected: ScimObjectDraft = newObject();
  for (const [name, value] of Object.entries(members)) {
    const kept = value === undefined ? undefined : projectMember(name, value, projection, find);
    if (!isAbsent(kept)) projected[name] = kept;
  }
  return projected;
}

function projectMember(name: string, value: ScimValue, projection: Projection, find: FindAttribute): ScimValue | undefined {
  const attribute = find(name);
  if (attribute === undefined || !projection.includes(attribute)) return undefined;
  if (attribute.type !== 'complex') return value;
  if (isList(value)) {
    const elements = value.map((element) => projectSubs(element, attribute, projection));
    return elements.filter((element) => !isAbsent(element));
  }
  return projectSubs(value, attribute, projection);
}

function projectSubs(value: ScimValue, attribute: AttributeDefinition, projection: Projection): ScimValue {
  if (!isObject(value)) return value;
  const projected = newObject();
  for (const sub of attribute.subAttributes) {
    const member = value[sub.name];
    if (member !== undefined && projection.includes(attribute, sub)) projected[sub.name] = member;
  }
  return projected;
}
