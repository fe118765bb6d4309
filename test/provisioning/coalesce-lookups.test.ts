import { beforeEach, describe, expect, it } from 'vitest';
import type { Directory, SearchRequest } from '../../src/directory/directory.ts';
import { DirectoryError } from '../../src/directory/directory-error.ts';
import type { Entry } from '../../src/ldap/entry.ts';
import type { LdapFilter } from '../../src/ldap/filter.ts';
import { coalesceLookups } from '../../src/provisioning/coalesce-lookups.ts';

const PEOPLE: LdapFilter = { kind: 'equality', attribute: 'objectClass', value: 'person' };
const DEVICES: LdapFilter = { kind: 'equality', attribute: 'objectClass', value: 'device' };

const entryOf = (id: string): Entry => ({ dn: `uid=${id}`, attributes: new Map([['entryuuid', [id]]]) });
const equality = (value: string): LdapFilter => ({ kind: 'equality', attribute: 'entryUUID', value });

function lookUp(values: readonly string[], within = PEOPLE, more: Partial<SearchRequest> = {}): SearchRequest {
  const [first = ''] = values;
  return {
    base: 'dc=example',
    scope: 'subtree',
    filter: { kind: 'and', filters: [within, equality(first)] },
    attributes: ['entryUUID'],
    lookup: { within, attribute: 'entryUUID', values },
    ...more,
  };
}

let sent: SearchRequest[];
let answer: () => readonly Entry[];
let directory: Directory;
beforeEach(() => {
  sent = [];
  answer = () => [];
  const refuse = () => Promise.reject(new Error('not asked here'));
  directory = coalesceLookups({
    facts: refuse,
    search: async (request) => {
      sent.push(request);
      return answer();
    },
    searchFirst: refuse,
    searchSorted: refuse,
    searchPages: () => noPages(),
    write: refuse,
  });
});

async function* noPages(): AsyncGenerator<never> {}

describe('look-ups of one moment', () => {
  it('become one search, and each gets its own entries', async () => {
    answer = () => ['a', 'b', 'c'].map(entryOf);
    const found = await Promise.all([
      directory.search(lookUp(['A'])),
      directory.search(lookUp(['c', 'b'])),
      directory.search(lookUp(['d'])),
    ]);
    expect(found.map((entries) => entries.map(({ dn }) => dn))).toEqual([['uid=a'], ['uid=b', 'uid=c'], []]);
    expect(sent.map(({ filter }) => filter)).toEqual([
      { kind: 'and', filters: [PEOPLE, { kind: 'or', filters: ['A', 'c', 'b', 'd'].map(equality) }] },
    ]);
  });

  it('of one value ask for it once', async () => {
    answer = () => [entryOf('a')];
    await expect(Promise.all([directory.search(lookUp(['a'])), directory.search(lookUp(['a']))])).resolves.toEqual([
      [entryOf('a')],
      [entryOf('a')],
    ]);
    expect(sent[0]?.filter).toEqual({ kind: 'and', filters: [PEOPLE, equality('a')] });
  });

  it('stay apart when they differ in more than their values', async () => {
    const elsewhere = lookUp(['c'], PEOPLE, { base: 'dc=elsewhere' });
    const more = lookUp(['d'], PEOPLE, { attributes: ['entryUUID', 'uid'] });
    await Promise.all([lookUp(['a']), lookUp(['b'], DEVICES), elsewhere, more].map((each) => directory.search(each)));
    expect(sent).toHaveLength(4);
  });

  it('are no more than a hundred values in one search', async () => {
    const many = Array.from({ length: 60 }, (_, index) => `x${index}`);
    await Promise.all([directory.search(lookUp(many)), directory.search(lookUp(many.map((each) => `y${each}`)))]);
    expect(sent).toHaveLength(2);
  });

  it('are made one by one when an entry shows no value: nobody gets what another asked for', async () => {
    answer = () => [{ dn: 'uid=hidden', attributes: new Map() }];
    const requests = [lookUp(['a']), lookUp(['b'])];
    const found = await Promise.all(requests.map((each) => directory.search(each)));
    expect(found.map((entries) => entries.length)).toEqual([1, 1]);
    expect(sent.slice(1)).toEqual(requests);
  });

  it('stay apart when they spell one value in two ways: the directory may know two', async () => {
    await Promise.all([directory.search(lookUp(['a'])), directory.search(lookUp(['A']))]);
    expect(sent).toHaveLength(2);
  });

  it('ask again alone for whom a replica does not know', async () => {
    answer = () => [entryOf('a')];
    const lagging = lookUp(['b'], PEOPLE, { mayLag: true });
    const known = directory.search(lookUp(['a'], PEOPLE, { mayLag: true }));
    await Promise.all([known, directory.search(lagging)]);
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual(lagging);
  });

  it('fail together', async () => {
    answer = () => {
      throw new DirectoryError('unavailable', 'away');
    };
    const all = await Promise.allSettled([directory.search(lookUp(['a'])), directory.search(lookUp(['b']))]);
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('are not abandoned by one who has gone away', async () => {
    const gone = new AbortController();
    gone.abort();
    await Promise.all([directory.search(lookUp(['a'], PEOPLE, { signal: gone.signal })), directory.search(lookUp(['b']))]);
    expect(sent[0]?.signal).toBeUndefined();
  });
});

it('a look-up alone is sent as it is, and what is asked later is asked anew', async () => {
  const request = lookUp(['a']);
  await directory.search(request);
  await directory.search(request);
  expect(sent).toEqual([request, request]);
});

it('what is no look-up waits for nobody', () => {
  const { lookup: _lookup, ...plain } = lookUp(['a']);
  void directory.search(plain);
  expect(sent).toEqual([plain]);
});
