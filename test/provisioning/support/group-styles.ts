/** The ways in which directories keep groups, each as a change to the shipped mapping, and what a group of it looks like. */
export interface GroupStyle {
  readonly name: string;
  readonly mapping: (text: string) => string;
  /** LDAP attribute of the members. */
  readonly attribute: string;
  /** What stands there while there is nobody; undefined: nothing does. */
  readonly whenEmpty: string | undefined;
  /** What an entry of the style has beside its name and its members. */
  readonly ldif: string;
  /** Whether groups may be members. */
  readonly nests: boolean;
}

const NOBODY = 'cn=nobody,dc=example,dc=org';

/** The section `groups:` of the mapping, with another class and another line for the members. */
function withGroups(objectClass: string, members: string, more = ''): (text: string) => string {
  return (text) => {
    const [before = '', groups = ''] = text.split(/^groups:\n/m);
    const changed = groups
      .replace('(objectClass=groupOfNames)', `(objectClass=${objectClass})`)
      .replace('[top, groupOfNames, scimObject]', `[top, ${objectClass}, scimObject]`)
      .replace(/^( +)members: .*$/m, `$1members: ${members}${more}`)
      .replace(/^examples:[^]*/m, '');
    return `${before.replace(/^( +groups:) .*$/m, '$1 { reverse: groups.members }')}groups:\n${changed}`;
  };
}

export const GROUP_STYLES: readonly GroupStyle[] = [
  { name: 'groupOfNames', mapping: (text) => text, attribute: 'member', whenEmpty: NOBODY, ldif: 'objectClass: groupOfNames', nests: true },
  {
    name: 'groupOfUniqueNames',
    mapping: withGroups('groupOfUniqueNames', `{ ldap: uniqueMember, refersTo: [users, groups], whenEmpty: '${NOBODY}' }`),
    attribute: 'uniqueMember',
    whenEmpty: NOBODY,
    ldif: 'objectClass: groupOfUniqueNames',
    nests: true,
  },
  {
    name: 'a class of its own, which may be empty',
    mapping: withGroups('scimGroup', '{ ldap: member, refersTo: [users, groups] }'),
    attribute: 'member',
    whenEmpty: undefined,
    ldif: 'objectClass: scimGroup',
    nests: true,
  },
  {
    name: 'posixGroup (RFC 2307)',
    mapping: withGroups(
      'posixGroup',
      '{ ldap: memberUid, refersTo: users, by: uid }',
      "\n  generated:\n    gidNumber: { template: '5000', write: once }",
    ),
    attribute: 'memberUid',
    whenEmpty: undefined,
    ldif: 'objectClass: posixGroup\ngidNumber: 5000',
    nests: false,
  },
];
