import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGroup, createUser } from '../provisioning/support/requests.ts';
import { type Answer, type Bridge, startBridge } from '../support/bridge.ts';

const SEARCH_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

let bridge: Bridge;
let users: readonly string[];
let groups: readonly string[];

beforeAll(async () => {
  bridge = await startBridge({ logsOperations: true, tenant: '    paging: { defaultPageSize: 4, maxPageSize: 50 }' });
  users = await Promise.all(
    Array.from({ length: 9 }, (_, index) =>
      createUser(bridge, { userName: `u${index}`, displayName: index < 3 ? 'shared' : `only ${index}`, title: `T${index}` }),
    ),
  );
  groups = await Promise.all(['shared', 'others', 'empty'].map((name, index) => createGroup(bridge, users.slice(0, index), name)));
  [users, groups] = [users.toSorted(), groups.toSorted()];
});
beforeEach(() => bridge.ldap.mark());
afterAll(() => bridge.stop());

function search(path: string, body: object): Promise<Answer> {
  return bridge.send('POST', `${path}/.search`, { schemas: [SEARCH_REQUEST], ...body });
}

function idsIn({ body }: Answer): readonly string[] {
  return body.Resources.map(({ id }: { id: string }) => id);
}

async function rootIds(filter: string, more = ''): Promise<readonly string[]> {
  const answer = await bridge.send('GET', `?count=50&filter=${encodeURIComponent(filter)}${more}`);
  expect([answer.status, answer.body.detail]).toEqual([200, undefined]);
  expect(answer.body.totalResults).toBe(answer.body.Resources.length);
  return idsIn(answer);
}

describe('.search', () => {
  const QUERIES: readonly (readonly [path: string, body: Record<string, unknown>, query: string])[] = [
    ['/Users', {}, ''],
    ['/Groups', {}, ''],
    ['', {}, ''],
    ['/Users', { filter: 'userName eq "U3"' }, 'filter=userName eq "U3"'],
    ['/Users', { filter: 'userName eq "u3"', attributes: ['userName', 'title'] }, 'filter=userName eq "u3"&attributes=userName,title'],
    ['/Users', { excludedAttributes: ['title', 'meta'] }, 'excludedAttributes=title,meta'],
    ['/Users', { startIndex: 3, count: 2 }, 'startIndex=3&count=2'],
    ['/Users', { count: 0 }, 'count=0'],
    ['/Users', { sortBy: 'title', sortOrder: 'descending', count: 3 }, 'sortBy=title&sortOrder=descending&count=3'],
    ['', { startIndex: 9, count: 3 }, 'startIndex=9&count=3'],
    [
      '',
      { filter: 'displayName eq "shared"', sortBy: 'displayName', count: 50 },
      'filter=displayName eq "shared"&sortBy=displayName&count=50',
    ],
  ];

  it.each(QUERIES)('%s %j answers as GET does', async (path, body, query) => {
    const parameters = query.split('&').map((pair) => pair.replace(/=(.*)/, (_, value: string) => `=${encodeURIComponent(value)}`));
    const [posted, got] = [await search(path, body), await bridge.send('GET', `${path}?${parameters.join('&')}`)];

    expect([posted.status, got.status]).toEqual([200, 200]);
    expect(posted.body).toEqual(got.body);
    expect(posted.headers.get('content-type')).toBe('application/scim+json');
  });

  it.each(['/Users', '/Groups', ''])('pages %s by cursor', async (path) => {
    const ids: string[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const answer: Answer = await search(path, { cursor, count: 2, attributes: ['displayName'] });
      expect(answer.status).toBe(200);
      ids.push(...idsIn(answer));
      cursor = answer.body.nextCursor;
    }

    expect(ids).toEqual(path === '' ? [...users, ...groups] : path === '/Users' ? users : groups);
  });

  it('and GET understand each other’s cursors', async () => {
    const { body } = await search('/Users', { cursor: '', count: 2 });
    const next = await bridge.send('GET', `/Users?count=2&cursor=${body.nextCursor}`);

    expect(idsIn(next)).toEqual(users.slice(2, 4));
  });

  it.each([
    ['no schemas', { filter: 'userName eq "u1"' }],
    ['names in another letter case', { SCHEMAS: [SEARCH_REQUEST.toUpperCase()], Filter: 'userName eq "u1"', Count: 1, startindex: 1 }],
    ['numbers as text', { filter: 'userName eq "u1"', count: '1', startIndex: '1' }],
    ['null for what is not wanted', { filter: 'userName eq "u1"', attributes: null, sortBy: null, count: null, cursor: null }],
    ['attributes in one text', { filter: 'userName eq "u1"', attributes: 'userName, title' }],
    ['members that nobody knows', { filter: 'userName eq "u1"', page: 7 }],
  ])('takes %s', async (_what, body) => {
    const { status, body: answer } = await bridge.send('POST', '/Users/.search', body);

    expect([status, answer.totalResults, answer.Resources[0].userName]).toEqual([200, 1, 'u1']);
  });

  it.each([
    [[], 'invalidSyntax'],
    ['text', 'invalidSyntax'],
    [{ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'] }, 'invalidSyntax'],
    [{ schemas: [] }, 'invalidSyntax'],
    [{ filter: 7 }, 'invalidValue'],
    [{ filter: 'userName xx "u1"' }, 'invalidFilter'],
    [{ filter: 'nonsense eq "u1"' }, 'invalidFilter'],
    [{ filter: 'nickName eq "u1"' }, 'invalidFilter'],
    [{ attributes: [7] }, 'invalidValue'],
    [{ count: 1.5 }, 'invalidValue'],
    [{ count: [] }, 'invalidValue'],
    [{ startIndex: 'x' }, 'invalidValue'],
    [{ sortOrder: 'sideways' }, 'invalidValue'],
    [{ sortBy: 'password' }, 'invalidPath'],
    [{ cursor: 'x' }, 'invalidCursor'],
    [{ cursor: '', count: 1.5 }, 'invalidCount'],
    [{ cursor: '', startIndex: 1 }, 'invalidValue'],
    [{ cursor: 7 }, 'invalidValue'],
  ])('refuses %j: 400 %s', async (body, scimType) => {
    for (const path of ['/Users/.search', '/.search']) {
      const answer = await bridge.send('POST', path, JSON.stringify(body));
      expect([answer.status, answer.body.scimType]).toEqual([400, scimType]);
    }
    expect(await bridge.ldap.operations()).toEqual([]);
  });

  it('takes filters that are too long for a URL', async () => {
    const filter = Array.from({ length: 190 }, (_, index) => `userName eq "${'x'.repeat(60)}${index}"`).join(' or ');

    expect((await search('/Users', { filter: `${filter} or userName eq "u1"` })).body.totalResults).toBe(1);
  });

  it('has one verb, and needs the token', async () => {
    expect((await bridge.send('POST', '/.search', {}, { authorization: 'Bearer nobody' })).status).toBe(401);
    for (const method of ['GET', 'PUT', 'DELETE']) expect((await bridge.send(method, '/.search')).status).toBe(405);
  });
});

describe('the base address', () => {
  it('shows users, then groups, each by id, and counts both', async () => {
    expect(await rootIds('id pr')).toEqual([...users, ...groups]);

    const page = await bridge.send('GET', '?startIndex=8&count=4');
    expect([page.body.totalResults, page.body.startIndex, idsIn(page)]).toEqual([12, 8, [...users.slice(7), ...groups.slice(0, 2)]]);
    expect((await bridge.send('GET', '')).body).toMatchObject({ totalResults: 12, itemsPerPage: 4 });
    expect((await bridge.send('GET', '/?count=0')).body).toMatchObject({ totalResults: 12, Resources: [] });
  });

  it('reads attributes for each type', async () => {
    const { body } = await bridge.send('GET', '?count=50&attributes=userName,members');
    const keys = body.Resources.map((resource: object) => Object.keys(resource).join());

    expect(new Set(keys.slice(0, 9))).toEqual(new Set(['schemas,id,userName']));
    expect(new Set(keys.slice(9))).toEqual(new Set(['schemas,id', 'schemas,id,members']));
  });

  it('asks one type only when the filter names it', async () => {
    expect(await rootIds('meta.resourceType eq "User"', '&attributes=userName')).toEqual(users);
    expect(await rootIds('meta.resourceType eq "Group" and displayName eq "shared"', '&attributes=displayName')).toHaveLength(1);
    const operations = await bridge.ldap.operations();

    expect(operations.map(({ dn }) => dn.split(',')[0])).toEqual(['ou=people', 'ou=groups']);
  });

  it.each([
    ['displayName eq "shared"', 3, 1],
    ['userName eq "u5"', 1, 0],
    ['userName eq "u5" or displayName eq "others"', 1, 1],
    ['userName eq "u5" or members pr', 1, 2],
    ['userName pr', 9, 0],
    ['not (userName pr)', 0, 3],
    ['userName ne "u5"', 8, 3],
    ['title eq null', 0, 3],
    ['displayName eq "shared" and not (userName eq "u1")', 2, 1],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "u5"', 1, 0],
    ['urn:ietf:params:scim:schemas:core:2.0:Group:displayName eq "others"', 0, 1],
    ['emails[type eq "work"] or displayName eq "empty"', 0, 1],
    ['meta.resourceType eq "User" or displayName eq "empty"', 9, 1],
    ['meta.resourceType ne "User"', 0, 3],
    ['meta.resourceType eq "user"', 0, 0],
    ['meta.resourceType sw "U" and displayName co "shar"', 3, 0],
    ['meta.resourceType eq "Device"', 0, 0],
  ])('%s finds %i users and %i groups: what a type lacks has no value there', async (filter, ofUsers, ofGroups) => {
    const ids = await rootIds(filter);

    expect([ids.filter((id) => users.includes(id)).length, ids.filter((id) => groups.includes(id)).length]).toEqual([ofUsers, ofGroups]);
  });

  it.each(['nonsense eq "x"', 'nickName eq "x"', 'userName eq', 'userName eq "u1" and nickName pr', 'password eq "x"'])(
    '%s: 400, no type knows it',
    async (filter) => {
      const { status, body } = await bridge.send('GET', `?filter=${encodeURIComponent(filter)}`);

      expect([status, body.scimType]).toEqual([400, 'invalidFilter']);
    },
  );

  it('takes no other verb', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) expect((await bridge.send(method, '', {})).status).toBe(405);
  });
});

it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('%s /Me answers 501', async (method) => {
  expect((await bridge.send(method, '/Me', method === 'GET' ? undefined : {})).status).toBe(501);
});
