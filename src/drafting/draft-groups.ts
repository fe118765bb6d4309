import { isWithin } from '../ldap/dn.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import type { DraftLine, DraftSection } from './draft.ts';
import { draftNumbers } from './draft-posix.ts';
import { commonBase, fillOf, mostFrequent, namingAttribute, share } from './entry-statistics.ts';
import { type DirectorySample, GROUP_CLASSES } from './sample.ts';
import { chooseClasses, chooseId, chooseMeta, externalIdLine, isAllowed } from './section-choices.ts';

/** How each kind of group names its members; those that DNs name first. */
const MEMBER_OF_STYLE: Readonly<Record<string, string>> = {
  groupOfNames: 'member',
  groupOfUniqueNames: 'uniqueMember',
  group: 'member',
  posixGroup: 'memberUid',
};

/** The groups of the kind that most are of; undefined where there are none. */
export function draftGroups(sample: DirectorySample, doubts: string[]): DraftSection | undefined {
  const { groups, schema, server } = sample;
  const styled = groups.flatMap((entry) => styleOf(entry) ?? []);
  const common = mostFrequent(styled);
  if (common === undefined) {
    doubts.push('No groups were found: the file has no section for them.');
    return undefined;
  }
  const style = common.value;
  for (const [other, entries] of Map.groupBy(groups, styleOf)) {
    if (other !== style && other !== undefined)
      doubts.push(
        `${entries.length} groups are of class ${other}, such as ${entries[0]?.dn}: they are left out. groups: may be a list of locations.`,
      );
  }
  const own = groups.filter((entry) => styleOf(entry) === style);
  const base = commonBase(own, sample.rootDse.namingContexts) ?? '';
  const inBase = own.filter(({ dn }) => isWithin(dn, base));
  const { objectClass } = chooseClasses(inBase, ['top', style], schema);
  if (objectClass.includes('scimObject'))
    doubts.push(
      `Groups that are there already are hidden, unless they carry scimObject: none is taken over because a new one has its name. adopt: listed, and scim-ldap-bridge adopt, hand some over; adopt: any, all.`,
    );
  const rdn = namingAttribute(inBase) ?? 'cn';
  const attributes: DraftLine[] = [{ key: 'displayName', ldap: 'cn', value: '{ ldap: cn, required: true }' }];
  const external = externalIdLine(objectClass, schema);
  if (external.line !== undefined) attributes.push(external.line);
  attributes.push(...membersLine(style, sample, inBase, objectClass, doubts));
  const written = new Set(attributes.flatMap(({ ldap }) => ldap?.toLowerCase() ?? []));
  const generated: DraftLine[] = [];
  if (server === 'activeDirectory') generated.push({ key: 'sAMAccountName', ldap: 'sAMAccountName', value: "'{displayName}'" });
  for (const { ldap } of generated) if (ldap !== undefined) written.add(ldap.toLowerCase());
  if (!written.has(rdn.toLowerCase())) generated.push({ key: rdn, ldap: rdn, value: "'{displayName}'" });
  generated.push(...draftNumbers(sample, inBase, objectClass, written, doubts));
  const meta = chooseMeta(inBase, sample);
  return {
    base,
    filter: `(objectClass=${style})`,
    id: chooseId(inBase, sample, doubts),
    rdn,
    objectClass,
    attributes,
    generated,
    ...(meta === undefined ? {} : { meta }),
    seen: `${inBase.length} groups were looked at`,
  };
}

function styleOf(entry: Entry): string | undefined {
  const classes = new Set(valuesOf(entry, 'objectClass').map((name) => String(name).toLowerCase()));
  return GROUP_CLASSES.find((name) => classes.has(name.toLowerCase()));
}

function membersLine(
  style: string,
  { schema, rootDse }: DirectorySample,
  entries: readonly Entry[],
  objectClass: readonly string[],
  doubts: string[],
): readonly DraftLine[] {
  const ldap = MEMBER_OF_STYLE[style] ?? 'member';
  if (!isAllowed(ldap, objectClass, schema)) return [];
  const { filled } = fillOf(entries, ldap);
  const comment = `${share(filled, entries.length)} have members`;
  if (ldap === 'memberUid') {
    return [{ key: 'members', ldap, value: '{ ldap: memberUid, refersTo: users, by: uid }', comment }];
  }
  const isDemanded = schema.demands(objectClass, ldap);
  const placeholder = `cn=nobody,${rootDse.namingContexts[0] ?? ''}`;
  if (isDemanded) doubts.push(`Empty groups hold ${placeholder}, because ${style} demands a member: name the same one in refint_nothing.`);
  const whenEmpty = isDemanded ? `, whenEmpty: '${placeholder}'` : '';
  return [{ key: 'members', ldap, value: `{ ldap: ${ldap}, refersTo: [users, groups]${whenEmpty} }`, comment }];
}
