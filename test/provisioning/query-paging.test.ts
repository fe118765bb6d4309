import { Attribute, Change, Client } from 'ldapts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Bridge, startBridge } from '../support/bridge.ts';
import { PEOPLE } from '../support/openldap.ts';
import { peopleLdif } from './support/people.ts';
import { createUser, patch } from './support/requests.ts';

const USERS = 2000;

let bridge: Bridge;
let all: readonly string[];

beforeAll(async () => {
  bridge = await startBridge({
    ldif: peopleLdif(USERS, 'u', (index) => [`title: T${index % 10}`]),
    logsOperations: true,
  });
  const entries = await bridge.ldap.adminSearch(PEOPLE, '(uid=*)', ['entryUUID']);
  all = entries.map((entry) => String(entry.attributes.get('entryuuid')?.[0])).toSorted();
  // The directory's schema is read once, whatever is asked first.
  await bridge.send('GET', '/Users?count=0');
});
beforeEach(() => bridge.ldap.mark());
afterAll(() => bridge.stop());

function page(startIndex: number, count: number, filter?: string): Promise<Answer> {
  const more = filter === undefined ? '' : `&filter=${encodeURIComponent(filter)}`;
  return bridge.send('GET', `/Users?startIndex=${startIndex}&count=${count}&attributes=userName${more}`);
}

function idsIn({ body }: Answer): readonly string[] {
  return body.Resources.map(({ id }: { id: string }) => id);
}

/** Writes past the bridge. */
async function setTitle(dn: string, title: string): Promise<void> {
  const client = new Client({ url: bridge.ldap.url });
  await client.bind(bridge.ldap.bindDn, bridge.ldap.bindPassword);
  await client.modify(dn, new Change({ operation: 'replace', modification: new Attribute({ type: 'title', values: [title] }) }));
  await client.unbind();
}

/** The searches since the last mark: how many enumerated, and how many fetched a page by its ids. */
async function searches(): Promise<{ readonly enumerations: number; readonly fetches: number; readonly others: number }> {
  const operations = await bridge.ldap.operations();
  const fetches = operations.filter(({ filter }) => filter?.includes('(entryUUID=') === true).length;
  // Each page of an enumeration is an operation of its own.
  const enumerations = operations.filter(({ attributes }) => attributes?.join() === 'entryUUID').length;
  return { enumerations, fetches, others: operations.length - fetches - enumerations };
}

describe('index paging over 2,000 users', () => {
  it('shows everybody once, in the order of the ids', async () => {
    const ids: string[] = [];
    for (let startIndex = 1; startIndex <= USERS; startIndex += 250) {
      const answer = await page(startIndex, 250);
      expect([answer.status, answer.body.totalResults, answer.body.startIndex]).toEqual([200, USERS, startIndex]);
      ids.push(...idsIn(answer));
    }

    expect(ids).toEqual(all);
    // One first page that doesn't hold all, one enumeration in four pages of 500, and five searches for each page of 250.
    expect(await searches()).toEqual({ enumerations: 4, fetches: 40, others: 1 });
  });

  it('costs one search for 50 resources, wherever the page is', async () => {
    await page(51, 50);
    await bridge.ldap.mark();
    expect(idsIn(await page(1951, 50))).toEqual(all.slice(1950));

    expect(await searches()).toEqual({ enumerations: 0, fetches: 1, others: 0 });
  });

  it('enumerates once for those who ask at the same time', async () => {
    await patch(bridge, `/Users/${all[0]}`, { op: 'replace', path: 'displayName', value: 'outdated' });
    await bridge.ldap.mark();
    const answers = await Promise.all([2, 3, 4, 5].map((index) => page(index, 1)));

    expect(answers.flatMap(idsIn)).toEqual(all.slice(1, 5));
    expect(await searches()).toEqual({ enumerations: 4, fetches: 4, others: 0 });
  });

  it('keeps one filter apart from another', async () => {
    const [first, second] = [await page(2, 5, 'title eq "T1"'), await page(2, 5, 'title eq "T2"')];
    const again = await page(2, 5, 'title eq "T1"');

    expect([first.body.totalResults, second.body.totalResults]).toEqual([200, 200]);
    expect(idsIn(again)).toEqual(idsIn(first));
    expect(idsIn(second).filter((id) => idsIn(first).includes(id))).toEqual([]);
    // A title may have several values, so those who have it are read and looked at: two searches for two filters.
    expect(await searches()).toEqual({ enumerations: 0, fetches: 3, others: 2 });
  });

  it('is exact after every write through the bridge, on every page', async () => {
    const id = await createUser(bridge, { userName: 'newcomer', title: 'T1' });
    expect((await page(2, 1)).body.totalResults).toBe(USERS + 1);
    expect((await page(2, 1, 'title eq "T1"')).body.totalResults).toBe(201);

    await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'title', value: 'T2' });
    expect((await page(2, 1, 'title eq "T1"')).body.totalResults).toBe(200);

    await bridge.send('DELETE', `/Users/${id}`);
    expect((await page(2, 1)).body.totalResults).toBe(USERS);
  });

  it('sees what others wrote from the next first page on; until then, the pages stay what they were', async () => {
    expect(idsIn(await page(2, 3))).toEqual(all.slice(1, 4));
    await bridge.ldap.adminAdd(peopleLdif(1, 'other'));

    expect((await page(2, 1)).body.totalResults).toBe(USERS);
    expect((await page(1, 1)).body.totalResults).toBe(USERS + 1);
    expect((await page(2, 1)).body.totalResults).toBe(USERS + 1);
  });

  it('never shows who no longer matches, however the page was found', async () => {
    const filter = 'title eq "T3"';
    const before = await page(2, 199, filter);
    const [id = ''] = idsIn(before);
    const [entry] = await bridge.ldap.adminSearch(PEOPLE, `(entryUUID=${id})`);
    await setTitle(entry?.dn ?? '', 'somebody else did this');

    expect(idsIn(await page(2, 199, filter))).toEqual(idsIn(before).slice(1));
  });

  it('needs one search when all fit on the first page', async () => {
    const answer = await page(1, 200, 'title eq "T4"');

    expect([answer.body.totalResults, answer.body.itemsPerPage]).toEqual([200, 200]);
    expect(idsIn(answer)).toEqual(idsIn(answer).toSorted());
    expect(await searches()).toEqual({ enumerations: 0, fetches: 0, others: 1 });
  });

  it('asks nobody when nothing can match', async () => {
    const answer = await page(1, 10, 'meta.resourceType eq "Group"');

    expect([answer.status, answer.body.totalResults]).toEqual([200, 0]);
    expect(await bridge.ldap.operations()).toEqual([]);
  });
});
