import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGroup, createUser, ENTERPRISE, findIds, memberIds } from '../provisioning/support/requests.ts';
import { type Answer, type Bridge, startBridge } from '../support/bridge.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';

const BODY_BYTES = 20_000;
const BASE_URL = 'https://scim.example.org/scim/v2';
const REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let bridge: Bridge;

beforeAll(async () => {
  bridge = await startBridge({ tenant: `    limits: { bodyBytes: ${BODY_BYTES}, bulkOperations: 50 }` });
});
afterAll(() => bridge.stop());
beforeEach(() => bridge.ldap.reset());

function send(operations: readonly object[], more: object = {}): Promise<Answer> {
  return bridge.send('POST', '/Bulk', { schemas: [REQUEST], ...more, Operations: operations });
}

/** The results of a bulk request that was carried out. */
async function bulk(operations: readonly object[], more: object = {}): Promise<Answer['body']> {
  const { status, body } = await send(operations, more);
  expect({ status, body }).toMatchObject({ status: 200, body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'] } });
  return body.Operations;
}

async function statuses(operations: readonly object[], more: object = {}): Promise<readonly string[]> {
  return (await bulk(operations, more)).map(({ status }: { status: string }) => status);
}

const newUser = (bulkId: string, data: object = {}) => ({ method: 'POST', path: '/Users', bulkId, data: { userName: bulkId, ...data } });
const newGroup = (bulkId: string, ...members: readonly string[]) => ({
  method: 'POST',
  path: '/Groups',
  bulkId,
  data: { displayName: bulkId, members: members.map((value) => ({ value })) },
});
const patch = (path: string, ...operations: readonly object[]) => ({
  method: 'PATCH',
  path,
  data: { schemas: [PATCH_OP], Operations: operations },
});

/** The id at the end of a result's location. */
function idIn({ location }: { location: string }): string {
  return location.slice(location.lastIndexOf('/') + 1);
}

describe('RFC 7644 §3.7', () => {
  test('every method, each with its own status, location and version', async () => {
    const [bob, dave, gone] = await Promise.all([createUser(bridge), createUser(bridge, { userName: 'dave' }), createUser(bridge)]);
    const results = await bulk(
      [
        newUser('Alice'),
        { method: 'PUT', path: `/Users/${bob}`, data: { id: bob, userName: 'Bob' } },
        patch(`/Users/${dave}`, { op: 'replace', path: 'title', value: 'Boss' }),
        { method: 'DELETE', path: `/Users/${gone}` },
      ],
      { failOnErrors: 1 },
    );
    const [alice] = await findIds(bridge, 'Users', 'userName eq "Alice"');
    const version = expect.stringMatching(/^W\/"[^"]+"$/);
    expect(results).toEqual([
      { method: 'POST', bulkId: 'Alice', location: `${BASE_URL}/Users/${alice}`, version, status: '201' },
      { method: 'PUT', location: `${BASE_URL}/Users/${bob}`, version, status: '200' },
      { method: 'PATCH', location: `${BASE_URL}/Users/${dave}`, version, status: '200' },
      { method: 'DELETE', location: `${BASE_URL}/Users/${gone}`, status: '204' },
    ]);
    const { body } = await bridge.send('GET', `/Users/${dave}`);
    expect([body.title, body.meta.version]).toEqual(['Boss', results[2].version]);
    expect((await bridge.send('GET', `/Users/${bob}`)).body.userName).toBe('Bob');
    expect((await bridge.send('GET', `/Users/${gone}`)).status).toBe(404);
  });

  test('an empty request is carried out', async () => {
    expect(await bulk([])).toEqual([]);
  });

  test('versions are conditions', async () => {
    const id = await createUser(bridge);
    const { version } = (await bridge.send('GET', `/Users/${id}`)).body.meta;
    const title = (value: string, condition: string) => ({
      ...patch(`/Users/${id}`, { op: 'add', path: 'title', value }),
      version: condition,
    });
    expect(await statuses([title('a', version), title('b', version), { method: 'DELETE', path: `/Users/${id}`, version }])).toEqual([
      '200',
      '412',
      '412',
    ]);
    expect((await bridge.send('GET', `/Users/${id}`)).body.title).toBe('a');
  });
});

describe('bulkId references (RFC 7644 §3.7.2)', () => {
  test.each([
    ['behind', [newUser('qwerty'), newGroup('ytrewq', 'bulkId:qwerty')]],
    ['in front', [newGroup('ytrewq', 'bulkId:qwerty'), newUser('qwerty')]],
  ])('a group %s the user that is its member', async (_place, operations) => {
    const results = await bulk(operations);
    expect(results.map(({ bulkId, status }: { bulkId: string; status: string }) => [bulkId, status])).toEqual(
      operations.map(({ bulkId }) => [bulkId, '201']),
    );
    const [userId] = await findIds(bridge, 'Users', 'userName eq "qwerty"');
    const [groupId = ''] = await findIds(bridge, 'Groups', 'displayName eq "ytrewq"');
    expect(await memberIds(bridge, groupId)).toEqual([userId]);
    const [entry] = await bridge.ldap.adminSearch(GROUPS, '(cn=ytrewq)');
    expect(entry?.attributes.get('member')).toEqual([`uid=qwerty,${PEOPLE}`]);
  });

  test('a manager, and the manager of the manager', async () => {
    const reports = (to: string) => ({ [ENTERPRISE]: { manager: { value: `bulkId:${to}` } } });
    const results = await bulk([newUser('clerk', reports('boss')), newUser('boss', reports('chief')), newUser('chief')]);
    const [clerk, boss, chief] = results.map(idIn);
    expect((await bridge.send('GET', `/Users/${clerk}`)).body[ENTERPRISE].manager.value).toBe(boss);
    expect((await bridge.send('GET', `/Users/${boss}`)).body[ENTERPRISE].manager.value).toBe(chief);
  });

  test('the path of a PATCH, a PUT and a DELETE, and values of a PATCH', async () => {
    const [other, kept] = [await createGroup(bridge), await createGroup(bridge)];
    const results = await bulk([
      patch('/Groups/bulkId:team', { op: 'add', path: 'members', value: [{ value: 'bulkId:anna' }] }),
      patch(`/Groups/${kept}`, { op: 'add', value: { members: [{ value: 'bulkId:anna' }] } }),
      newGroup('team'),
      newGroup('brief'),
      newUser('anna'),
      { method: 'PUT', path: '/Users/bulkId:anna', data: { userName: 'anna', title: 'Boss' } },
      { method: 'DELETE', path: '/Groups/bulkId:brief' },
      { method: 'DELETE', path: `/Groups/${other}` },
    ]);
    expect(results.map(({ status }: { status: string }) => status)).toEqual(['200', '200', '201', '201', '201', '200', '204', '204']);
    expect(results[0].location).toBe(results[2].location);
    expect(await memberIds(bridge, idIn(results[0]))).toEqual([idIn(results[4])]);
    expect(await memberIds(bridge, kept)).toEqual([idIn(results[4])]);
    expect((await bridge.send('GET', `/Users/${idIn(results[5])}`)).body).toMatchObject({ userName: 'anna', title: 'Boss' });
    expect(await findIds(bridge, 'Groups', 'displayName eq "brief"')).toEqual([]);
  });

  test('a text that looks like one stays a text', async () => {
    const text = 'bulkId:qwerty';
    await bulk([newUser('qwerty'), newUser('anna', { displayName: text, title: text, emails: [{ type: 'work', value: text }] })]);
    const [entry] = await bridge.ldap.adminSearch(PEOPLE, '(uid=anna)');
    expect(['displayname', 'title', 'mail'].map((name) => entry?.attributes.get(name))).toEqual([[text], [text], [text]]);
  });

  test('what an operation before it could not create is not there to refer to', async () => {
    await createUser(bridge, { userName: 'taken' });
    const results = await bulk([
      newGroup('team', 'bulkId:taken'),
      newUser('taken'),
      patch('/Groups/bulkId:team', { op: 'replace', path: 'displayName', value: 'x' }),
      newGroup('others', 'bulkId:nobody'),
      newUser('anna'),
    ]);
    expect(results).toMatchObject([
      { method: 'POST', bulkId: 'team', status: '409', response: { status: '409', detail: expect.stringContaining('bulkId "taken"') } },
      { method: 'POST', bulkId: 'taken', status: '409', response: { status: '409', scimType: 'uniqueness' } },
      { method: 'PATCH', status: '409', response: { status: '409', detail: expect.stringContaining('bulkId "team"') } },
      { method: 'POST', bulkId: 'others', status: '409', response: { status: '409', detail: expect.stringContaining('bulkId "nobody"') } },
      { method: 'POST', bulkId: 'anna', status: '201' },
    ]);
    expect(results.map((result: object) => 'location' in result)).toEqual([false, false, false, false, true]);
    expect(await findIds(bridge, 'Groups', 'displayName pr')).toEqual([]);
  });

  test('circles are refused, the rest is carried out (§3.7.1)', async () => {
    const results = await bulk([
      newGroup('a', 'bulkId:b'),
      newGroup('b', 'bulkId:a'),
      newGroup('self', 'bulkId:self'),
      newGroup('behind', 'bulkId:a'),
      newGroup('fine'),
    ]);
    expect(results.map(({ status }: { status: string }) => status)).toEqual(['409', '409', '409', '409', '201']);
    expect(results.slice(0, 3).map(({ response }: { response: { detail: string } }) => response.detail)).toEqual([
      expect.stringMatching(/^bulkId "b": .* in a circle/),
      expect.stringMatching(/^bulkId "a": .* in a circle/),
      expect.stringMatching(/^bulkId "self": .* in a circle/),
    ]);
    expect(results[3].response.detail).toMatch(/^bulkId "a": no operation .* has created/);
    expect(await findIds(bridge, 'Groups', 'displayName pr')).toHaveLength(1);
  });
});

describe('errors', () => {
  const bad = { method: 'DELETE', path: '/Users/nobody' };

  test('of one operation are its own, with the body that a single request gets', async () => {
    const id = await createUser(bridge);
    const answer = await send([
      { method: 'GET', path: `/Users/${id}` },
      { method: 'POST', path: '/Devices', bulkId: 'x', data: {} },
      { bulkId: 'y', path: '/Users' },
      bad,
      patch(`/Users/${id}`, { op: 'replace', path: 'id', value: 'x' }),
      newUser('anna', { emails: 7, active: 'perhaps' }),
    ]);
    expect(answer.status).toBe(200);
    const requestId = answer.headers.get('x-request-id');
    expect(answer.body.Operations).toMatchObject([
      { method: 'GET', status: '400', response: { scimType: 'invalidSyntax' } },
      { method: 'POST', bulkId: 'x', status: '400', response: { scimType: 'invalidSyntax' } },
      { bulkId: 'y', status: '400', response: { scimType: 'invalidSyntax' } },
      { method: 'DELETE', location: `${BASE_URL}/Users/nobody`, status: '404' },
      { method: 'PATCH', location: `${BASE_URL}/Users/${id}`, status: '400', response: { scimType: 'mutability' } },
      { method: 'POST', bulkId: 'anna', status: '400', response: { scimType: 'invalidValue' } },
    ]);
    for (const { response, status } of answer.body.Operations) {
      expect(response).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status });
      expect(response.detail).toContain(`(request ${requestId})`);
    }
  });

  test('without failOnErrors keep nothing from being carried out', async () => {
    expect(await statuses([bad, bad, newUser('anna'), bad, newUser('bert')])).toEqual(['404', '404', '201', '404', '201']);
  });

  test('as many as failOnErrors says end it; the rest is neither done nor listed', async () => {
    expect(await statuses([bad, newUser('anna'), bad, newUser('bert')], { failOnErrors: 2 })).toEqual(['404', '201', '404']);
    expect(await findIds(bridge, 'Users', 'userName eq "bert"')).toEqual([]);
    expect(await statuses([newUser('anna'), newUser('bert')], { failOnErrors: 1 })).toEqual(['409']);
    expect(await statuses([newUser('bert'), bad], { failOnErrors: 2 })).toEqual(['201', '404']);
  });

  test.each([
    ['no JSON', '{', 400, 'invalidSyntax'],
    ['no object', '[]', 400, 'invalidSyntax'],
    ['no operations', '{}', 400, 'invalidSyntax'],
    ['an operation that is none', '{"Operations":[1]}', 400, 'invalidSyntax'],
    ['failOnErrors that is no number', '{"failOnErrors":"all","Operations":[]}', 400, 'invalidValue'],
  ])('of the request as a whole: %s', async (_what, text, status, scimType) => {
    const answer = await bridge.send('POST', '/Bulk', text);
    expect(answer).toMatchObject({ status, body: { status: String(status), scimType } });
  });

  test('other methods are refused', async () => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const { status, headers } = await bridge.send(method, '/Bulk', method === 'GET' ? undefined : {});
      expect([status, headers.get('allow')]).toEqual([405, 'POST']);
    }
  });
});

describe('limits (RFC 7644 §3.7.4)', () => {
  test('are announced', async () => {
    const { body } = await bridge.send('GET', '/ServiceProviderConfig');
    expect(body.bulk).toEqual({ supported: true, maxOperations: 50, maxPayloadSize: BODY_BYTES });
  });

  test('of operations: nothing is done above it', async () => {
    const users = (count: number) => Array.from({ length: count }, (_, index) => newUser(`u${index}`));
    const refused = await send(users(51));
    expect(refused).toMatchObject({ status: 413, body: { status: '413', detail: expect.stringContaining('maxOperations (50)') } });
    expect(await findIds(bridge, 'Users', 'userName pr')).toEqual([]);
    expect(new Set(await statuses(users(50)))).toEqual(new Set(['201']));
  });

  test('of bytes', async () => {
    const refused = await send([newUser('anna', { displayName: 'x'.repeat(BODY_BYTES) })]);
    expect(refused).toMatchObject({ status: 413, body: { status: '413', detail: expect.stringContaining(`${BODY_BYTES} bytes`) } });
    expect(await findIds(bridge, 'Users', 'userName pr')).toEqual([]);
  });
});

test('each operation has a log line of its own, without values', async () => {
  const [value, password] = ['Xy7-not-for-the-log', 'Zz9-not-even-for-the-audit'];
  const id = await createUser(bridge);
  const start = bridge.log.length;
  const { headers } = await send([
    newUser('anna', { password, title: value }),
    patch(`/Users/${id}`, { op: 'add', path: 'title', value }),
    { method: 'delete', path: 'Groups/bulkId:nobody' },
    { method: 'TRACE', path: value },
  ]);
  const text = bridge.log.slice(start).join('');
  const lines = bridge.log.slice(start).map((line) => JSON.parse(line));
  const requestId = headers.get('x-request-id');
  expect(lines.filter(({ msg }) => msg === 'bulk operation')).toMatchObject([
    { requestId, method: 'POST', path: '/Users', status: 201, bulkId: 'anna' },
    { requestId, method: 'PATCH', path: `/Users/${id}`, status: 200 },
    { requestId, method: 'DELETE', path: '/Groups/bulkId:nobody', status: 409 },
    { requestId, method: 'TRACE', status: 400 },
  ]);
  expect(text).not.toContain(value);
  expect(text).not.toContain(password);
  expect(lines.at(-1)).toMatchObject({ msg: 'request', path: '/scim/v2/Bulk', status: 200 });
});

test('others are answered while a bulk request is being carried out', async () => {
  let isDone = false;
  const long = statuses(Array.from({ length: 50 }, (_, index) => newUser(`u${index}`))).then((all) => {
    isDone = true;
    return all;
  });
  expect((await bridge.send('GET', '/Users?count=1')).status).toBe(200);
  expect(isDone).toBe(false);
  expect(await long).toHaveLength(50);
});
