import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Bridge, startBridge } from '../support/bridge.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';
import { withoutOverlays } from './support/without-overlays.ts';

const USERS = 250;

function people(count: number): string {
  const entries = Array.from(
    { length: count },
    (_, index) =>
      `dn: uid=u${index},${PEOPLE}\nobjectClass: inetOrgPerson\nuid: u${index}\ncn: U ${index}\nsn: ${index % 2 === 0 ? 'Even' : 'Odd'}\ntitle: T${index % 5}\n`,
  );
  return entries.join('\n');
}

let bridge: Bridge;
let all: readonly string[];

beforeAll(async () => {
  bridge = await startBridge({
    ldif: `${people(USERS)}\ndn: cn=only,${GROUPS}\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: only\nmember: uid=u0,${PEOPLE}\nmember: uid=u1,${PEOPLE}\n`,
    tenant: '    paging: { defaultPageSize: 20, maxPageSize: 60 }',
  });
  const entries = await bridge.ldap.adminSearch(PEOPLE, '(uid=*)', ['entryUUID']);
  all = entries.map((entry) => String(entry.attributes.get('entryuuid')?.[0])).toSorted();
});
afterAll(() => bridge.stop());

function page(query: string): Promise<Answer> {
  return bridge.send('GET', `/Users?${query}`);
}

function idsIn({ body }: Answer): readonly string[] {
  return body.Resources.map(({ id }: { id: string }) => id);
}

/** All pages of a size, one after the other. */
async function walk(count: number, more = ''): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let startIndex = 1; ; startIndex += count) {
    const answer = await page(`startIndex=${startIndex}&count=${count}${more}`);
    expect([answer.status, answer.body.startIndex, answer.body.itemsPerPage]).toEqual([200, startIndex, idsIn(answer).length]);
    ids.push(...idsIn(answer));
    if (ids.length >= answer.body.totalResults || idsIn(answer).length === 0) return ids;
  }
}

describe('index paging', () => {
  it.each([1, 7, 50, 60])('shows everybody once, in a stable order, in pages of %i', async (count) => {
    if (count === 1) expect(idsIn(await page('startIndex=250&count=1'))).toEqual(all.slice(249));
    else expect(await walk(count)).toEqual(all);
  });

  it('keeps to the same pages with a filter', async () => {
    const filter = `&filter=${encodeURIComponent('name.familyName eq "Even"')}`;
    const even = await walk(30, filter);

    expect(even).toHaveLength(USERS / 2);
    expect(even).toEqual(even.toSorted());
    expect(even.every((id) => all.includes(id))).toBe(true);
  });

  it('keeps to the same pages with a filter that is finished in memory', async () => {
    const filter = `&filter=${encodeURIComponent('title co "1" or userName ew "9"')}`;
    const found = await walk(30, filter);

    expect(found).toHaveLength(75);
    expect(new Set(found).size).toBe(75);
    expect(found).toEqual(found.toSorted());
  });

  it('keeps the order when somebody comes or goes: only the shift shows', async () => {
    const { body } = await bridge.send('POST', '/Users', { userName: 'between' });
    const withOne = await walk(60);
    await bridge.send('DELETE', `/Users/${body.id}`);

    expect(withOne).toEqual([...all, String(body.id)].toSorted());
    expect(await walk(60)).toEqual(all);
  });

  /** Query, and what it means: start and number of the users shown. */
  const TABLE: readonly (readonly [query: string, start: number, shown: number])[] = [
    ['', 1, 20],
    ['startIndex=1', 1, 20],
    ['startIndex=0', 1, 20],
    ['startIndex=-5', 1, 20],
    ['startIndex=', 1, 20],
    ['startIndex=241', 241, 10],
    ['startIndex=250', 250, 1],
    ['startIndex=251', 251, 0],
    ['startIndex=999999999', 999_999_999, 0],
    ['count=5', 1, 5],
    ['count=0', 1, 0],
    ['count=-1', 1, 0],
    ['count=', 1, 20],
    ['count=60', 1, 60],
    ['count=61', 1, 60],
    ['count=100000', 1, 60],
    ['count=999999999999999', 1, 60],
    ['startIndex=10&count=5', 10, 5],
    ['count=5&startIndex=248', 248, 3],
    ['startIndex=0&count=0', 1, 0],
    ['STARTINDEX=3&Count=2', 3, 2],
    ['startIndex=+3&count=+2', 3, 2],
    ['count=10&aadOptscim062020', 1, 10],
  ];

  it.each(TABLE)('?%s', async (query, start, shown) => {
    const answer = await page(query);

    expect(answer.status).toBe(200);
    expect({ ...answer.body, Resources: idsIn(answer) }).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: USERS,
      startIndex: start,
      itemsPerPage: shown,
      Resources: all.slice(start - 1, start - 1 + shown),
    });
  });

  it.each([
    'count=abc',
    'startIndex=x',
    'count=1.5',
    'count=1e3',
    'startIndex=0x1',
    'count=--1',
    'startIndex=NaN',
    'count=9999999999999999999999',
  ])('?%s is no number: 400 invalidValue', async (query) => {
    const { status, body } = await page(query);

    expect([status, body.scimType]).toEqual([400, 'invalidValue']);
    expect(body.detail).toMatch(/^(count|startIndex): /);
  });

  it.each([
    ['nobody', 'userName eq "nobody"', 0],
    ['one', 'userName eq "u17"', 1],
    ['half', 'name.familyName eq "odd"', 125],
  ])('counts right when a filter finds %s, with and without resources', async (_what, text, total) => {
    const filter = `filter=${encodeURIComponent(text)}`;
    for (const more of ['', '&count=0', '&count=1', '&startIndex=2', '&startIndex=300']) {
      const { status, body } = await page(`${filter}${more}`);
      expect([status, more, body.totalResults, Array.isArray(body.Resources)]).toEqual([200, more, total, true]);
    }
  });

  it('lists groups in the same way', async () => {
    const { body } = await bridge.send('GET', '/Groups?startIndex=1&count=1');

    expect([body.totalResults, body.itemsPerPage, body.Resources[0].displayName]).toEqual([1, 1, 'only']);
    expect((await bridge.send('GET', '/Groups?startIndex=2')).body).toMatchObject({ totalResults: 1, itemsPerPage: 0, Resources: [] });
  });
});

describe('a directory that shows 500 entries at most', () => {
  it('says tooMany instead of a shorter list', async () => {
    const bare = await startBridge({ variant: 'bare', mapping: withoutOverlays, ldif: people(520) });
    try {
      const one = await bare.send('GET', `/Users?filter=${encodeURIComponent('userName eq "u519"')}`);
      expect([one.status, one.body.totalResults]).toEqual([200, 1]);
      const many = await bare.send('GET', '/Users');
      expect([many.status, many.body.scimType]).toEqual([400, 'tooMany']);
    } finally {
      await bare.stop();
    }
  });
});
