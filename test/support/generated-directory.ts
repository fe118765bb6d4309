import { GROUPS, PEOPLE } from './test-directory.ts';

/** A directory as an organisation has it that has kept it by hand for years, and what Entra knows of the same people. */
export interface GeneratedDirectory {
  /** The entries, as LDIF. */
  readonly ldif: string;
  /** What Entra sends, a SCIM resource a line. */
  readonly input: readonly object[];
  readonly expected: {
    readonly created: number;
    readonly renamed: number;
    readonly disabled: number;
    readonly titles: number;
    readonly ambiguous: number;
    readonly collisions: number;
  };
}

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';

/**
 * So many people, of whom Entra knows all: some by another login name, some with another title, a few as leavers; and a few more. Each hundred
 * of them has a group, which Entra has too; one of them carries rights, and nobody should get those for its name.
 */
export function generateDirectory(count: number): GeneratedDirectory {
  const people = Array.from({ length: count }, (_, index) => index);
  const isRenamed = (index: number) => index % 200 === 7;
  const isTitled = (index: number) => index < count && index % 20 === 3;
  const isLeaver = (index: number) => index < count && index % 500 === 11;
  const newcomers = Math.ceil(count / 50);
  const uid = (index: number) => `person${index}`;
  const groups = Array.from({ length: Math.ceil(count / 100) }, (_, index) => index);
  const membersOf = (group: number) => people.slice(group * 100, group * 100 + 100);
  const ldif = [
    ...people.map(
      (index) =>
        `dn: uid=${uid(index)},${PEOPLE}\nobjectClass: inetOrgPerson\nuid: ${uid(index)}\ncn: Given${index} Family${index}\ngivenName: Given${index}\nsn: Family${index}\nmail: ${uid(index)}@example.org\ntitle: Clerk\nemployeeNumber: ${index}\ntelephoneNumber: +49 30 ${index}\ndescription: kept by hand\n`,
    ),
    // One more with the address of somebody else.
    `dn: uid=double,${PEOPLE}\nobjectClass: inetOrgPerson\nuid: double\ncn: Double\nsn: Double\nmail: ${uid(1)}@example.org\n`,
    ...groups.map(
      (group) =>
        `dn: cn=Team ${group},${GROUPS}\nobjectClass: groupOfNames\ncn: Team ${group}\n${membersOf(group)
          .filter((index) => index % 10 !== 0)
          .map((index) => `member: uid=${uid(index)},${PEOPLE}\n`)
          .join('')}member: cn=service,dc=example,dc=org\n`,
    ),
    `dn: cn=Administrators,${GROUPS}\nobjectClass: groupOfNames\ncn: Administrators\nmember: uid=${uid(0)},${PEOPLE}\n`,
  ].join('\n');
  const user = (index: number, login = uid(index), more: object = {}) => ({
    schemas: [USER],
    id: `object-${index}`,
    userName: login,
    externalId: `E${index}`,
    name: { givenName: `Given${index}`, familyName: `Family${index}` },
    emails: [{ type: 'work', value: `${uid(index)}@example.org` }],
    title: isTitled(index) ? 'Director' : 'Clerk',
    active: !isLeaver(index),
    ...more,
  });
  const input = [
    ...people.map((index) => user(index, isRenamed(index) ? `${uid(index)}.renamed` : uid(index))),
    ...Array.from({ length: newcomers }, (_, index) =>
      user(count + index, `new${index}`, {
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { manager: { value: 'object-5' } },
      }),
    ),
    ...groups.map((group) => ({
      schemas: [GROUP],
      displayName: `Team ${group}`,
      externalId: `G${group}`,
      members: membersOf(group).map((index) => ({ value: `object-${index}` })),
    })),
    { schemas: [GROUP], displayName: 'administrators', externalId: 'GA', members: [{ value: 'object-3' }] },
  ];
  return {
    ldif,
    input,
    expected: {
      created: newcomers,
      renamed: people.filter(isRenamed).length,
      disabled: people.filter(isLeaver).length,
      titles: people.filter(isTitled).length,
      ambiguous: 1,
      collisions: groups.length + 1,
    },
  };
}
