import { formatDn } from '../../ldap/dn.ts';
import type { Entry } from '../../ldap/entry.ts';
import { makeEntry } from '../../ldap/entry.ts';

export const SUFFIX = 'dc=example,dc=org';
export const BRIDGE_DN = `cn=bridge,${SUFFIX}`;
const PEOPLE = [[{ type: 'ou', value: 'people' }], [{ type: 'dc', value: 'example' }], [{ type: 'dc', value: 'org' }]];
const GROUPS = PEOPLE.with(0, [{ type: 'ou', value: 'groups' }]);

interface SamplePerson {
  readonly uid: string;
  readonly givenName: string;
  readonly sn: string;
  /** The whole name, in the order in which its bearer writes it. */
  readonly cn: string;
  readonly title: string;
}

interface SampleGroup {
  readonly cn: string;
  /** By `uid`. */
  readonly members: readonly string[];
}

export const SAMPLE_PEOPLE: readonly SamplePerson[] = [
  { uid: 'mary.jones@example.org', givenName: 'Mary', sn: 'Jones', cn: 'Mary Jones', title: 'Engineer' },
  { uid: 'sinead.obrien@example.org', givenName: 'Sinéad', sn: "O'Brien", cn: "Sinéad O'Brien", title: 'Engineer' },
  { uid: 'asa.oberg@example.org', givenName: 'Åsa', sn: 'Öberg', cn: 'Åsa Öberg', title: 'Engineer' },
  { uid: 'francois.lefevre@example.org', givenName: 'François', sn: 'Lefèvre', cn: 'François Lefèvre', title: 'Designer' },
  { uid: 'zofia.wojcik@example.org', givenName: 'Zofia', sn: 'Wójcik', cn: 'Zofia Wójcik', title: 'Designer' },
  { uid: 'olga.ivanova@example.org', givenName: 'Ольга', sn: 'Иванова', cn: 'Ольга Иванова', title: 'Accountant' },
  { uid: 'dmytro.shevchenko@example.org', givenName: 'Дмитро', sn: 'Шевченко', cn: 'Дмитро Шевченко', title: 'Accountant' },
  { uid: 'li.wei@example.org', givenName: '伟', sn: '李', cn: '李伟', title: 'Salesman' },
  { uid: 'wang.fang@example.org', givenName: '芳', sn: '王', cn: '王芳', title: 'Saleswoman' },
];

export const SAMPLE_GROUPS: readonly SampleGroup[] = [
  { cn: 'Engineering', members: ['mary.jones@example.org', 'sinead.obrien@example.org', 'asa.oberg@example.org'] },
  { cn: 'Création', members: ['francois.lefevre@example.org', 'zofia.wojcik@example.org'] },
  { cn: 'Бухгалтерия', members: ['olga.ivanova@example.org', 'dmytro.shevchenko@example.org'] },
  { cn: '市场部', members: ['li.wei@example.org', 'wang.fang@example.org'] },
];

/**
 * A directory as it may have been there before the bridge: its people know nothing of SCIM, its groups have been handed over to the
 * bridge (`adopt`). Parents come first.
 *
 * @param bridgePassword of the one account that can bind
 */
export function sampleEntries(bridgePassword: string): readonly Entry[] {
  return [
    entry(SUFFIX, { objectClass: ['dcObject', 'organization'], dc: ['example'], o: ['Example'] }),
    ...['people', 'groups', 'policies'].map((ou) => entry(`ou=${ou},${SUFFIX}`, { objectClass: ['organizationalUnit'], ou: [ou] })),
    entry(`cn=default,ou=policies,${SUFFIX}`, {
      objectClass: ['device', 'pwdPolicy'],
      cn: ['default'],
      pwdAttribute: ['userPassword'],
      pwdLockout: ['TRUE'],
    }),
    entry(BRIDGE_DN, {
      objectClass: ['organizationalRole', 'simpleSecurityObject'],
      cn: ['bridge'],
      userPassword: [bridgePassword],
    }),
    ...SAMPLE_PEOPLE.map(personEntry),
    ...SAMPLE_GROUPS.map(({ cn, members }) =>
      entry(groupDn(cn), { objectClass: ['groupOfNames', 'scimObject'], cn: [cn], member: members.map(personDn) }),
    ),
  ];
}

/** The overlay keeps memberOf from the first start on; what is loaded before it has to say it itself. */
function personEntry({ uid, givenName, sn, cn, title }: SamplePerson): Entry {
  const groups = SAMPLE_GROUPS.filter(({ members }) => members.includes(uid));
  return entry(personDn(uid), {
    objectClass: ['inetOrgPerson'],
    uid: [uid],
    mail: [uid],
    givenName: [givenName],
    sn: [sn],
    cn: [cn],
    displayName: [cn],
    title: [title],
    memberOf: groups.map((group) => groupDn(group.cn)),
  });
}

function personDn(uid: string): string {
  return formatDn([[{ type: 'uid', value: uid }], ...PEOPLE]);
}

function groupDn(cn: string): string {
  return formatDn([[{ type: 'cn', value: cn }], ...GROUPS]);
}

function entry(dn: string, attributes: Readonly<Record<string, readonly string[]>>): Entry {
  return makeEntry(
    dn,
    Object.entries(attributes).map(([name, values]) => ({ name, values })),
  );
}
