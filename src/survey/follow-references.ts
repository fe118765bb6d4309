import type { Directory } from '../directory/directory.ts';
import { unlessNoSuchObject } from '../directory/directory-error.ts';
import type { ReferenceSurvey } from '../inspection/survey.ts';
import { dnKey } from '../ldap/dn.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import { ANY_ENTRY } from '../ldap/filter.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { isReferenceLens, isWritten, type ResourcePlan } from '../mapping/plan.ts';

/** How many groups are read with their members, and how many members are followed. */
const GROUPS_READ = 30;
const MEMBERS_FOLLOWED = 100;
const BACK_LINK = 'memberOf';

const NOTHING: ReferenceSurvey = { followed: 0, dangling: 0, backLinks: { followed: 0, missing: 0 }, longest: 0 };

/** Follows a sample of members to the entries that they name. Only groups have them; DNs only, for names lead nowhere by themselves. */
export async function followReferences(
  directory: Directory,
  plan: ResourcePlan,
  bases: readonly string[],
  schema: LdapSchema,
): Promise<ReferenceSurvey> {
  const [lens] = plan.lenses.filter(isReferenceLens).filter(isWritten);
  const [base] = bases;
  if (plan.target !== 'groups' || lens === undefined || base === undefined) return NOTHING;
  const request = { base, scope: 'subtree', filter: plan.filter, attributes: [lens.ldap] } as const;
  const { entries } = await directory.searchFirst(request, GROUPS_READ);
  const placeholders = new Set(lens.placeholders.map(dnKey));
  const links = entries.flatMap((group) => membersOf(group, lens.ldap, placeholders));
  let [dangling, missing, looked] = [0, 0, 0];
  let exampleOfDangling: string | undefined;
  const followed = links.slice(0, MEMBERS_FOLLOWED);
  const hasBackLinks = schema.attributeType(BACK_LINK) !== undefined;
  for (const { group, member } of followed) {
    const entry = await readEntry(directory, member);
    if (entry === undefined) {
      dangling += 1;
      exampleOfDangling ??= member;
    } else if (hasBackLinks) {
      looked += 1;
      const groups = valuesOf(entry, BACK_LINK).map((dn) => (typeof dn === 'string' ? dnKey(dn) : ''));
      if (!groups.includes(dnKey(group))) missing += 1;
    }
  }
  return {
    followed: followed.length,
    dangling,
    ...(exampleOfDangling === undefined ? {} : { exampleOfDangling }),
    backLinks: { followed: looked, missing },
    longest: Math.max(0, ...entries.map((entry) => valuesOf(entry, lens.ldap).length)),
  };
}

interface Link {
  readonly group: string;
  readonly member: string;
}

function membersOf(group: Entry, attribute: string, placeholders: ReadonlySet<string>): readonly Link[] {
  const members = valuesOf(group, attribute).filter((value) => typeof value === 'string');
  return members.filter((dn) => dn.includes('=') && !placeholders.has(dnKey(dn))).map((member) => ({ group: group.dn, member }));
}

async function readEntry(directory: Directory, dn: string): Promise<Entry | undefined> {
  const [entry] = await unlessNoSuchObject(directory.search({ base: dn, scope: 'base', filter: ANY_ENTRY, attributes: [BACK_LINK] }), []);
  return entry;
}
