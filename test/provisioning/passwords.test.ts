import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { PEOPLE } from '../support/openldap.ts';
import { canBind, createUser, entryWithId, find, patch } from './support/requests.ts';

const FIRST = 'correct horse battery';
const SECOND = 'Zoë’s 2nd; "pass\\word" 漢字';
const SHORT = 'short-1';

describe.each(['passwordModify', 'plain'] as const)('method %s', (method) => {
  let bridge: Bridge;

  beforeAll(async () => {
    bridge = await startBridge({ level: 'debug', mapping: (text) => text.replace('method: passwordModify', `method: ${method}`) });
  });
  afterAll(() => bridge.stop());

  const dnOf = (userName: string) => `uid=${userName},${PEOPLE}`;
  const set = (value: unknown) => ({ op: 'replace', path: 'password', value });

  it('lets in whoever is created with one, hashed, and never shows it', async () => {
    const { status, text, body } = await bridge.send('POST', '/Users', { userName: 'anna', password: FIRST });

    expect(status).toBe(201);
    expect(await canBind(bridge, dnOf('anna'), FIRST)).toBe(true);
    expect(await canBind(bridge, dnOf('anna'), 'another')).toBe(false);
    const entry = await entryWithId(bridge, body.id);
    expect(String(entry?.attributes.get('userpassword')?.[0])).toMatch(/^\{\w+\}/);
    const shown = [
      text,
      (await bridge.send('GET', `/Users/${body.id}?attributes=password`)).text,
      (await bridge.send('GET', '/Users')).text,
    ];
    expect(shown.join()).not.toMatch(/password|correct horse|\{SSHA/i);
  });

  it.each([
    ['by its path', (value: string) => set(value)],
    ['by add', (value: string) => ({ op: 'Add', path: 'password', value })],
    ['without a path', (value: string) => ({ op: 'replace', value: { password: value } })],
    ['by its URN', (value: string) => ({ op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:password', value })],
  ])('changes %s', async (what, operation) => {
    const userName = `changed ${what}`;
    const id = await createUser(bridge, { userName, password: FIRST });
    const { status, text } = await patch(bridge, `/Users/${id}`, operation(SECOND));

    expect({ status, text }).toMatchObject({ status: 200 });
    expect(text).not.toContain('pass');
    expect([await canBind(bridge, dnOf(userName), FIRST), await canBind(bridge, dnOf(userName), SECOND)]).toEqual([false, true]);
  });

  it('changes together with other attributes, and with the name', async () => {
    const id = await createUser(bridge, { userName: 'bert', password: FIRST });
    const { status, body } = await patch(bridge, `/Users/${id}`, {
      op: 'replace',
      value: { userName: 'bert-2', title: 'New', password: SECOND },
    });

    expect([status, body.userName, body.title]).toEqual([200, 'bert-2', 'New']);
    expect(await canBind(bridge, dnOf('bert-2'), SECOND)).toBe(true);
  });

  it('changes by PUT, and stays when PUT says nothing of it', async () => {
    const id = await createUser(bridge, { userName: 'berta', password: FIRST });
    expect((await bridge.send('PUT', `/Users/${id}`, { userName: 'berta', title: 'x' })).status).toBe(200);
    expect(await canBind(bridge, dnOf('berta'), FIRST)).toBe(true);
    expect((await bridge.send('PUT', `/Users/${id}`, { userName: 'berta', password: SECOND })).status).toBe(200);
    expect(await canBind(bridge, dnOf('berta'), SECOND)).toBe(true);
  });

  it('that the policy refuses is 400 invalidValue, and a POST leaves nobody behind', async () => {
    const { status, body } = await bridge.send('POST', '/Users', { userName: 'refused', password: SHORT });

    expect([status, body.scimType]).toEqual([400, 'invalidValue']);
    expect(body.detail).toMatch(/^password: /);
    expect(await bridge.ldap.adminSearch(PEOPLE, '(uid=refused)')).toEqual([]);
    await createUser(bridge, { userName: 'refused', password: FIRST });
  });

  it('that the policy refuses in a PATCH changes nothing of all that the request says', async () => {
    const id = await createUser(bridge, { userName: 'kept', title: 'Old', password: FIRST });
    const before = { ...(await bridge.send('GET', `/Users/${id}`)).body, meta: undefined };
    for (const value of [SHORT, FIRST]) {
      const { status, body } = await patch(bridge, `/Users/${id}`, {
        op: 'replace',
        value: { userName: 'lost', title: 'New', active: false, password: value },
      });
      expect([status, body.scimType]).toEqual([400, 'invalidValue']);
      expect(body.detail).toMatch(/^password: /);
    }

    expect({ ...(await bridge.send('GET', `/Users/${id}`)).body, meta: undefined }).toEqual(before);
    expect(await canBind(bridge, dnOf('kept'), FIRST)).toBe(true);
  });

  it('does not let in whoever is inactive, not at the creation, not by a new one, until activated', async () => {
    const id = await createUser(bridge, { userName: 'off', active: false, password: FIRST });
    expect(await canBind(bridge, dnOf('off'), FIRST)).toBe(false);

    const changed = await patch(bridge, `/Users/${id}`, set(SECOND));
    expect([changed.status, changed.body.active]).toEqual([200, false]);
    expect(await canBind(bridge, dnOf('off'), SECOND)).toBe(false);

    const put = await bridge.send('PUT', `/Users/${id}`, { userName: 'off', password: 'a third password' });
    expect([put.status, put.body.active]).toEqual([200, false]);
    expect(await canBind(bridge, dnOf('off'), 'a third password')).toBe(false);

    expect((await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'active', value: 'True' })).body.active).toBe(true);
    expect(await canBind(bridge, dnOf('off'), 'a third password')).toBe(true);
  });

  it('and the switch to inactive in one request end inactive, the other way round active', async () => {
    const id = await createUser(bridge, { userName: 'both', password: FIRST });
    const off = await patch(bridge, `/Users/${id}`, set(SECOND), { op: 'replace', path: 'active', value: false });
    expect([off.body.active, await canBind(bridge, dnOf('both'), SECOND)]).toEqual([false, false]);
    const on = await patch(bridge, `/Users/${id}`, { op: 'replace', value: { active: true, password: 'a third password' } });
    expect([on.body.active, await canBind(bridge, dnOf('both'), 'a third password')]).toEqual([true, true]);
  });

  it.each([
    ['none-1', ''],
    ['none-2', null],
    ['none-3', []],
  ])('%s: %j is none, and changes none', async (userName, value) => {
    const id = await createUser(bridge, { userName, password: FIRST });

    expect((await patch(bridge, `/Users/${id}`, set(value))).status).toBeLessThan(500);
    expect(await canBind(bridge, dnOf(userName), FIRST)).toBe(true);
    expect(await canBind(bridge, dnOf(userName), '')).toBe(false);
  });

  it.each(['password eq "correct horse battery"', 'password pr', 'password sw "c"', 'userName pr and password co "x"'])(
    'cannot be asked for: %s',
    async (filter) => {
      const { status, body } = await find(bridge, 'Users', filter);
      expect([status, body.scimType]).toEqual([400, 'invalidFilter']);
    },
  );

  it('appears in no line of the log', () => {
    const log = bridge.log.join('');

    expect(log).toContain('"status":201');
    for (const secret of [FIRST, SECOND, SHORT, 'a third password', 'bridge-secret', 'a-token-for-the-tests', '漢字', '{SSHA']) {
      expect(log).not.toContain(secret);
      expect(log).not.toContain(JSON.stringify(secret).slice(1, -1));
    }
  });
});
