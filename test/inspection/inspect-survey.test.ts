import { expect, test } from 'vitest';
import { inspectEntries } from '../../src/inspection/inspect-entries.ts';
import { inspectIndexes } from '../../src/inspection/inspect-indexes.ts';
import { inspectRights } from '../../src/inspection/inspect-rights.ts';
import { inspectAccounts, inspectControls, inspectOverlays } from '../../src/inspection/inspect-server.ts';
import type { SectionSurvey, Survey } from '../../src/inspection/survey.ts';
import { directorySchema } from '../mapping/support/directory-schema.ts';
import { printed, shippedSections } from './support/shipped-sections.ts';

const [users, groups] = shippedSections() ?? [];

function sectionSurvey(changes: Partial<SectionSurvey> = {}, section = users): SectionSurvey {
  if (section === undefined) throw new Error('the shipped mapping has users and groups');
  return {
    section,
    bases: section.bases.map(({ dn }) => ({ dn, isThere: true, missed: 0, missedNamed: 0 })),
    tally: {
      entries: 5000,
      withoutId: { count: 0 },
      several: new Map(),
      unreadable: new Map(),
      missing: new Map(),
      duplicates: { count: 0 },
    },
    reach: 'all',
    unmarked: 0,
    foundById: true,
    rights: new Map([['title', 'granted']]),
    lookUps: [],
    references: { followed: 0, dangling: 0, backLinks: { followed: 0, missing: 0 }, longest: 0 },
    ...changes,
  };
}

function survey(changes: Partial<Survey> = {}): Survey {
  return {
    bindDn: 'cn=bridge,dc=example,dc=org',
    isPrivate: true,
    server: 'openldap',
    product: 'OpenLDAP',
    rootDse: { product: '', namingContexts: [], controls: new Set(), extensions: new Set() },
    schema: directorySchema,
    slapd: undefined,
    policies: { seen: 1, withLockout: 1 },
    sections: [sectionSurvey()],
    ...changes,
  };
}

test('a look-up that takes many times as long as one by DN has no index, in a directory that is large enough to tell', () => {
  const lookUps = [
    { attribute: 'uid', milliseconds: 60, baseline: 0.3 },
    { attribute: 'mail', milliseconds: 1.9, baseline: 0.3 },
    { attribute: 'scimExternalId', milliseconds: 4, baseline: 1 },
  ];
  expect(inspectIndexes(sectionSurvey({ lookUps }), undefined).map(printed)).toEqual([
    'warning users.attributes.userName: a look-up by uid takes 60.0 ms, by DN 0.3 ms: it seems to have no index',
  ]);
  const { tally } = sectionSurvey();
  expect(inspectIndexes(sectionSurvey({ lookUps, tally: { ...tally, entries: 999 } }), undefined)).toEqual([]);
});

test.each<[string, Partial<SectionSurvey>, readonly string[]]>([
  ['nothing', {}, []],
  [
    'a list that the server cuts',
    { reach: 'serverLimit' },
    ['warning users.base: the directory shows our account no more than 5000 users: longer lists are refused'],
  ],
  ['more than are looked at', { reach: 'sample' }, ['note users.base: only the first 5000 users were looked at']],
  ['an id that finds nobody', { foundById: false }, ["error users.id: an entry isn't found by the entryUUID that it shows"]],
  [
    'ids that nobody sees',
    { tally: { ...sectionSurvey().tally, entries: 2, withoutId: { count: 2, example: 'uid=a' } } },
    ['error users.id: none of 2 users shows entryUUID, such as uid=a'],
  ],
  [
    'names that are shared',
    { tally: { ...sectionSurvey().tally, duplicates: { count: 3, example: 'uid=a' } } },
    ['warning users.attributes.userName: 3 of 5000 users share their userName with another, such as uid=a'],
  ],
])('entries: %s', (_what, changes, expected) => {
  expect(inspectEntries(sectionSurvey(changes)).map(printed)).toEqual(expected);
});

test('rights: one, all, and none that could be tried', () => {
  const say = (changes: Partial<SectionSurvey>) => inspectRights(sectionSurvey(changes), 'cn=bridge').map(printed);
  expect(
    say({
      rights: new Map([
        ['title', 'denied'],
        ['mail', 'granted'],
        ['sn', 'unknown'],
      ]),
    }),
  ).toEqual(['error users.attributes.title: cn=bridge may not write title']);
  expect(
    say({
      rights: new Map([
        ['title', 'denied'],
        ['sn', 'unknown'],
      ]),
    }),
  ).toEqual(['error directory bindDn: cn=bridge may write nothing below ou=people,dc=example,dc=org']);
  expect(say({ rights: new Map() })).toEqual([]);
});

test('controls that the server lacks, and what takes their place', () => {
  const { rootDse } = survey();
  const controls = new Set(['1.3.6.1.1.13.2', '1.2.840.113556.1.4.473']);
  expect(inspectControls(survey({ product: '389', rootDse: { ...rootDse, controls } })).map(printed)).toEqual([
    'note directory : 389: no assertion control (RFC 4528): what was read is compared before a write, and a change in between can be lost',
    'warning directory : 389: no paged results (RFC 2696): long lists end at the server’s size limit',
    'note directory : 389: no virtual list views (VLV): pages are cut from a list of ids, as everywhere',
  ]);
});

test('passwords need the operation, and 389 DS takes them over TLS only', () => {
  const { rootDse } = survey();
  const extensions = new Set(['1.3.6.1.4.1.4203.1.11.1']);
  const say = (changes: Partial<Survey>) => inspectAccounts(survey(changes)).map(printed);
  expect(say({})).toEqual(['error users.attributes.password: OpenLDAP has no password modify operation (RFC 3062)']);
  expect(say({ rootDse: { ...rootDse, extensions } })).toEqual([]);
  expect(say({ rootDse: { ...rootDse, extensions }, server: '389ds', product: '389', isPrivate: false })).toEqual([
    'error users.attributes.password: 389 takes passwords over TLS only',
  ]);
});

test('a lock needs a policy that locks', () => {
  const { rootDse } = survey();
  const extensions = new Set(['1.3.6.1.4.1.4203.1.11.1']);
  const say = (policies: Survey['policies']) => inspectAccounts(survey({ policies, rootDse: { ...rootDse, extensions } })).map(printed);
  expect(say({ seen: 0, withLockout: 0 })).toEqual([
    'warning users.attributes.active: no password policy is to be seen: without one that has pwdLockout TRUE, inactive accounts can still bind',
  ]);
  expect(say({ seen: 2, withLockout: 0 })).toEqual([
    'warning users.attributes.active: no password policy has pwdLockout TRUE: inactive accounts can still bind',
  ]);
});

test('members: dangling ones, back links that are missing, lists that are long', () => {
  const references = {
    followed: 9,
    dangling: 2,
    exampleOfDangling: 'uid=gone',
    backLinks: { followed: 7, missing: 1 },
    longest: 501,
  };
  const found = inspectOverlays(survey({ sections: [sectionSurvey({ references }, groups)] })).map(printed);
  expect(found).toEqual([
    "warning groups.attributes.members: 1 of 7 members that were looked at don't have their group in memberOf: users show too few groups",
    "warning groups.attributes.members: 2 of 9 members that were looked at don't exist, such as uid=gone",
    'note groups.attributes.members: if member is not sorted: adding 1,000 members to a group of 5,000 takes 45 ms instead of 4',
    'note directory bindDn: cn=config is not readable: overlays, limits and indexes are judged by what can be seen from outside',
  ]);
});
