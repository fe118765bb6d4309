import type { Directory } from '../directory/directory.ts';
import { ALL_RIGHTS } from '../http/credential.ts';
import { type Entry, hasClass, textsOf } from '../ldap/entry.ts';
import { nameBy } from '../mapping/entry-names.ts';
import {
  isReferenceLens,
  isTextLens,
  type KindPlans,
  kindsOf,
  listLensOf,
  markOf,
  type ResourcePlan,
  withUnmarked,
} from '../mapping/plan.ts';
import { idOf } from '../mapping/read-entry.ts';
import { NO_REFERENCES, type ReferenceTarget } from '../mapping/reference-table.ts';
import type { AuditTrail } from '../provisioning/audit.ts';
import { createResource } from '../provisioning/create.ts';
import { findEntry, locate } from '../provisioning/find-entry.ts';
import { freshContext } from '../provisioning/fresh-context.ts';
import { modifyResource } from '../provisioning/modify.ts';
import type { OperationContext } from '../provisioning/operation-context.ts';
import { queryResources } from '../provisioning/query.ts';
import { resolveIds } from '../provisioning/resolve-references.ts';
import { searchPlan } from '../provisioning/search-plan.ts';
import type { GivenReference, GivenResource } from '../rehearsal/given-resource.ts';
import type { Adoptable, Rehearsed, RehearsedWrite } from '../rehearsal/rehearsed.ts';
import { applyPatch } from '../scim/apply-patch.ts';
import { ScimError } from '../scim/errors.ts';
import type { JsonObject } from '../scim/json.ts';
import { readProjection } from '../scim/projection.ts';
import { readPatch } from '../scim/read-patch.ts';
import type { ReadPolicy } from '../scim/read-value.ts';
import { newObject } from '../scim/resource.ts';
import { NO_INTENT_JOURNAL } from '../state/intent-journal.ts';
import type { ExplainedTenant } from './explain-request.ts';
import type { MadeUp } from './made-up.ts';
import { type PlanningDirectory, planningDirectory } from './planning-directory.ts';

/** The SCIM paths by which a client looks for what may be there, in order. */
export type MatchingPaths = Readonly<Record<ReferenceTarget, readonly string[]>>;

/** The members that one request adds: more of them come in several. */
const MEMBERS_PER_REQUEST = 500;

const NO_AUDIT_TRAIL: AuditTrail = { keepsValues: false, open: () => ({ widen: () => undefined, keep: () => undefined }) };
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const LENIENT: ReadPolicy = { unknown: 'ignore', note: () => undefined };

/**
 * What a first cycle of Entra would do: for each resource the look by its matching paths, then the create, or the PATCH of all that is given;
 * managers and members afterwards, when everybody is there. Carried out by the very code that answers clients, one after the other, each
 * seeing what those before it have left, against a directory that only looks as if it were written to.
 *
 * @param directory where the entries come from; it is asked several times for each resource
 */
export async function* rehearseResources(
  tenant: Omit<ExplainedTenant, 'limits'>,
  ownDn: string | undefined,
  directory: Directory,
  madeUp: MadeUp,
  resources: readonly GivenResource[],
  matching: MatchingPaths,
): AsyncGenerator<Rehearsed, void, undefined> {
  const planning = planningDirectory(directory, madeUp);
  const { name, path, publicUrl, plan, paging } = tenant;
  const given = { tenant: name, plan, directory: planning, ownDn, intents: NO_INTENT_JOURNAL, paging, baseUrl: `${publicUrl}${path}` };
  const context: OperationContext = { ...freshContext(given), rights: ALL_RIGHTS, audit: NO_AUDIT_TRAIL, log: SILENT };
  const rehearsal = new Rehearsal(context, planning, matching);
  for (const target of ['users', 'groups'] as const) {
    for (const resource of resources) if (resource.target === target) yield await rehearsal.resource(resource);
  }
  for (const resource of resources) if (resource.references.length > 0) yield* rehearsal.references(resource);
}

/** Somebody who is there by now. */
interface Present {
  readonly id: string;
  readonly plan: ResourcePlan;
  /** Who was in a group before. */
  readonly members: readonly string[];
}

class Rehearsal {
  readonly #context: OperationContext;
  readonly #planning: PlanningDirectory;
  readonly #matching: MatchingPaths;
  readonly #present = new Map<GivenResource, Present>();
  /** SCIM ids by alias, in lower case. */
  readonly #ids = new Map<string, string>();

  constructor(context: OperationContext, planning: PlanningDirectory, matching: MatchingPaths) {
    this.#context = context;
    this.#planning = planning;
    this.#matching = matching;
  }

  async resource(given: GivenResource): Promise<Rehearsed> {
    this.#planning.forgetOperations();
    const plans = this.#plansOf(given);
    try {
      const found = await this.#find(given, plans);
      if (found !== undefined && found.ids.length > 1) return await this.#ambiguous(given, plans, found);
      const [id] = found?.ids ?? [];
      return id === undefined || found === undefined ? await this.#create(given, plans) : await this.#modify(given, plans, found.by, id);
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
      const { status, detail } = error;
      return { kind: 'refused', given, status, detail, adoptable: await this.#adoptable(given, plans) };
    }
  }

  async *references(given: GivenResource): AsyncGenerator<Rehearsed, void, undefined> {
    const present = this.#present.get(given);
    if (present === undefined) return;
    this.#planning.forgetOperations();
    const unknown: string[] = [];
    const listed = new Set<string>();
    let refusal: { readonly status: number; readonly detail: string } | undefined;
    for (const reference of given.references) {
      const { ids, nobody, keys } = await this.#resolve(reference, present.plan);
      unknown.push(...nobody);
      for (const key of keys) listed.add(key);
      for (const operation of operationsFor(reference, ids)) {
        try {
          await modifyResource(this.#context, present.plan, present.id, { Operations: [operation] }, undefined);
        } catch (error) {
          if (!(error instanceof ScimError)) throw error;
          refusal ??= { status: error.status, detail: error.detail };
        }
      }
    }
    const list = listLensOf(present.plan);
    const staying = present.members.filter((value) => list === undefined || !listed.has(list.keyOf(value)));
    yield { kind: 'references', given, unknown, staying, writes: this.#writes(), ...(refusal === undefined ? {} : { refusal }) };
  }

  /** What the first matching path finds that finds anything; undefined: nothing. */
  async #find(given: GivenResource, plans: KindPlans): Promise<{ readonly by: string; readonly ids: readonly string[] } | undefined> {
    for (const by of this.#matching[given.target]) {
      const value = given.values.find(({ path }) => path.toLowerCase() === by.toLowerCase())?.value;
      if (typeof value !== 'string') continue;
      const { Resources: found } = await queryResources(this.#context, plans, { ...NO_QUERY, filter: `${by} eq ${JSON.stringify(value)}` });
      const ids = (found as readonly { readonly id: string }[]).map(({ id }) => id);
      if (ids.length > 0) return { by, ids };
    }
    return undefined;
  }

  async #ambiguous(given: GivenResource, plans: KindPlans, { by, ids }: { by: string; ids: readonly string[] }): Promise<Rehearsed> {
    const entries = await Promise.all(ids.map(async (id) => findEntry(this.#context, await locate(this.#context, plans, id), id, [])));
    return { kind: 'ambiguous', given, by, dns: entries.map(({ dn }) => dn) };
  }

  async #create(given: GivenResource, plans: KindPlans): Promise<Rehearsed> {
    const [{ resourceType }] = plans;
    const body = applyPatch(newObject(), readPatch(patchOf(given), resourceType, LENIENT), LENIENT);
    const created = await createResource(this.#context, plans, body as JsonObject, (type) => readProjection(['id'], undefined, type));
    const { id } = created;
    if (typeof id !== 'string') throw new Error('a new resource has an id');
    const plan = await locate(this.#context, plans, id);
    this.#remember(given, { id, plan, members: [] });
    const writes = this.#writes();
    const dn = writes.findLast(({ after }) => after !== undefined && idOf(plan, after) === id)?.after?.dn ?? '';
    return { kind: 'created', given, plan, dn, writes };
  }

  async #modify(given: GivenResource, plans: KindPlans, by: string, id: string): Promise<Rehearsed> {
    const plan = await locate(this.#context, plans, id);
    const entry = await findEntry(this.#context, plan, id, [listLensOf(plan)?.ldap ?? []].flat());
    const members = membersOf(plan, entry);
    if (given.values.length > 0) await modifyResource(this.#context, plan, id, patchOf(given), undefined);
    this.#remember(given, { id, plan, members });
    return { kind: 'matched', given, plan, by, dn: entry.dn, members, writes: this.#writes() };
  }

  #remember(given: GivenResource, present: Present): void {
    this.#present.set(given, present);
    for (const alias of given.aliases) this.#ids.set(alias.toLowerCase(), present.id);
  }
  /** The ids behind what a line refers to: aliases of others, or ids that are in the directory; and the keys of the values behind them. */
  async #resolve({ path, names }: GivenReference, plan: ResourcePlan) {
    const lens = plan.lenses.filter(isReferenceLens).find(({ place }) => place.path.attribute.name === nameOf(path));
    const wanted = new Map(names.map((name) => [name, (this.#ids.get(name.toLowerCase()) ?? name).toLowerCase()]));
    const resources = await resolveIds(this.#context, wanted.values(), lens?.refersTo ?? []);
    const found = new Map(resources.map((resource) => [resource.id.toLowerCase(), resource]));
    return {
      ids: [...new Set(wanted.values())].filter((id) => found.has(id)),
      nobody: names.filter((name) => !found.has(wanted.get(name) ?? '')),
      keys: resources.flatMap((resource) => {
        const value = nameBy(resource, lens?.by);
        return value === undefined || lens === undefined ? [] : lens.keyOf(value);
      }),
    };
  }

  /** Entries without our mark that hold the name of what was refused. */
  async #adoptable(given: GivenResource, plans: KindPlans): Promise<readonly Adoptable[]> {
    const { schema } = await this.#context.directory.facts();
    const found = plans.map(async (plan): Promise<readonly Adoptable[]> => {
      const mark = markOf(this.#context.plan, plan);
      const lens = plan.lenses.filter(isTextLens).find(({ definition }) => definition.uniqueness === 'server');
      const value = given.values.find(({ path }) => path.toLowerCase() === lens?.path.toLowerCase())?.value;
      if (mark === undefined || lens === undefined || typeof value !== 'string') return [];
      const { filter } = lens.match('eq', value, { schema, references: NO_REFERENCES });
      const attributes = ['objectClass', listLensOf(plan)?.ldap ?? []].flat();
      const entries = await searchPlan(this.#context, withUnmarked(plan), filter, attributes);
      return entries.filter((entry) => !hasClass(entry, mark)).map((entry) => ({ dn: entry.dn, members: membersOf(plan, entry) }));
    });
    return (await Promise.all(found)).flat();
  }

  /** @throws ScimError where the mapping file has no such resources */
  #plansOf({ target }: GivenResource): KindPlans {
    const found = kindsOf(this.#context.plan).find(([first]) => first.target === target);
    if (found === undefined) throw new Error(`the mapping file has no ${target}: no such line was read`);
    return found;
  }

  #writes(): readonly RehearsedWrite[] {
    return this.#planning.operations.flatMap((operation) =>
      operation.kind === 'write' && operation.refused === undefined ? [operation] : [],
    );
  }
}

const NO_QUERY = {
  attributes: ['id'],
  excludedAttributes: undefined,
  sortBy: undefined,
  sortOrder: undefined,
  startIndex: undefined,
  count: undefined,
  cursor: undefined,
} as const;

/** What Entra sends for somebody it has found: a value for each path. */
function patchOf({ values }: GivenResource): JsonObject {
  return { Operations: values.map(({ path, value }) => ({ op: 'Replace', path, value })) };
}

function operationsFor({ path, isList }: GivenReference, ids: readonly string[]): readonly JsonObject[] {
  if (ids.length === 0) return [];
  if (!isList) return [{ op: 'Replace', path, value: ids[0] ?? '' }];
  const parts = Array.from({ length: Math.ceil(ids.length / MEMBERS_PER_REQUEST) }, (_, index) =>
    ids.slice(index * MEMBERS_PER_REQUEST, (index + 1) * MEMBERS_PER_REQUEST),
  );
  return parts.map((part) => ({ op: 'Add', path, value: part.map((value) => ({ value })) }));
}

/** The attribute at the end of a path. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf(':') + 1).replace(/\..*$/, '');
}

function membersOf(plan: ResourcePlan, entry: Entry): readonly string[] {
  const lens = listLensOf(plan);
  if (lens === undefined) return [];
  const placeholder = lens.whenEmpty === undefined ? undefined : lens.keyOf(lens.whenEmpty);
  return textsOf(entry, lens.ldap).filter((value) => lens.keyOf(value) !== placeholder);
}
