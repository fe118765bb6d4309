import { expect, test } from 'vitest';
import { inspectSchema } from '../../src/inspection/inspect-schema.ts';
import { withLengthLimits } from '../../src/ldap/with-length-limits.ts';
import { directorySchema } from '../mapping/support/directory-schema.ts';
import { printed, shippedSections } from './support/shipped-sections.ts';

const FAX =
  'note users.attributes.phoneNumbers[type eq "fax"].value: facsimileTelephoneNumber has no equality rule: filters on it read all entries that have it, and a change writes all its values';

function findings(edit?: (text: string) => string, name?: string): readonly string[] {
  const sections = shippedSections(edit, name);
  if (sections === undefined) throw new Error('the compiler refuses the edited mapping');
  return sections.flatMap((section) => inspectSchema(section, directorySchema)).map(printed);
}

test('the shipped mapping fits the directory that it is for', () => {
  expect(findings()).toEqual([FAX]);
});

test('lines with pipes and tables are tried with what they take, generated values with what may be supplied', () => {
  const edited = (text: string) =>
    text
      .replace(/^ {4}userName: .*$/m, `    userName: { ldap: uid, transform: 'stripSuffix "@example.org"' }`)
      .replace(/^ {4}title: .*$/m, '    title: { ldap: title, values: { Doctor: dr, Professor: prof } }')
      .replace(/^ {4}cn: {2}/m, `    description: { allocate: 1-9, counter: 'cn=next,dc=example,dc=org' }\n    cn:  `);
  expect(findings(edited)).toEqual([FAX]);
});

const title = (line: string) => (text: string) => text.replace(/^ {4}title: .*$/m, `    title: ${line}`);
const line = (path: string, with_: string) => (text: string) =>
  text.replace(new RegExp(`^( +)${path.replaceAll(/[[\].]/g, '\\$&')}: .*$`, 'm'), `$1${path}: ${with_}`);

const leaving =
  (more: string, rdn = '{ldap:uid}-{id}') =>
  (text: string) =>
    text.replace(
      '\n  attributes:',
      `\n  onDelete: { move: { base: 'ou=leavers,dc=example,dc=org', rdn: '${rdn}', ${more} } }\n  attributes:`,
    );

test('tells a name that has no room for an id behind it, and how to cut it', () => {
  const limited = withLengthLimits(directorySchema, new Map([['uid', 64]]));
  const found = (rdn: string) =>
    (shippedSections(leaving('clear: [mail]', rdn)) ?? [])
      .flatMap((section) => inspectSchema(section, limited))
      .filter(({ place }) => place.path.includes('rdn'));
  expect(found('{ldap:uid}-{id}')).toMatchObject([
    {
      severity: 'warning',
      message: "the new name may be longer than the 64 characters of uid: such an entry can't be deleted",
      help: "cut what stands beside {id}: '{ldap:uid | truncate 27}'",
    },
  ]);
  expect(found('{ldap:uid | truncate 27}-{id}')).toEqual([]);
});

test.each<[string, (text: string) => string, string]>([
  ['an unknown attribute', title('titel'), "error users.attributes.title: the directory's schema has no attribute titel"],
  [
    'an unknown attribute that is only read',
    title('{ ldap: titel, mutability: readOnly }'),
    "warning users.attributes.title: the directory's schema has no attribute titel",
  ],
  [
    'an attribute that the server keeps',
    title('entryCSN'),
    'error users.attributes.title: entryCSN is kept by the directory itself: no client may write it',
  ],
  [
    'an attribute that no class allows',
    title('testTag'),
    'error users.attributes.title: none of the classes under objectClass allows testTag',
  ],
  [
    'a list over one value',
    (text) =>
      text
        .replace('    title:                                     title\n', '    roles.value: employeeNumber\n')
        .replace(/^.*User:employeeNumber: .*\n/m, ''),
    'error users.attributes.roles.value: roles.value is a list, and employeeNumber holds one value',
  ],
  [
    'text over a DN',
    (text) => title('manager')(text).replace(/^.*User:manager: .*\n/m, ''),
    'error users.attributes.title: manager takes DNs, and clients send text',
  ],
  [
    'a reference over text',
    line('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager', '{ ldap: carLicense, refersTo: users }'),
    "error users.attributes.urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: carLicense holds no DNs: it can't refer to entries",
  ],
  [
    'words over a number',
    (text) => title('testCount')(text).replace('objectClass: [top, person,', 'objectClass: [testObject, top, person,'),
    'error users.attributes.title: a client that sends "Engineer, Analytical Engine" is refused: title: takes a whole number',
  ],
  [
    'words over a certificate',
    title('userCertificate'),
    'error users.attributes.title: userCertificate takes a certificate; title writes string, such as Ada',
  ],
  [
    'a placeholder that the syntax forbids',
    (text) =>
      title("{ ldap: testCount, whenEmpty: '-' }")(text).replace('objectClass: [top, person,', 'objectClass: [testObject, top, person,'),
    "error users.attributes.title: whenEmpty can't be stored: testCount takes a whole number",
  ],
  [
    'a state that the syntax forbids',
    line('active', "{ ldap: pwdAccountLockedTime, inactive: 'locked' }"),
    'error users.attributes.active: "locked" can\'t be stored: pwdAccountLockedTime takes a time such as 20260131083000Z',
  ],
  [
    'bits of what is no number',
    line('active', '{ ldap: carLicense, bit: 0x2, initial: 0x200 }'),
    'error users.attributes.active: carLicense holds no whole numbers: it has no bits',
  ],
  [
    'a side effect that the schema forbids',
    line('active', "{ ldap: pwdAccountLockedTime, inactive: 000001010000Z, whenInactive: { set: { pwdAccountLockedTim: '1' } } }"),
    "error users.attributes.active.whenInactive.set.pwdAccountLockedTim: the directory's schema has no attribute pwdAccountLockedTim",
  ],
  [
    'a mark of deleted entries that no class allows',
    (text) =>
      text.replace(
        '\n  attributes:',
        "\n  onDelete: { deactivate: { mark: { ldap: testTag, value: gone }, rdn: '{ldap:uid}-{id}' } }\n  attributes:",
      ),
    'error users.onDelete.deactivate.mark.ldap: none of the classes under objectClass allows testTag',
  ],
  [
    'what leavers get that no class allows',
    leaving("set: { testTag: '{id}' }"),
    'error users.onDelete.move.set.testTag: none of the classes under objectClass allows testTag',
  ],
  [
    'what leavers lose that a class demands',
    leaving('clear: [sn]'),
    "error users.onDelete.move.clear.0: person demands sn: it can't be cleared",
  ],
  [
    'a side effect that a class forbids',
    line('active', '{ ldap: pwdAccountLockedTime, inactive: 000001010000Z, whenInactive: { clear: [sn] } }'),
    "error users.attributes.active.whenInactive.clear.0: person demands sn: it can't be cleared",
  ],
  [
    'a look-up without equality rule',
    (text) =>
      line(
        'userName',
        '{ ldap: facsimileTelephoneNumber, required: true }',
      )(text)
        .replace(/^.*type eq "fax".*\n/m, '')
        .replace('    cn:  ', "    uid: '{name.givenName}'\n    cn:  "),
    "error users.attributes.userName: facsimileTelephoneNumber has no equality rule: the directory can't look anybody up by it",
  ],
  [
    'a userName that tells capitals',
    (text) => line('userName', '{ ldap: labeledURI, required: true }')(text).replace('    cn:  ', "    uid: '{name.givenName}'\n    cn:  "),
    "warning users.attributes.userName: labeledURI tells capitals from small letters, userName doesn't: each look-up reads all entries, for no index serves it",
  ],
  [
    'an unknown class',
    (text) => text.replace('inetOrgPerson, scimObject]', 'inetOrgPersn, scimObject]'),
    "error users.objectClass.3: the directory's schema has no class inetOrgPersn",
  ],
  [
    'two structural classes',
    (text) =>
      text.replace('[top, person, organizationalPerson, inetOrgPerson, scimObject]', '[top, groupOfNames, inetOrgPerson, scimObject]'),
    'error users.objectClass: groupOfNames and inetOrgPerson are both structural, and neither comes from the other: no entry can have both',
  ],
  [
    'no structural class',
    (text) => text.replace('[top, person, organizationalPerson, inetOrgPerson, scimObject]', '[top, scimObject]'),
    'error users.objectClass: no class here is structural, and every entry has one',
  ],
  [
    'a demand that nobody meets',
    (text) => text.replace(/^ {4}name\.familyName: .*\n/m, ''),
    'error users.objectClass: person demands sn, and no line writes it: every create would fail',
  ],
  [
    'a demand that is met for some',
    (text) => text.replace("{ ldap: sn, whenEmpty: '-' }", 'sn'),
    "warning users.attributes.name.familyName: person demands sn: who is sent without name.familyName can't be created",
  ],
  [
    'a filter that new entries miss',
    (text) => text.replace('filter: (objectClass=inetOrgPerson)', 'filter: (&(uid=*)(objectClass=testObject))'),
    "error users.filter: new entries won't match: they don't get the class testObject",
  ],
  [
    'an unknown attribute in a filter',
    (text) => text.replace('filter: (objectClass=groupOfNames)', 'filter: (!(gropType=1))'),
    "error groups.filter: the directory's schema has no attribute groptype",
  ],
  [
    'an id without equality',
    (text) => text.replace('id: entryUUID', 'id: facsimileTelephoneNumber'),
    'error users.id: facsimileTelephoneNumber has no equality rule: nobody could be found by id',
  ],
  [
    'an id that can change',
    (text) => text.replace('id: entryUUID', 'id: employeeNumber'),
    'warning users.id: employeeNumber can be changed, and an id must never change',
  ],
  [
    'a name that no class allows',
    (text) =>
      text
        .replace('rdn: uid', 'rdn: co')
        .replace('    cn:  ', "    co: '{userName}'\n    cn:  ")
        .replace(/^.*physicalDelivery.*\n/m, '')
        .replace(/^.*\.country: .*\n/m, '')
        .replace(', scimObject]', ']')
        .replace(/^.*scimExternalId.*\n/m, '')
        .replace(/^.*scimOtherMail.*\n/m, ''),
    'error users.rdn: none of the classes under objectClass allows co',
  ],
  [
    'a generated attribute that no class allows',
    (text) => text.replace('    cn:  ', "    testTag: '{userName}'\n    cn:  "),
    'error users.generated.testTag: none of the classes under objectClass allows testTag',
  ],
  [
    'a version that is not there',
    (text) => text.replace('\n  attributes:', '\n  meta: { version: uSNChanged }\n  attributes:'),
    "warning users.meta.version: the directory's schema has no attribute uSNChanged",
  ],
])('%s', (_what, edit, expected) => {
  expect(findings(edit)).toContain(expected);
});

test('names the classes that would allow an attribute', () => {
  const sections = shippedSections(title('testTag')) ?? [];
  const found = sections.flatMap((section) => inspectSchema(section, directorySchema));
  expect(found.find(({ severity }) => severity === 'error')?.help).toBe('add testObject to objectClass, or take another attribute');
});
