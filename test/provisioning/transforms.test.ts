import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { PEOPLE } from '../support/openldap.ts';
import { findIds, patch } from './support/requests.ts';

/** The shipped mapping with a pipe or a table on some lines. */
function withTransforms(mapping: string): string {
  return mapping
    .replace(/^ {4}userName: .*$/m, `    userName: { ldap: uid, required: true, transform: 'stripSuffix "@contoso.com"' }`)
    .replace(/^ {4}userType: .*$/m, '    userType: { ldap: employeeType, values: { Employee: E, Contractor: C } }')
    .replace(/^ {4}title: .*$/m, '    title: { ldap: title, several: refuse }')
    .replace(/^ {4}preferredLanguage: .*$/m, '    preferredLanguage: { ldap: preferredLanguage, transform: lowercase }')
    .replace(
      /^ {4}addresses\[type eq "work"\]\.formatted: .*$/m,
      '    addresses[type eq "work"].formatted: { ldap: postalAddress, transform: postalAddress }',
    )
    .replace(/^ {4}# roles.value: .*$/m, `    nickName: { ldap: businessCategory, transform: 'split ";"' }`);
}

const USER = {
  userName: 'ada@contoso.com',
  userType: 'Contractor',
  preferredLanguage: 'de-DE',
  nickName: 'Countess;Enchantress',
  addresses: [{ type: 'work', formatted: 'Rue $5\nSt. James’s Square 12' }],
};
const SHOWN = { ...USER, preferredLanguage: 'de-de' };

describe('values that are stored otherwise than they are sent', () => {
  let bridge: Bridge;
  let id: string;

  beforeAll(async () => {
    bridge = await startBridge({ mapping: withTransforms });
    const { body } = await bridge.send('POST', '/Users', USER);
    expect(body).toMatchObject(SHOWN);
    id = body.id;
  });
  afterAll(() => bridge.stop());

  it('stand in the directory as the lines say, and are read as they were sent', async () => {
    const [entry] = await bridge.ldap.adminSearch(`uid=ada,${PEOPLE}`);
    expect(Object.fromEntries(entry?.attributes ?? [])).toMatchObject({
      uid: ['ada'],
      employeetype: ['C'],
      preferredlanguage: ['de-de'],
      businesscategory: ['Countess', 'Enchantress'],
      postaladdress: ['Rue \\245$St. James’s Square 12'],
    });
    expect((await bridge.send('GET', `/Users/${id}`)).body).toMatchObject(SHOWN);
  });

  it.each([
    'userName eq "ada@contoso.com"',
    'userName eq "ADA@CONTOSO.COM"',
    'userName sw "ada@c"',
    'userName ew "@contoso.com"',
    'userType eq "contractor"',
    'not (userType eq "Employee")',
    'userType co "tract"',
    'preferredLanguage eq "DE-de"',
    'nickName eq "countess;enchantress"',
    'nickName sw "Countess;"',
    'addresses.formatted eq "Rue $5\\nSt. James’s Square 12"',
  ])('are found by %s', async (filter) => {
    expect(await findIds(bridge, 'Users', filter)).toEqual([id]);
  });

  it.each([
    'userName eq "ada"',
    'userName eq "ada@example.org"',
    'userType eq "C"',
    'userType eq "Intern"',
    'nickName eq "Countess"',
    'addresses.formatted eq "Rue \\\\245$St. James’s Square 12"',
  ])('are not found by %s', async (filter) => {
    expect(await findIds(bridge, 'Users', filter)).toEqual([]);
  });

  it.each([
    ['userName', 'ada@example.org', 'userName: takes text that ends with "@contoso.com"'],
    ['userType', 'Intern', 'userType: takes one of: Employee, Contractor'],
  ])('are refused when %s is %s', async (path, value, detail) => {
    for (const answer of [
      await bridge.send('POST', '/Users', { ...USER, userName: 'eve@contoso.com', [path]: value }),
      await patch(bridge, `/Users/${id}`, { op: 'replace', path, value }),
    ]) {
      expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidValue']);
      expect(answer.body.detail).toContain(detail);
    }
    expect((await bridge.send('GET', `/Users/${id}`)).body).toMatchObject(SHOWN);
  });

  it('belong to a name that is taken, whatever its spelling', async () => {
    const { status, body } = await bridge.send('POST', '/Users', { userName: 'Ada@Contoso.com' });
    expect([status, body.scimType]).toEqual([409, 'uniqueness']);
  });

  it('leave alone what others stored, and choose between no two values', async () => {
    await bridge.ldap.adminAdd(`dn: uid=bob,${PEOPLE}
objectClass: inetOrgPerson
uid: bob
cn: Bob
sn: Bob
employeeType: Alumni
title: Dr
title: Prof
`);
    const [bob = ''] = await findIds(bridge, 'Users', 'userName eq "bob@contoso.com"');
    const before = await bridge.send('GET', `/Users/${bob}`);
    expect(before.body).toMatchObject({ userName: 'bob@contoso.com', title: 'Dr' });
    expect(before.body.userType).toBeUndefined();

    const changed = await patch(bridge, `/Users/${bob}`, { op: 'add', path: 'userType', value: 'Employee' });
    expect([changed.status, changed.body.userType]).toEqual([200, 'Employee']);
    const refused = await patch(bridge, `/Users/${bob}`, { op: 'replace', path: 'title', value: 'Countess' });
    expect([refused.status, refused.body.scimType]).toEqual([400, 'mutability']);
    expect(refused.body.detail).toMatch(/^title: the entry holds several values/);
    const [entry] = await bridge.ldap.adminSearch(`uid=bob,${PEOPLE}`);
    expect(entry?.attributes.get('employeetype')).toEqual(['E', 'Alumni']);
    expect(entry?.attributes.get('title')).toEqual(['Dr', 'Prof']);
  });
});
