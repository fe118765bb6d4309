import { referencedId } from '../mapping/lenses/reference.ts';
import { valuesAt } from '../mapping/place.ts';
import { isReferenceLens, isWritten, kindsOf, type Plan, type ResourcePlan } from '../mapping/plan.ts';
import type { ReferenceTarget } from '../mapping/reference-table.ts';
import { badRequest } from '../scim/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../scim/json.ts';
import { readResource } from '../scim/read-resource.ts';
import { caseInsensitiveMember } from '../scim/read-value.ts';

/** A user or a group as a client knows it, taken apart into what Entra sends: a value for each path of its attribute mapping. */
export interface GivenResource {
  /** In its file, from 1. */
  readonly line: number;
  readonly target: ReferenceTarget;
  /** What the report calls it. */
  readonly name: string;
  /** By what other lines may refer to it: `id`, `externalId`, and its name. */
  readonly aliases: readonly string[];
  readonly values: readonly GivenValue[];
  readonly references: readonly GivenReference[];
}

export interface GivenValue {
  /** SCIM path, as in the mapping file. */
  readonly path: string;
  readonly value: JsonValue;
}

/** A cell of a table, and the path of its column. */
export interface GivenCell {
  readonly path: string;
  readonly value: string;
}

/** The manager, the members: what they refer to by an alias of another line, or by a SCIM id. */
export interface GivenReference {
  readonly path: string;
  readonly isList: boolean;
  readonly names: readonly string[];
}

/** What a resource is called. */
const NAME: Readonly<Record<ReferenceTarget, string>> = { users: 'userName', groups: 'displayName' };

/**
 * Reads a resource in SCIM form: a user, unless it says that it is a group, or has members.
 *
 * @throws ScimError for what is no resource of the schemas
 */
export function readGivenResource(json: JsonValue, line: number, plan: Plan): GivenResource {
  if (!isJsonObject(json)) throw badRequest('invalidSyntax', 'a line holds one JSON object');
  const target = targetOf(json);
  const mapped = planOf(plan, target);
  const resource = readResource(json, mapped.resourceType, { unknown: 'ignore', note: () => undefined });
  const lenses = mapped.lenses.filter((lens) => isWritten(lens) && lens.kind !== 'constant');
  const values = new Map<string, JsonValue>();
  const references: GivenReference[] = [];
  for (const lens of lenses) {
    const found = valuesAt(lens.place, resource);
    const [first] = found;
    if (first === undefined) continue;
    const isList = lens.place.kind === 'list';
    if (isReferenceLens(lens)) {
      const path = isList ? lens.place.path.attribute.name : lens.path;
      references.push({ path, isList, names: found.map((value) => referencedId(value, lens.path)) });
    } else if (isList) {
      const { attribute, isExtension, schema } = lens.place.path;
      const holder = isExtension ? resource[schema.id] : resource;
      const path = isExtension ? `${schema.id}:${attribute.name}` : attribute.name;
      values.set(path, (holder as JsonObject)[attribute.name] ?? null);
    } else values.set(lens.path, first as JsonValue);
  }
  return {
    line,
    target,
    ...namesOf(target, (path) => caseInsensitiveMember(json, path.toLowerCase())),
    values: [...values].map(([path, value]) => ({ path, value })),
    references,
  };
}

/** Reads a row of a table, of which each column is a path; an empty cell says nothing. */
export function readGivenRow(cells: readonly GivenCell[], target: ReferenceTarget, line: number, plan: Plan): GivenResource {
  const filled = cells.filter(({ value }) => value !== '');
  const lensOf = (path: string) => planOf(plan, target).lenses.find((lens) => lens.path.toLowerCase() === path.toLowerCase());
  const isReference = ({ path }: GivenCell): boolean => lensOf(path)?.kind === 'reference';
  const references = filled.filter(isReference).map(({ path, value }) => {
    const isList = lensOf(path)?.place.kind === 'list';
    return {
      path,
      isList,
      names: isList ? value.split(';').map((each) => each.trim()) : [value],
    };
  });
  return {
    line,
    target,
    ...namesOf(target, (name) => filled.find(({ path }) => path.toLowerCase() === name.toLowerCase())?.value),
    values: filled.filter((cell) => !isReference(cell) && cell.path.toLowerCase() !== 'id'),
    references,
  };
}

function namesOf(target: ReferenceTarget, valueOf: (path: string) => JsonValue | undefined): Pick<GivenResource, 'name' | 'aliases'> {
  const texts = [NAME[target], 'externalId', 'id'].map(valueOf).filter((value) => typeof value === 'string');
  return { name: texts[0] ?? '', aliases: texts };
}

function targetOf(json: JsonObject): ReferenceTarget {
  const schemas = caseInsensitiveMember(json, 'schemas');
  const isGroup = Array.isArray(schemas) && schemas.some((urn) => typeof urn === 'string' && urn.toLowerCase().endsWith(':core:2.0:group'));
  const hasMembers = caseInsensitiveMember(json, 'members') !== undefined && caseInsensitiveMember(json, 'username') === undefined;
  return isGroup || hasMembers ? 'groups' : 'users';
}

/** @throws ScimError where the mapping file has no such resources */
function planOf(plan: Plan, target: ReferenceTarget): ResourcePlan {
  const found = kindsOf(plan).find(([first]) => first.target === target);
  if (found === undefined) throw badRequest('invalidValue', 'the mapping file has no groups');
  return found[0];
}
