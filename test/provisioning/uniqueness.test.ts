import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { GROUPS, PEOPLE, SUFFIX } from '../support/openldap.ts';
import { createGroup, createUser, entryWithId, patch } from './support/requests.ts';
import { withoutOverlays } from './support/without-overlays.ts';

describe.each(['full', 'bare'] as const)('%s', (variant) => {
  let bridge: Bridge;

  beforeAll(async () => {
    bridge = await startBridge(variant === 'full' ? {} : { variant, mapping: withoutOverlays });
  });
  afterAll(() => bridge.stop());

  it.each([
    ['Users', 'userName', 2],
    ['Users', 'userName', 16],
    ['Groups', 'displayName', 2],
    ['Groups', 'displayName', 16],
  ] as const)('creates one of /%s when one %s is asked for %i times at once', async (endpoint, attribute, times) => {
    const spellings = Array.from({ length: times }, (_, index) => (index % 2 === 0 ? `race-${times}` : `RACE-${times}`));
    const answers = await Promise.all(spellings.map((name) => bridge.send('POST', `/${endpoint}`, { [attribute]: name })));
    const taken = answers.filter(({ status }) => status === 409);

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(taken).toHaveLength(times - 1);
    for (const { body } of taken) {
      expect(body.scimType).toBe('uniqueness');
      expect(body.detail).toMatch(new RegExp(`^${attribute}: `));
    }
    const found = await bridge.ldap.adminSearch(endpoint === 'Users' ? PEOPLE : GROUPS, `(cn=race-${times})`);
    expect(found).toHaveLength(1);
  });

  it('lets one of two renames to one name win', async () => {
    const ids = [await createUser(bridge), await createUser(bridge)];
    const rename = { op: 'replace', path: 'userName', value: 'target' };
    const answers = await Promise.all(ids.map((id) => patch(bridge, `/Users/${id}`, rename)));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
    expect(await bridge.ldap.adminSearch(PEOPLE, '(uid=target)')).toHaveLength(1);
  });

  it('keeps a name that somebody has in a branch below the base', async () => {
    await bridge.ldap.adminAdd(`dn: ou=branch,${PEOPLE}
objectClass: organizationalUnit
ou: branch

dn: uid=Berta,ou=branch,${PEOPLE}
objectClass: inetOrgPerson
uid: Berta
cn: Berta
sn: Berta
`);
    const created = await bridge.send('POST', '/Users', { userName: 'berta' });
    expect([created.status, created.body.scimType]).toEqual([409, 'uniqueness']);

    const id = await createUser(bridge);
    const before = await entryWithId(bridge, id, 'entryCSN');
    const renamed = await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'userName', value: 'BERTA' });
    expect([renamed.status, renamed.body.scimType]).toEqual([409, 'uniqueness']);
    const put = await bridge.send('PUT', `/Users/${id}`, { userName: 'berta' });
    expect([put.status, put.body.scimType]).toEqual([409, 'uniqueness']);
    expect(await entryWithId(bridge, id, 'entryCSN')).toEqual(before);
  });

  it('lets somebody keep the own name in another spelling, however the id is spelled', async () => {
    const id = await createUser(bridge, { userName: 'own-name' });
    const renamed = await patch(bridge, `/Users/${id.toUpperCase()}`, { op: 'replace', path: 'userName', value: 'Own-Name' });

    expect([renamed.status, renamed.body.userName, renamed.body.id]).toEqual([200, 'Own-Name', id]);
    expect((await entryWithId(bridge, id))?.dn).toBe(`uid=Own-Name,${PEOPLE}`);
  });

  it('does not take a name twice by PATCH or PUT of a group', async () => {
    await createGroup(bridge, [], 'Taken');
    const id = await createGroup(bridge);
    for (const answer of [
      await patch(bridge, `/Groups/${id}`, { op: 'replace', path: 'displayName', value: 'taken' }),
      await bridge.send('PUT', `/Groups/${id}`, { displayName: 'TAKEN' }),
    ]) {
      expect([answer.status, answer.body.scimType]).toEqual([409, 'uniqueness']);
    }
  });
});

describe('with slapo-unique', () => {
  it('answers 409 for what the directory keeps unique, and names the attribute', async () => {
    const bridge = await startBridge();
    try {
      const emails = [{ type: 'work', value: 'one@example.org' }];
      await createUser(bridge, { emails });
      const created = await bridge.send('POST', '/Users', { userName: 'second', emails });
      const id = await createUser(bridge);
      const changed = await patch(bridge, `/Users/${id}`, { op: 'add', path: 'emails[type eq "work"].value', value: 'ONE@example.org' });

      for (const { status, body } of [created, changed]) {
        expect([status, body.scimType]).toEqual([409, 'uniqueness']);
        expect(body.detail).toMatch(/^emails\[type eq "work"\]\.value: /);
      }
      expect(await bridge.ldap.adminSearch(PEOPLE, '(uid=second)')).toEqual([]);
    } finally {
      await bridge.stop();
    }
  });
});

describe('beyond the name of the entry, on a directory that keeps nothing unique itself', () => {
  const contractors = `ou=contractors,${SUFFIX}`;
  let bridge: Bridge;

  beforeAll(async () => {
    bridge = await startBridge({
      variant: 'bare',
      ldif: `\ndn: ${contractors}\nobjectClass: organizationalUnit\nou: contractors\n`,
      mapping: (text) =>
        withoutOverlays(text)
          .replace(/^ {4}userName: .*$/m, '    userName: { ldap: mail, required: true }')
          .replace(/^ {4}emails\[type eq "work"\].*\n/gm, '')
          .replace(/^ {2}generated:.*$/m, `$&\n    uid: { template: '{userName | before "@"}', unique: true, write: once }`)
          .replace(/^ {2}attributes:/m, `  placement:\n    - { when: userType eq "Contractor", base: '${contractors}' }\n$&`),
    });
  });
  afterAll(() => bridge.stop());

  it.each([2, 16])('creates one when one userName is asked for %i times at once, in two branches', async (times) => {
    const userName = `race-${times}@example.org`;
    const users = Array.from({ length: times }, (_, index) => ({
      userName: index % 3 === 0 ? userName.toUpperCase() : userName,
      ...(index % 2 === 0 ? { userType: 'Contractor' } : {}),
    }));
    const answers = await Promise.all(users.map((user) => bridge.send('POST', '/Users', user)));
    const taken = answers.filter(({ status }) => status === 409);

    expect([answers.filter(({ status }) => status === 201).length, taken.length]).toEqual([1, times - 1]);
    for (const { body } of taken) expect([body.scimType, body.detail]).toEqual(['uniqueness', expect.stringMatching(/^userName: /)]);
    expect(await bridge.ldap.adminSearch(SUFFIX, `(mail=${userName})`)).toHaveLength(1);
  });

  it('lets one of many changes to one value win, by PATCH and by PUT', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, (_, index) => createUser(bridge, { userName: `w${index}@example.org` })));
    const answers = await Promise.all(
      ids.map((id, index) =>
        index % 2 === 0
          ? patch(bridge, `/Users/${id}`, { op: 'replace', path: 'userName', value: 'won@example.org' })
          : bridge.send('PUT', `/Users/${id}`, { userName: 'Won@example.org' }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 7 }, () => 409)]);
    expect(await bridge.ldap.adminSearch(SUFFIX, '(mail=won@example.org)')).toHaveLength(1);
  });

  it('asks only for what is new', async () => {
    const id = await createUser(bridge, { userName: 'own@example.org' });
    await bridge.ldap.adminAdd(`dn: uid=twin,${PEOPLE}\nobjectClass: inetOrgPerson\nuid: twin\ncn: T\nsn: T\nmail: own@example.org\n`);
    expect((await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'title', value: 'x' })).status).toBe(200);
    expect((await bridge.send('PUT', `/Users/${id}`, { userName: 'own@example.org', title: 'y' })).status).toBe(200);
  });
});
