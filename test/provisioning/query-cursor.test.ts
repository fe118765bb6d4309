import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Bridge, startBridge } from '../support/bridge.ts';
import { peopleLdif } from './support/people.ts';
import { createGroup, createUser, patch } from './support/requests.ts';

const USERS = 300;

let bridge: Bridge;

beforeAll(async () => {
  bridge = await startBridge({
    ldif: peopleLdif(USERS, 'u', (index) => [`displayName: D${index % 3}`]),
    logsOperations: true,
    tenant: '    paging: { defaultPageSize: 20, maxPageSize: 60 }',
  });
});
afterAll(() => bridge.stop());

function get(query: string, endpoint = '/Users'): Promise<Answer> {
  return bridge.send('GET', `${endpoint}?${query}`);
}

function idsIn({ body }: Answer): readonly string[] {
  return body.Resources.map(({ id }: { id: string }) => id);
}

/** The answers for all pages; `between` happens before each page but the first. */
async function walk(
  query: string,
  endpoint = '/Users',
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<readonly Answer[]> {
  const answers = [await get(`${query}&cursor`, endpoint)];
  for (let last = answers[0]; last?.body.nextCursor !== undefined; last = answers.at(-1)) {
    await between();
    answers.push(await get(`${query}&cursor=${last.body.nextCursor}`, endpoint));
    expect(answers.at(-1)?.status).toBe(200);
  }
  return answers;
}

async function everybody(): Promise<readonly string[]> {
  return (await walk('count=60')).flatMap(idsIn);
}

describe('cursor paging', () => {
  it('shows everybody once, in full pages, with the total on each and a next cursor on each but the last', async () => {
    const answers = await walk('count=7&attributes=userName');
    const ids = answers.flatMap(idsIn);

    expect(answers).toHaveLength(43);
    expect(new Set(ids).size).toBe(USERS);
    expect(ids).toEqual(ids.toSorted());
    for (const [index, { body }] of answers.entries()) {
      const isLast = index === answers.length - 1;
      expect(Object.keys(body)).toEqual(['schemas', 'totalResults', 'itemsPerPage', ...(isLast ? [] : ['nextCursor']), 'Resources']);
      expect([body.totalResults, body.itemsPerPage]).toEqual([USERS, isLast ? 6 : 7]);
      if (!isLast) expect(body.nextCursor).toMatch(/^[A-Za-z0-9_-]{80}$/);
    }
  });

  it('shows every survivor exactly once while others come and go', async () => {
    const before = new Set(await everybody());
    const created: string[] = [];
    const deleted = new Set<string>();
    let step = 0;
    const answers = await walk('count=7', '/Users', async () => {
      step += 1;
      // One comes, one of those who were there goes, wherever they are in the order; and somebody is changed.
      created.push(await createUser(bridge, { userName: `walk-${step}` }));
      const victim = [...before].filter((id) => !deleted.has(id))[(step * 97) % (before.size - deleted.size)] ?? '';
      expect((await bridge.send('DELETE', `/Users/${victim}`)).status).toBe(204);
      deleted.add(victim);
      const survivor = [...before].find((id) => !deleted.has(id)) ?? '';
      expect((await patch(bridge, `/Users/${survivor}`, { op: 'replace', path: 'title', value: `T${step}` })).status).toBe(200);
    });
    const shown = answers.flatMap(idsIn);
    const survivors = [...before].filter((id) => !deleted.has(id));

    expect(deleted.size).toBeGreaterThan(40);
    expect(new Set(shown).size).toBe(shown.length);
    expect(survivors.filter((id) => !shown.includes(id))).toEqual([]);
    expect(shown.filter((id) => !before.has(id) && !created.includes(id))).toEqual([]);
  });

  it('costs one search for a page, and no enumeration while the ids are known', async () => {
    const { body } = await get('count=10&cursor=');
    await bridge.ldap.mark();
    const next = await get(`count=10&cursor=${body.nextCursor}`);

    expect(next.body.itemsPerPage).toBe(10);
    expect(await bridge.ldap.operations()).toHaveLength(1);
  });

  it('needs one search, and gives no cursor, when all fit on the first page', async () => {
    await createUser(bridge, { userName: 'alone' });
    await bridge.ldap.mark();
    const answer = await get(`cursor&count=60&filter=${encodeURIComponent('userName eq "alone"')}`);

    expect([answer.body.totalResults, answer.body.itemsPerPage, 'nextCursor' in answer.body]).toEqual([1, 1, false]);
    expect(await bridge.ldap.operations()).toHaveLength(1);
  });

  it('goes with a filter', async () => {
    const expected = new Set<string>();
    const filter = `filter=${encodeURIComponent('displayName eq "d1"')}`;
    for (let startIndex = 1; startIndex <= 100; startIndex += 50) {
      for (const id of idsIn(await get(`${filter}&startIndex=${startIndex}&count=50`))) expected.add(id);
    }
    const answers = await walk(`${filter}&count=9`);

    expect(answers.flatMap(idsIn)).toEqual([...expected]);
    expect(answers.every(({ body }) => body.totalResults === expected.size)).toBe(true);
  });

  it('goes on from users to groups on the base address', async () => {
    const groups = await Promise.all(Array.from({ length: 15 }, () => createGroup(bridge)));
    const users = await everybody();

    expect((await walk('count=60&attributes=displayName', '')).flatMap(idsIn)).toEqual([...users, ...groups.toSorted()]);
  });

  it('takes its size from the configuration when the client leaves it open, and only the total for count=0', async () => {
    const { body } = await get('cursor');
    expect([body.itemsPerPage, typeof body.nextCursor]).toEqual([20, 'string']);
    expect((await get(`cursor=${body.nextCursor}`)).body.itemsPerPage).toBe(20);

    const none = await get('cursor&count=0');
    expect([none.body.totalResults, none.body.Resources, 'nextCursor' in none.body]).toEqual([body.totalResults, [], false]);
    expect((await get('cursor&count=-3')).body.itemsPerPage).toBe(0);
    expect((await get('cursor&count=100000')).body.itemsPerPage).toBe(60);
  });

  it('is not there when nobody asks for it', async () => {
    expect(Object.keys((await get('count=5')).body)).toEqual(['schemas', 'totalResults', 'startIndex', 'itemsPerPage', 'Resources']);
  });
});

describe('a cursor that is refused', () => {
  async function refusal(query: string, endpoint = '/Users'): Promise<readonly [number, string, string]> {
    const { status, body } = await get(query, endpoint);
    return [status, body.scimType, String(body.detail).replace(/ \(request .*/, '')];
  }

  const NOT_OURS = [400, 'invalidCursor', 'cursor: is not one that this service gave out for this query'];

  it('is invalidCursor, in the same words, when forged in any way or for another query', async () => {
    const filter = `filter=${encodeURIComponent('displayName pr')}`;
    const good = String((await get('count=10&cursor')).body.nextCursor);
    const filtered = String((await get(`count=10&cursor&${filter}`)).body.nextCursor);
    const forged = Array.from({ length: good.length }, (_, index) => {
      const other = good[index] === 'A' ? 'B' : 'A';
      return good.slice(0, index) + other + good.slice(index + 1);
    });
    const cursors = [
      ...forged,
      'x',
      good.slice(1),
      `${good}A`,
      `${good}=`,
      good.toLowerCase(),
      good.toUpperCase(),
      encodeURIComponent(`${good} `),
    ];

    for (const cursor of cursors) expect([cursor, ...(await refusal(`count=10&cursor=${cursor}`))]).toEqual([cursor, ...NOT_OURS]);
    expect(await refusal(`count=10&cursor=${filtered}`)).toEqual(NOT_OURS);
    expect(await refusal(`count=10&cursor=${good}&${filter}`)).toEqual(NOT_OURS);
    expect(await refusal(`count=10&cursor=${good}&attributes=userName`)).toEqual(NOT_OURS);
    expect(await refusal(`count=10&cursor=${good}&excludedAttributes=userName`)).toEqual(NOT_OURS);
    expect(await refusal(`count=10&cursor=${good}`, '/Groups')).toEqual(NOT_OURS);
    expect(await refusal(`count=10&cursor=${good}`, '')).toEqual(NOT_OURS);
    expect((await get(`count=10&cursor=${good}`)).status).toBe(200);
  });

  it('is invalidCount when the page size is another one, or none', async () => {
    const { body } = await get('count=10&cursor');

    expect(await refusal(`count=11&cursor=${body.nextCursor}`)).toEqual([
      400,
      'invalidCount',
      'count: was 10 on the first page and must stay that',
    ]);
    expect((await refusal(`cursor=${body.nextCursor}`))[1]).toBe('invalidCount');
    expect((await refusal('cursor&count=ten'))[1]).toBe('invalidCount');
  });

  it('does not go with startIndex, nor with sortBy', async () => {
    expect(await refusal('cursor&startIndex=1')).toEqual([400, 'invalidValue', 'cursor and startIndex do not go together']);
    expect(await refusal('cursor&sortBy=userName')).toEqual([
      400,
      'invalidValue',
      'sortBy: pages by cursor are in the order of ids; use startIndex with sortBy',
    ]);
  });
});

describe('two processes with the same configuration', () => {
  it('continue each other’s walks, each with ids of another moment, while others come and go', async () => {
    const other = await startBridge({ url: () => bridge.ldap.url, tenant: '    paging: { defaultPageSize: 20, maxPageSize: 60 }' });
    try {
      const before = await everybody();
      const deleted: string[] = [];
      const shown: string[] = [];
      let cursor = '';
      for (let step = 0; cursor !== undefined; step += 1) {
        const { status, body } = await (step % 2 === 0 ? bridge : other).send('GET', `/Users?count=20&attributes=id&cursor=${cursor}`);
        expect(status).toBe(200);
        shown.push(...body.Resources.map(({ id }: { id: string }) => id));
        cursor = body.nextCursor;
        await createUser(other, { userName: `two-${step}` });
        const victim = before[before.length - 1 - step * 3] ?? '';
        deleted.push(victim);
        await bridge.send('DELETE', `/Users/${victim}`);
      }

      expect(new Set(shown).size).toBe(shown.length);
      expect(before.filter((id) => !deleted.includes(id) && !shown.includes(id))).toEqual([]);
    } finally {
      await other.stop();
    }
  });
});

describe('the key and the time of a cursor', () => {
  it('is understood by another process with the same configuration, and by no other tenant', async () => {
    const other = await startBridge({
      url: () => bridge.ldap.url,
      tenant: `    paging: { defaultPageSize: 20, maxPageSize: 60, cursorTimeout: 1s }
  fabrikam:
    path: /fabrikam
    directory: corp
    mapping: mapping.yaml
    auth: { tokens: [{ name: tests, secret: { env: SCIM_TOKEN } }] }`,
    });
    try {
      const { body } = await get('count=10&cursor');
      const there = await other.send('GET', `/Users?count=10&cursor=${body.nextCursor}`);
      expect(idsIn(there)).toEqual(idsIn(await get(`count=10&cursor=${body.nextCursor}`)));

      await pause(1100);
      const late = await other.send('GET', `/Users?count=10&cursor=${body.nextCursor}`);
      expect([late.status, late.body.scimType]).toEqual([400, 'expiredCursor']);
      expect((await get(`count=10&cursor=${body.nextCursor}`)).status).toBe(200);

      const url = other.url.replace('/scim/v2', '/fabrikam');
      const foreign = await fetch(`${url}/Users?count=10&cursor=${body.nextCursor}`, {
        headers: { authorization: 'Bearer a-token-for-the-tests' },
      });
      expect([foreign.status, await foreign.json()]).toEqual([400, expect.objectContaining({ scimType: 'invalidCursor' })]);
    } finally {
      await other.stop();
    }
  });

  it('is announced', async () => {
    const { body } = await bridge.send('GET', '/ServiceProviderConfig');

    expect(body.sort).toEqual({ supported: true });
    expect(body.filter).toEqual({ supported: true, maxResults: 60 });
    expect(body.pagination).toEqual({
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: 20,
      maxPageSize: 60,
      cursorTimeout: 3600,
    });
  });
});
