import { isWithin } from '../ldap/dn.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';
import type { Draft, DraftLine, DraftSection } from './draft.ts';
import { draftGroups } from './draft-groups.ts';
import { draftNumbers } from './draft-posix.ts';
import { commonBase, fillOf, isKey, mostFrequent, namingAttribute, share } from './entry-statistics.ts';
import type { DirectorySample } from './sample.ts';
import { chooseClasses, chooseId, chooseMeta, externalIdLine, isAllowed } from './section-choices.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** Where the attributes of a user are kept, the likeliest first. Those under `type` are of one element each. */
const USER_LINES: readonly (readonly [path: string, ...ldap: string[]])[] = [
  ['displayName', 'displayName'],
  ['name.formatted', 'cn'],
  ['name.givenName', 'givenName'],
  ['name.familyName', 'sn'],
  ['title', 'title'],
  ['preferredLanguage', 'preferredLanguage'],
  ['userType', 'employeeType'],
  ['emails[type eq "work"].value', 'mail'],
  ['phoneNumbers[type eq "work"].value', 'telephoneNumber'],
  ['phoneNumbers[type eq "mobile"].value', 'mobile'],
  ['phoneNumbers[type eq "fax"].value', 'facsimileTelephoneNumber'],
  ['addresses[type eq "work"].formatted', 'physicalDeliveryOfficeName'],
  ['addresses[type eq "work"].streetAddress', 'street', 'streetAddress'],
  ['addresses[type eq "work"].locality', 'l'],
  ['addresses[type eq "work"].region', 'st'],
  ['addresses[type eq "work"].postalCode', 'postalCode'],
  ['addresses[type eq "work"].country', 'co'],
  [`${ENTERPRISE}:employeeNumber`, 'employeeNumber', 'employeeID'],
  [`${ENTERPRISE}:department`, 'departmentNumber', 'department'],
  [`${ENTERPRISE}:organization`, 'o', 'company'],
];
/** As `config/mappings/active-directory.yaml` has it: 20 characters, without some signs, and nobody else's. */
const LOGON_NAME = `{ template: '{userName | before "@" | ascii | replace "[^A-Za-z0-9._-]" "_" | truncate 20}', unique: true, write: once }`;
/** Lists that have an `emails.value` beside `emails[type eq "work"].value`: for entries with several values. */
const LIST_OF_ELEMENT = /^(emails|phoneNumbers)\[.*\]\.value$/;
const MANY = 0.05;

/** Decides how a mapping file for the sampled directory should look. Nothing is asked; what can't be decided becomes a doubt. */
export function draftMapping(sample: DirectorySample): Draft {
  const doubts: string[] = [];
  const users = draftUsers(sample, doubts);
  const groups = draftGroups(sample, doubts);
  return { users, groups, doubts };
}

function draftUsers(sample: DirectorySample, doubts: string[]): DraftSection {
  const { people, schema, server } = sample;
  const base = commonBase(people, sample.rootDse.namingContexts) ?? '';
  const inBase = people.filter(({ dn }) => isWithin(dn, base));
  if (people.length === 0) doubts.push('No people were found: bases, classes and attributes below are guesses.');
  if (inBase.length < people.length)
    doubts.push(
      `${people.length - inBase.length} of ${people.length} people are not below ${base}, such as ${people.find((each) => !inBase.includes(each))?.dn}.`,
    );
  const { objectClass, filter } = chooseClasses(
    inBase,
    server === 'activeDirectory'
      ? ['top', 'person', 'organizationalPerson', 'user']
      : ['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
    schema,
  );
  const isComputerFree = server === 'activeDirectory' ? '(&(objectClass=user)(!(objectClass=computer)))' : filter;
  const rdn = namingAttribute(inBase) ?? (server === 'activeDirectory' ? 'cn' : 'uid');
  const userName = chooseUserName(sample, inBase, rdn, objectClass, doubts);
  const attributes: DraftLine[] = [line('userName', userName, `{ ldap: ${userName}, required: true }`, inBase)];
  const external = externalIdLine(objectClass, schema);
  if (external.line === undefined) doubts.push(external.doubt);
  else attributes.push(external.line);

  if (userName === 'mail') doubts.push('People are called by mail, so emails are not mapped: an LDAP attribute has one owner.');
  const taken = new Set([userName.toLowerCase()]);
  for (const [path, ...candidates] of USER_LINES) {
    const ldap = candidates.find((name) => isAllowed(name, objectClass, schema) && !taken.has(name.toLowerCase()));
    if (ldap === undefined) continue;
    taken.add(ldap.toLowerCase());
    attributes.push(userLine(path, ldap, sample, inBase, objectClass, doubts));
  }
  if (isAllowed('manager', objectClass, schema)) {
    attributes.push(line(`${ENTERPRISE}:manager`, 'manager', '{ ldap: manager, refersTo: users, unresolved: ignore }', inBase));
  }
  const hasGroups = sample.groups.length > 0;
  if (hasGroups && schema.attributeType('memberOf') !== undefined) {
    attributes.push(line('groups', 'memberOf', '{ ldap: memberOf, refersTo: groups, mutability: readOnly }', inBase));
  }
  attributes.push(...stateLine(sample, objectClass, inBase, doubts), ...passwordLine(sample, objectClass, doubts));

  const generated: DraftLine[] = [];
  if (schema.demands(objectClass, 'cn') || rdn.toLowerCase() === 'cn') {
    if (userName.toLowerCase() !== 'cn')
      generated.push({ key: 'cn', ldap: 'cn', value: "['{name.givenName} {name.familyName}', '{displayName}', '{userName}']" });
  }
  if (server === 'activeDirectory' && userName.toLowerCase() !== 'samaccountname') {
    generated.push({ key: 'sAMAccountName', ldap: 'sAMAccountName', value: LOGON_NAME, comment: 'the name for logging on to Windows' });
  }
  const written = new Set([...attributes, ...generated].flatMap(({ ldap }) => ldap?.toLowerCase() ?? []));
  if (!written.has(rdn.toLowerCase())) {
    generated.push({ key: rdn, ldap: rdn, value: "'{userName}'", comment: 'new entries are named by it' });
    written.add(rdn.toLowerCase());
  }
  generated.push(...draftNumbers(sample, inBase, objectClass, written, doubts));
  const meta = chooseMeta(inBase, sample);
  return {
    base,
    filter: isComputerFree,
    id: chooseId(inBase, sample, doubts),
    rdn,
    objectClass,
    attributes,
    generated,
    ...(meta === undefined ? {} : { meta }),
    seen: `${inBase.length} people were looked at`,
  };
}

function line(key: string, ldap: string, value: string, entries: readonly Entry[], note = ''): DraftLine {
  const { filled } = fillOf(entries, ldap);
  const seen = entries.length === 0 ? '' : `${share(filled, entries.length)} have it`;
  const comment = [seen, note].filter((part) => part !== '').join('; ');
  return { key, ldap, value, ...(comment === '' ? {} : { comment }) };
}

function userLine(
  path: string,
  ldap: string,
  sample: DirectorySample,
  entries: readonly Entry[],
  objectClass: readonly string[],
  doubts: string[],
): DraftLine {
  const { several } = fillOf(entries, ldap);
  const hasMany = several > entries.length * MANY;
  const isAlone = path.startsWith('emails');
  if (hasMany && isAlone && LIST_OF_ELEMENT.test(path)) {
    return line(
      path.replace(/\[.*\]/, ''),
      ldap,
      ldap,
      entries,
      `${share(several, entries.length)} have several: one element for each value`,
    );
  }
  if (hasMany) doubts.push(`${share(several, entries.length)} of the people have several values of ${ldap}: ${path} shows the first.`);
  if (ldap === 'cn' || !sample.schema.demands(objectClass, ldap)) return line(path, ldap, ldap, entries);
  return line(
    path,
    ldap,
    `{ ldap: ${ldap}, whenEmpty: '-' }`,
    entries,
    "the class demands it: '-' is written when there is none, and never shown",
  );
}

/** What people are called by: unique, there for nearly everybody, and what new entries are named by if it can be. */
function chooseUserName(
  { server, schema }: DirectorySample,
  entries: readonly Entry[],
  rdn: string,
  objectClass: readonly string[],
  doubts: string[],
): string {
  const candidates = server === 'activeDirectory' ? ['userPrincipalName', 'sAMAccountName'] : ['uid', 'mail', rdn, 'cn'];
  const allowed = candidates.filter((name) => isAllowed(name, objectClass, schema));
  const chosen = allowed.find((name) => isKey(entries, name));
  if (chosen !== undefined && entries.length > 0) return chosen;
  const fallback = allowed.toSorted((a, b) => fillOf(entries, b).filled - fillOf(entries, a).filled)[0] ?? rdn;
  if (entries.length > 0) doubts.push(`No attribute names nearly all people and each but once; ${fallback} is taken for userName.`);
  return fallback;
}

function stateLine(
  { server, schema }: DirectorySample,
  objectClass: readonly string[],
  entries: readonly Entry[],
  doubts: string[],
): readonly DraftLine[] {
  if (server === 'activeDirectory') {
    return [line('active', 'userAccountControl', '{ ldap: userAccountControl, bit: 0x2, initial: 0x200 }', entries, 'the bit set = off')];
  }
  if (server === '389ds') {
    return [line('active', 'nsAccountLock', "{ ldap: nsAccountLock, inactive: 'TRUE' }", entries, 'locked accounts can’t bind')];
  }
  if (server === 'openldap' && schema.attributeType('pwdAccountLockedTime') !== undefined) {
    return [
      line(
        'active',
        'pwdAccountLockedTime',
        '{ ldap: pwdAccountLockedTime, inactive: 000001010000Z }',
        entries,
        'it needs a policy with pwdLockout TRUE',
      ),
    ];
  }
  const values = mostFrequent(entries.flatMap((entry) => valuesOf(entry, 'scimActive')));
  if (isAllowed('scimActive', objectClass, schema)) {
    doubts.push('Nothing here locks an account: scimActive says who is switched off, and your applications have to look at it.');
    return [
      line(
        'active',
        'scimActive',
        "{ ldap: scimActive, inactive: 'FALSE', active: 'TRUE' }",
        entries,
        values === undefined ? '' : 'in use',
      ),
    ];
  }
  doubts.push('No attribute says who is switched off, so active is not mapped: clients can’t disable anybody.');
  return [];
}

function passwordLine(
  { server, schema, rootDse, isPrivate }: DirectorySample,
  objectClass: readonly string[],
  doubts: string[],
): readonly DraftLine[] {
  if (server === 'activeDirectory' && isPrivate) {
    return [{ key: 'password', ldap: 'unicodePwd', value: '{ ldap: unicodePwd, method: unicodePwd }' }];
  }
  if (server === 'activeDirectory' || !isAllowed('userPassword', objectClass, schema)) {
    doubts.push(
      server === 'activeDirectory' ? 'Passwords are not mapped: Active Directory takes them over TLS only.' : 'Passwords are not mapped.',
    );
    return [];
  }
  const hasOperation = rootDse.extensions.has('1.3.6.1.4.1.4203.1.11.1') && (server !== '389ds' || isPrivate);
  if (!isPrivate) doubts.push('The connection is not encrypted: passwords would be readable on the way. Use ldaps:// or startTls.');
  return [
    {
      key: 'password',
      ldap: 'userPassword',
      value: `{ ldap: userPassword, method: ${hasOperation ? 'passwordModify' : 'plain'} }`,
      comment: hasOperation ? 'RFC 3062: the server hashes' : 'the server has to hash what it is given',
    },
  ];
}
