import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';
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
