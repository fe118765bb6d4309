import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SearchRequest } from '../../src/directory/directory.ts';
import type { LdapDirectory } from '../../src/directory/ldapts-directory.ts';
import { connectDirectory } from '../../src/directory/ldapts-directory.ts';
import type { Entry } from '../../src/ldap/entry.ts';
import { valuesOf } from '../../src/ldap/entry.ts';
import type { LdapFilter } from '../../src/ldap/filter.ts';
import { EVERYTHING, NOTHING } from '../../src/ldap/filter.ts';
import { recordingLog } from '../support/directory-log.ts';
import type { OpenLdap } from '../support/openldap.ts';
import { PEOPLE, SUFFIX, startOpenLdap } from '../support/openldap.ts';

const HOW_MANY = 3000;
const CROWD = Array.from(
  { length: HOW_MANY },
  (_, index) => `dn: uid=u${index},${PEOPLE}
objectClass: inetOrgPerson
uid: u${index}
cn: User ${index}
sn: ${index % 2 === 0 ? 'Even' : 'Odd'}
mail: u${index}@example.org
`,
).join('\n');

const PERSON: LdapFilter = { kind: 'equality', attribute: 'objectClass', value: 'inetOrgPerson' };

function people(filter: LdapFilter, attributes: readonly string[] = ['uid']): SearchRequest {
  return { base: PEOPLE, scope: 'subtree', filter, attributes };
}

function uidsOf(entries: readonly Entry[]): readonly unknown[] {
  return entries.flatMap((entry) => valuesOf(entry, 'uid'));
}

async function allPages(directory: LdapDirectory, request: SearchRequest): Promise<readonly (readonly Entry[])[]> {
  const pages: (readonly Entry[])[] = [];
  for await (const page of directory.searchPages(request)) pages.push(page);
  return pages;
}

let server: OpenLdap;
let directory: LdapDirectory;

beforeAll(async () => {
  server = await startOpenLdap({ ldif: CROWD, logsOperations: true });
  const { url, bindDn, bindPassword } = server;
  directory = connectDirectory({ urls: [url], bindDn, bindPassword, timeoutMs: 10_000, connections: 2 }, recordingLog());
  await directory.facts();
});

afterAll(async () => {
  await directory.close();
  await server.stop();
});

describe('facts', () => {
  it('tells the controls and the schema', async () => {
    const { schema, ...supports } = await directory.facts();

    expect(supports).toMatchObject({
      supportsSorting: true,
      supportsAssertion: true,
      supportsPostRead: true,
      supportsPermissiveModify: true,
    });
    expect(schema.attributeType('MAIL')?.equality).toBe('caseIgnoreIA5Match');
    expect(schema.objectClass('scimObject')?.kind).toBe('auxiliary');
  });
});

describe('search', () => {
  const one = { kind: 'equality', attribute: 'uid', value: 'u7' } as const;

  it.each<[string, LdapFilter, readonly string[]]>([
    ['equality', one, ['u7']],
    ['equality with bytes', { ...one, value: Buffer.from('u7') }, ['u7']],
    ['present', { kind: 'and', filters: [one, { kind: 'present', attribute: 'mail' }] }, ['u7']],
    ['absent', { kind: 'and', filters: [one, { kind: 'not', filter: { kind: 'present', attribute: 'mail' } }] }, []],
    ['or', { kind: 'or', filters: [one, { ...one, value: 'u8' }] }, ['u7', 'u8']],
    ['and of nothing', { kind: 'and', filters: [EVERYTHING, one] }, ['u7']],
    ['or of nothing', { kind: 'and', filters: [NOTHING, one] }, []],
    [
      'initial, any and final',
      { kind: 'substring', attribute: 'cn', initial: 'User', any: ['2'], final: '99' },
      ['u299', 'u1299', 'u2099', 'u2199', 'u2299', 'u2399', 'u2499', 'u2599', 'u2699', 'u2799', 'u2899', 'u2999'],
    ],
    [
      'any alone',
      { kind: 'substring', attribute: 'cn', any: ['R 299'] },
      ['u299', 'u2990', 'u2991', 'u2992', 'u2993', 'u2994', 'u2995', 'u2996', 'u2997', 'u2998', 'u2999'],
    ],
    ['approximate', { kind: 'and', filters: [one, { kind: 'approximate', attribute: 'sn', value: 'odd' }] }, ['u7']],
    [
      'greater or equal',
      { kind: 'and', filters: [one, { kind: 'greaterOrEqual', attribute: 'createTimestamp', value: '20000101000000Z' }] },
      ['u7'],
    ],
    [
      'less or equal',
      { kind: 'and', filters: [one, { kind: 'lessOrEqual', attribute: 'createTimestamp', value: Buffer.from('20000101000000Z') }] },
      [],
    ],
    ['a matching rule', { kind: 'extensible', attribute: 'sn', matchingRule: 'caseExactMatch', dnAttributes: false, value: 'EVEN' }, []],
    [
      'DN attributes',
      { kind: 'and', filters: [one, { kind: 'extensible', attribute: 'ou', dnAttributes: true, value: Buffer.from('people') }] },
      ['u7'],
    ],
    ['values that look like syntax', { ...one, value: 'u7)(uid=*\\2a\0' }, []],
  ])('understands the filter: %s', async (_name, filter, uids) => {
    expect(uidsOf(await directory.search(people(filter)))).toEqual(uids);
  });

  it('refuses a filter that is nested without end', async () => {
    let filter: LdapFilter = one;
    for (let depth = 0; depth < 5000; depth += 1) filter = { kind: 'not', filter };

    await expect(directory.search(people(filter))).rejects.toMatchObject({ name: 'DirectoryError', kind: 'refused', code: undefined });
  });

  it('respects the scope', async () => {
    const dns = async (scope: SearchRequest['scope']) => {
      const entries = await directory.search({ base: SUFFIX, scope, filter: { kind: 'present', attribute: 'ou' }, attributes: [] });
      return entries.map(({ dn }) => dn).toSorted();
    };

    expect(await dns('base')).toEqual([]);
    expect(await dns('one')).toEqual(await dns('subtree'));
    expect(await dns('one')).toContain(PEOPLE);
  });

  it('returns the attributes asked for, operational ones too, and none for an empty list', async () => {
    const [named] = await directory.search(people(one, ['MAIL', 'entryUUID', 'title']));
    const [none] = await directory.search(people(one, []));

    expect([...(named?.attributes.keys() ?? [])].toSorted()).toEqual(['entryuuid', 'mail']);
    expect(none?.attributes.size).toBe(0);
  });

  it('returns thousands of entries at once', async () => {
    expect(await directory.search(people(PERSON))).toHaveLength(HOW_MANY);
  });

  it('rejects with the result code for a base that is not there', async () => {
    const missing = { ...people(PERSON), base: `ou=nowhere,${SUFFIX}` };

    await expect(directory.search(missing)).rejects.toMatchObject({ name: 'DirectoryError', kind: 'refused', code: 32, dn: missing.base });
  });

  it('rejects with the result code for a base that is no DN', async () => {
    await expect(directory.search({ ...people(PERSON), base: 'people' })).rejects.toMatchObject({ kind: 'refused', code: 34 });
  });

  it('answers 200 searches at a time, each with its own entry', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => directory.search(people({ ...one, value: `u${index}` }))));

    expect(answers.map(uidsOf)).toEqual(Array.from({ length: 200 }, (_, index) => [`u${index}`]));
  });
});

describe('searchFirst', () => {
  it('says whether there is more, in one operation', async () => {
    await server.mark();
    const { entries, more } = await directory.searchFirst(people(PERSON), 10);

    expect(entries).toHaveLength(10);
    expect(more).toBe(true);
    expect(await server.operations()).toEqual([{ kind: 'SRCH', dn: PEOPLE, filter: '(objectClass=inetOrgPerson)', attributes: ['uid'] }]);
  });

  it.each([
    [2, 2, false],
    [3, 2, false],
    [1, 1, true],
    [0, 0, true],
  ])('with a limit of %d finds %d of two entries, more: %s', async (limit, found, more) => {
    const two = people({
      kind: 'or',
      filters: [
        { kind: 'equality', attribute: 'uid', value: 'u1' },
        { kind: 'equality', attribute: 'uid', value: 'u2' },
      ],
    });
    const answer = await directory.searchFirst(two, limit);

    expect(answer.entries).toHaveLength(found);
    expect(answer.more).toBe(more);
  });

  it('finds nothing, and no more, where nothing matches', async () => {
    expect(await directory.searchFirst(people(NOTHING), 0)).toEqual({ entries: [], more: false });
  });

  it('does not disturb others of its kind, or a paged search', async () => {
    const probes = Array.from({ length: 64 }, () => directory.searchFirst(people(PERSON), 1));
    const [pages, ...answers] = await Promise.all([allPages(directory, people(PERSON)), ...probes]);

    expect(pages.flat()).toHaveLength(HOW_MANY);
    expect(answers.every(({ entries, more }) => entries.length === 1 && more)).toBe(true);
  });
});

describe('searchPages', () => {
  it('returns every entry once, a page at a time', async () => {
    const pages = await allPages(directory, people(PERSON));

    expect(pages.map((page) => page.length)).toEqual([500, 500, 500, 500, 500, 500]);
    expect(new Set(uidsOf(pages.flat())).size).toBe(HOW_MANY);
  });

  it('has no pages where nothing matches', async () => {
    expect(await allPages(directory, people(NOTHING))).toEqual([]);
  });

  it('lets more of them run than there are connections, one after the other', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => allPages(directory, people(PERSON))));

    expect(all.map((pages) => pages.flat().length)).toEqual(Array.from({ length: 5 }, () => HOW_MANY));
  });

  it('frees its connection when the reader stops early', async () => {
    for (let round = 0; round < 5; round += 1) {
      for await (const page of directory.searchPages(people(PERSON))) {
        expect(page).toHaveLength(500);
        break;
      }
    }
    expect((await allPages(directory, people(PERSON))).flat()).toHaveLength(HOW_MANY);
  });

  it('rejects for a base that is not there', async () => {
    await expect(allPages(directory, { ...people(PERSON), base: `ou=nowhere,${SUFFIX}` })).rejects.toMatchObject({
      kind: 'refused',
      code: 32,
    });
  });
});

describe("with the server's own size limit", () => {
  let limited: OpenLdap;
  let bare: LdapDirectory;

  beforeAll(async () => {
    limited = await startOpenLdap({ variant: 'bare', ldif: CROWD });
    const { url, bindDn, bindPassword } = limited;
    bare = connectDirectory({ urls: [url], bindDn, bindPassword, timeoutMs: 10_000, connections: 2 }, recordingLog());
  });

  afterAll(async () => {
    await bare.close();
    await limited.stop();
  });

  it('never shortens an answer in silence', async () => {
    const tooLarge = { name: 'DirectoryError', kind: 'tooLarge', code: 4 };

    await expect(bare.search(people(PERSON))).rejects.toMatchObject(tooLarge);
    await expect(bare.searchFirst(people(PERSON), 1000)).rejects.toMatchObject(tooLarge);
    await expect(allPages(bare, people(PERSON))).rejects.toMatchObject(tooLarge);
  });

  it('still finds the first ones below the limit', async () => {
    expect(await bare.searchFirst(people(PERSON), 500)).toMatchObject({ more: true });
  });
});
