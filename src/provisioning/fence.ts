import { unlessNoSuchObject } from '../directory/directory-error.ts';
import { attributeTypeOf } from '../ldap/attribute-description.ts';
import { ChangeRefused, carryOut } from '../ldap/carry-out.ts';
import type { Change } from '../ldap/change.ts';
import { dnKey, isWithin, leafRdn } from '../ldap/dn.ts';
import type { Entry } from '../ldap/entry.ts';
import { evaluateLdapFilter } from '../ldap/evaluate-ldap-filter.ts';
import { ANY_ENTRY, allOf, anyOf, type LdapFilter, mentionedAttributes, negate } from '../ldap/filter.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { type EntryNames, entryNames, nameBy } from '../mapping/entry-names.ts';
import { listLensOf, type Plan, plansOf, type ResourcePlan, withUnmarked } from '../mapping/plan.ts';
import { badRequest, ScimError } from '../scim/errors.ts';
import { inChunks } from './in-chunks.ts';
import type { OperationContext } from './operation-context.ts';
import { searchPlan } from './search-plan.ts';

/**
 * The fence: entries that are never written, whoever asks (`protected` in the mapping file; decisions 1).
 *
 * - what is named under `below`, and all below it; where that is a group, everybody who is in it, also by way of other groups
 * - what matches a filter under `matching`
 * - with `owned`, what lacks the class that marks our own entries: created by us, or handed to us by an operator
 * - the bases of the mapping file, and the entry that the bridge binds as
 *
 * Refused with 400: a 403 would quarantine the whole Entra job (entra-scim-client §12.3).
 */

/** Seconds until an operator may have mended the file. */
const RETRY_AFTER = 60;

/**
 * @param names of the entry, and where it is to be afterwards: both have to be outside the fence
 * @throws ScimError mutability when one is protected; 503 when that can't be known
 */
export async function refuseFenced(context: OperationContext, plan: ResourcePlan, ...names: readonly EntryNames[]): Promise<void> {
  for (const each of names) {
    if (await isFenced(context, each)) throw badRequest('mutability', await reasonFor(context, plan, each));
  }
}

/** What a client is told; of an entry that isn't ours, with the way out. */
async function reasonFor(context: OperationContext, { resourceType: { name } }: ResourcePlan, { dn }: EntryNames): Promise<string> {
  const { owned } = context.plan.protection;
  if (owned === undefined || !(await exists(context, dn, 'base', negate(isOfClass(owned)))))
    return `this ${name} is protected and is not written`;
  return `this ${name} is protected: it was not created here; to hand it over, an operator adds the class ${owned} to its entry`;
}

function isOfClass(name: string): LdapFilter {
  return { kind: 'equality', attribute: 'objectClass', value: name };
}

/** @throws ScimError 503 when a filter can't tell, because the directory's schema lacks an attribute in it */
export async function isFenced(context: OperationContext, entry: EntryNames): Promise<boolean> {
  const { below, matching, owned } = context.plan.protection;
  if ((await isOurOwn(context, entry.dn)) || below.some(({ dn }) => isWithin(entry.dn, dn))) return true;
  const refused = [...matching, ...(owned === undefined ? [] : [negate(isOfClass(owned))])];
  if (refused.length > 0 && (await matches(context, entry.dn, refused))) return true;
  return below.length > 0 && (await isHeldByProtected(context, entry));
}

/**
 * Refuses a write that would bring an entry behind the fence: a client doesn't make administrators.
 *
 * @throws ScimError mutability
 */
export async function refuseEntering(context: OperationContext, plan: ResourcePlan, changes: readonly Change[]): Promise<void> {
  const { matching } = context.plan.protection;
  const [first] = changes;
  if (matching.length === 0 || first === undefined || first.kind === 'delete') return;
  const { schema } = await context.directory.facts();
  const mentioned = [...new Set(matching.flatMap(mentionedAttributes))];
  const naming = leafRdn(first.dn)?.map(({ type }) => type) ?? [];
  const search = { base: first.dn, scope: 'base', filter: ANY_ENTRY, attributes: [...mentioned, ...naming] } as const;
  const [entry] = first.kind === 'add' ? [] : await context.directory.search(search);
  const after = entryAfter(entry, changes, new Set(mentioned), schema);
  if (after === undefined || !matching.some((filter) => evaluateLdapFilter(filter, after, schema) === true)) return;
  throw badRequest('mutability', `this would make a protected ${plan.resourceType.name}`);
}

/** The entry after some changes, as far as the fence's filters look at it. What the server will refuse is left to the server. */
function entryAfter(
  entry: Entry | undefined,
  changes: readonly Change[],
  mentioned: ReadonlySet<string>,
  schema: LdapSchema,
): Entry | undefined {
  let after = entry;
  for (const change of changes) {
    if (change.kind === 'password') continue;
    try {
      after = carryOut(after, lookedAt(change, mentioned), schema);
    } catch (error) {
      if (!(error instanceof ChangeRefused)) throw error;
    }
  }
  return after;
}

function lookedAt(change: Change, mentioned: ReadonlySet<string>): Change {
  switch (change.kind) {
    case 'modify': {
      const { assertion: _, ...rest } = change;
      return { ...rest, modifications: change.modifications.filter(({ attribute }) => mentioned.has(attributeTypeOf(attribute))) };
    }
    case 'rename':
    case 'delete': {
      const { assertion: _, ...rest } = change;
      return rest;
    }
    case 'add':
    case 'password':
      return change;
    default:
      return change satisfies never;
  }
}

/** The condition of a write, with the fence: what has come behind it since we looked is not written either. */
export function fenceOff({ plan }: Pick<OperationContext, 'plan'>, assertion: LdapFilter): LdapFilter {
  const { matching, owned } = plan.protection;
  return allOf(assertion, ...matching.map(negate), ...(owned === undefined ? [] : [isOfClass(owned)]));
}

async function isOurOwn({ plan, directory, ownDn: bindDn }: OperationContext, dn: string): Promise<boolean> {
  const { ownDn = bindDn } = await directory.facts();
  const key = dnKey(dn);
  const bases = BASES.get(plan) ?? new Set(plansOf(plan).flatMap(({ branches }) => branches.map(({ base }) => dnKey(base))));
  BASES.set(plan, bases);
  return bases.has(key) || (ownDn !== undefined && dnKey(ownDn) === key);
}

/** Keys of the DNs of all branches, of plans in use. */
const BASES = new WeakMap<Plan, ReadonlySet<string>>();

async function matches(context: OperationContext, dn: string, matching: readonly LdapFilter[]): Promise<boolean> {
  const { schema } = await context.directory.facts();
  const [unknown] = matching.flatMap(mentionedAttributes).filter((name) => schema.attributeType(name) === undefined);
  if (unknown !== undefined) {
    // Such a filter matches nobody, without a word: nothing is written while the fence has this hole.
    context.log.error({ attribute: unknown }, 'a filter under "protected" names an attribute that the directory does not know');
    throw new ScimError(503, 'the directory does not know an attribute of a filter under "protected"', { retryAfter: RETRY_AFTER });
  }
  return exists(context, dn, 'base', anyOf(...matching));
}

/** How many steps from group to group are followed: more than any directory nests them. */
const MOST_LEVELS = 32;
const TERMS_PER_SEARCH = 100;

/** Whether an entry is in a protected group, also by way of others: looked up anew each time, upwards from the entry. */
async function isHeldByProtected(context: OperationContext, entry: EntryNames): Promise<boolean> {
  const lists = await listsOf(context);
  const seen = new Set([dnKey(entry.dn)]);
  let wave: readonly EntryNames[] = [entry];
  for (let level = 0; level < MOST_LEVELS && wave.length > 0; level += 1) {
    const terms = wave.flatMap((held) => lists.flatMap((list) => termFor(list, held)));
    const inside = await inChunks(terms, TERMS_PER_SEARCH, async (some) =>
      Promise.all(context.plan.protection.below.map(({ base }) => exists(context, base, 'subtree', anyOf(...some)))),
    );
    if (inside.includes(true)) return true;
    const holders = await inChunks(terms, TERMS_PER_SEARCH, async (some) => {
      const found = context.plan.groups.map(async (plan) =>
        (await searchPlan(context, withUnmarked(plan), anyOf(...some), plan.namedBy)).map((group) => entryNames(plan, group)),
      );
      return (await Promise.all(found)).flat();
    });
    wave = holders.filter(({ dn }) => !seen.has(dnKey(dn)));
    for (const { dn } of wave) seen.add(dnKey(dn));
  }
  return false;
}

/** An attribute that lists members, and by what it names them. */
interface List {
  readonly attribute: string;
  readonly by: string | undefined;
}

/** What the mapping file says of members, and what groups of the standard classes have: a protected group needn't be one of ours. */
async function listsOf(context: OperationContext): Promise<readonly List[]> {
  const { schema } = await context.directory.facts();
  const mapped = context.plan.groups.flatMap((plan) => listLensOf(plan) ?? []).map(({ ldap: attribute, by }) => ({ attribute, by }));
  const standard = ['member', 'uniqueMember'].filter((name) => schema.attributeType(name) !== undefined);
  return [
    ...mapped,
    ...standard.filter((name) => mapped.every(({ attribute }) => attribute !== name)).map((attribute) => ({ attribute, by: undefined })),
  ];
}

function termFor({ attribute, by }: List, held: EntryNames): readonly LdapFilter[] {
  const value = nameBy(held, by);
  return value === undefined ? [] : [{ kind: 'equality', attribute, value }];
}

async function exists(context: OperationContext, base: string, scope: 'base' | 'subtree', filter: LdapFilter): Promise<boolean> {
  const first = context.directory.searchFirst({ base, scope, filter, attributes: [] }, 1);
  const { entries, more } = await unlessNoSuchObject(first, { entries: [], more: false });
  return entries.length > 0 || more;
}
