import { Client, ServerSideSortingRequestControl } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Bridge, startBridge } from '../support/bridge.ts';
import { PEOPLE } from '../support/openldap.ts';
import { peopleLdif } from './support/people.ts';
import { createGroup, ENTERPRISE } from './support/requests.ts';

const USERS = 700;

/** Every seventh has no displayName; letter case says nothing; the RDN's order is not the file's. */
function more(index: number): readonly string[] {
  const scattered = String((index * 389) % USERS).padStart(4, '0');
  return [
    ...(index % 7 === 0 ? [] : [`displayName: ${index % 2 === 0 ? 'name' : 'NAME'} ${scattered}`]),
    `scimExternalId: ${index % 2 === 0 ? 'e' : 'E'}${scattered}`,
    `title: T${index % 3}`,
    `mail: ${scattered}@example.org`,
    `employeeNumber: ${index}`,
    ...(index % 5 === 0 ? ['pwdAccountLockedTime: 000001010000Z'] : []),
  ];
}

/** Sorts in memory. */
let memory: Bridge;
/** Has the directory sort whatever doesn't fit on one page. */
let directory: Bridge;

beforeAll(async () => {
  memory = await startBridge({ ldif: peopleLdif(USERS, 'u', more), logsOperations: true });
  directory = await startBridge({ url: () => memory.ldap.url, tenant: '    paging: { sortLimit: 0 }' });
  await createGroup(memory, [], 'name 0000 is a group');
  await createGroup(memory, [], 'zz');
});
afterAll(async () => {
  await directory.stop();
  await memory.stop();
});

function list(bridge: Bridge, query: string, endpoint = '/Users'): Promise<Answer> {
  return bridge.send('GET', `${endpoint}?${query}`);
}

/** What these tests look at. */
interface Shown {
  readonly id: string;
  readonly userName: string;
  readonly displayName?: string;
  readonly title: string;
  readonly externalId: string;
  readonly active: boolean;
  readonly name: { readonly familyName: string };
  readonly emails: readonly [{ readonly value: string }];
  readonly meta: { readonly resourceType: string; readonly lastModified: string };
  readonly [ENTERPRISE]: { readonly employeeNumber: string };
}

/** Everybody in an order, page by page. */
async function sorted(bridge: Bridge, sortBy: string, sortOrder = 'ascending'): Promise<readonly Shown[]> {
  const resources: Shown[] = [];
  for (let startIndex = 1; startIndex <= USERS; startIndex += 300) {
    const query = `sortBy=${encodeURIComponent(sortBy)}&sortOrder=${sortOrder}&startIndex=${startIndex}&count=300`;
    const { status, body } = await list(bridge, query);
    expect([status, body.totalResults]).toEqual([200, USERS]);
    resources.push(...body.Resources);
  }
  expect(new Set(resources.map(({ id }) => id)).size).toBe(USERS);
  return resources;
}

/** The same in the order that RFC 7644 §3.4.2.3 asks for. */
function inOrder(resources: readonly Shown[], valueOf: (resource: Shown) => string | number | undefined): readonly Shown[] {
  return resources.toSorted((a, b) => {
    const [left, right] = [valueOf(a), valueOf(b)];
    if (left === right) return a.id < b.id ? -1 : 1;
    if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
    return left < right ? -1 : 1;
  });
}

describe.each([
  ['in memory', () => memory],
  ['by the directory', () => directory],
])('sorting %s', (_where, bridge) => {
  it('ignores letter case, puts those without a value last, and decides by id among equals', async () => {
    const byName = await sorted(bridge(), 'displayName');
    expect(byName).toEqual(inOrder(byName, ({ displayName }) => displayName?.toLowerCase()));
    expect(byName.slice(-100).every(({ displayName }) => displayName === undefined)).toBe(true);

    const byTitle = await sorted(bridge(), 'TITLE');
    expect(byTitle).toEqual(inOrder(byTitle, ({ title }) => title));
  });

  it('turns the order round, those without a value first', async () => {
    const ids = (await sorted(bridge(), 'displayName')).map(({ id }) => id);
    const turned = (await sorted(bridge(), 'displayName', 'descending')).map(({ id }) => id);

    // Those without a value are equals, and in the order of their ids either way.
    expect(turned).toEqual([...ids.slice(600), ...ids.slice(0, 600).toReversed()]);
  });

  it('minds letter case where the attribute does', async () => {
    const byExternalId = await sorted(bridge(), 'externalId');
    expect(byExternalId).toEqual(inOrder(byExternalId, ({ externalId }) => externalId));
  });

  it.each([
    ['userName', ({ userName }: Shown) => userName],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName', ({ userName }: Shown) => userName],
    [`${ENTERPRISE}:employeeNumber`, (user: Shown) => user[ENTERPRISE].employeeNumber],
    ['meta.lastModified', ({ meta }: Shown) => meta.lastModified],
    ['id', ({ id }: Shown) => id],
  ])('takes %s', async (sortBy, valueOf) => {
    const resources = await sorted(bridge(), sortBy);
    expect(resources).toEqual(inOrder(resources, valueOf));
  });
});

describe('a sort', () => {
  it.each(['emails', 'emails.value', 'emails[type eq "work"].value'])(
    'by %s looks at the primary value or else the first',
    async (sortBy) => {
      const byMail = await sorted(memory, sortBy);
      expect(byMail).toEqual(inOrder(byMail, ({ emails }) => emails[0].value));
    },
  );

  it('by a boolean, and by a name that a placeholder stands in for', async () => {
    const byState = await sorted(memory, 'active');
    expect(byState).toEqual(inOrder(byState, ({ active }) => Number(active)));
    const byFamilyName = await sorted(memory, 'name.familyName');
    expect(byFamilyName).toEqual(inOrder(byFamilyName, ({ name }) => name.familyName.toLowerCase()));
  });

  it('of one page is one search', async () => {
    await memory.ldap.mark();
    const filter = encodeURIComponent('userName eq "u69" or userName eq "u7" or userName eq "u699"');
    const { body } = await list(memory, `sortBy=userName&sortOrder=Descending&filter=${filter}`);

    expect(body.Resources.map(({ userName }: { userName: string }) => userName)).toEqual(['u7', 'u699', 'u69']);
    expect(await memory.ldap.operations()).toHaveLength(1);
  });

  it('shows only what was asked for, whatever it is sorted by', async () => {
    const { body } = await list(memory, 'sortBy=displayName&attributes=title&count=2');

    expect(body.Resources.map((resource: object) => Object.keys(resource))).toEqual([
      ['schemas', 'id', 'title'],
      ['schemas', 'id', 'title'],
    ]);
  });

  it('goes across types on the base address, and narrows to one', async () => {
    const { body } = await list(memory, 'sortBy=displayName&count=2', '');
    expect([body.totalResults, ...body.Resources.map(({ displayName }: Shown) => displayName)]).toEqual([
      USERS + 2,
      'name 0000 is a group',
      'NAME 0001',
    ]);

    const groups = await list(
      memory,
      `sortBy=displayName&sortOrder=descending&filter=${encodeURIComponent('meta.resourceType eq "Group"')}`,
      '',
    );
    expect(groups.body.Resources.map(({ displayName }: Shown) => displayName)).toEqual(['zz', 'name 0000 is a group']);
  });

  it('by what one type has not got puts that type last', async () => {
    const { body } = await list(memory, 'sortBy=userName&startIndex=700&count=3', '');

    expect(body.Resources.map(({ meta }: Shown) => meta.resourceType)).toEqual(['User', 'Group', 'Group']);
  });
});

describe('a sort that cannot be done', () => {
  it.each([
    ['sortBy=password', 'invalidPath'],
    ['sortBy=nickName', 'invalidPath'],
    ['sortBy=nonsense', 'invalidPath'],
    ['sortBy=name', 'invalidPath'],
    ['sortBy=a%20b', 'invalidPath'],
    ['sortBy=urn:x:y:z', 'invalidPath'],
    ['sortBy=__proto__', 'invalidPath'],
    ['sortBy=userName&sortOrder=up', 'invalidValue'],
    ['sortOrder=up', 'invalidValue'],
  ])('?%s', async (query, scimType) => {
    for (const endpoint of ['/Users', '']) {
      const { status, body } = await list(memory, query, endpoint);
      expect([status, body.scimType]).toEqual([400, scimType]);
    }
  });

  it.each(['name.familyName', 'emails.value', 'meta.version', 'active'])(
    'by the directory, by %s: tooMany, with the limit',
    async (sortBy) => {
      const { status, body } = await list(directory, `sortBy=${sortBy}`);

      expect([status, body.scimType]).toEqual([400, 'tooMany']);
      expect(body.detail).toContain('more than 0 resources');
    },
  );

  it('across types beyond the limit', async () => {
    const { status, body } = await list(directory, 'sortBy=displayName', '');

    expect([status, body.scimType]).toEqual([400, 'tooMany']);
  });

  it('where the directory offers no sorting', async () => {
    const bare = await startBridge({
      configure: (text) => text.replace('overlay      sssvlv\n', '').replace('moduleload   sssvlv\n', ''),
      ldif: peopleLdif(150),
      tenant: '    paging: { sortLimit: 149 }',
    });
    try {
      const refused = await list(bare, 'sortBy=userName');
      expect([refused.status, refused.body.scimType]).toEqual([400, 'tooMany']);
      expect(refused.body.detail).toContain('more than 149 resources');
      expect((await list(bare, `sortBy=userName&filter=${encodeURIComponent('userName ne "u1"')}`)).body.totalResults).toBe(149);
      expect((await list(bare, 'sortBy=userName&count=150')).body.itemsPerPage).toBe(150);
    } finally {
      await bare.stop();
    }
  });

  it('while the directory sorts for others: 503, and it works again afterwards', async () => {
    const others = await Promise.all([occupySort(), occupySort()]);
    try {
      const refused = await list(directory, 'sortBy=displayName');
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
      expect(refused.body.detail).toContain('the directory is sorting for others at the moment');
    } finally {
      await Promise.all(others.map((client) => client.unbind()));
    }
    const status = async () => (await list(directory, 'sortBy=displayName&count=1')).status;
    await expect.poll(status).toBe(200);
    // Ten times: none of ours keeps a place.
    for (let time = 0; time < 10; time += 1) expect(await status()).toBe(200);
  });
});

/** Begins a sorted search in pages and doesn't end it: one of the two places that this slapd has. */
async function occupySort(): Promise<Client> {
  const client = new Client({ url: memory.ldap.url });
  await client.bind(memory.ldap.bindDn, memory.ldap.bindPassword);
  const value = [{ attributeType: 'uid', orderingRule: 'caseIgnoreOrderingMatch' }];
  const sort = new ServerSideSortingRequestControl({ critical: true, value });
  await client.searchPaginated(PEOPLE, { attributes: ['1.1'], paged: { pageSize: 10 } }, sort).next();
  return client;
}
