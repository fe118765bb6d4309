import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGroup, createUser, ENTERPRISE, type Operation } from '../provisioning/support/requests.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { strictSend } from '../support/strict-client.ts';
import { type LdapRequest, type LdapTraffic, watchLdapTraffic } from './support/ldap-traffic.ts';

type Request = readonly [method: string, path: string, body?: unknown, headers?: Record<string, string>];

/** Rows of the page whose first cell begins with a method, in their order. */
const ROW = /^\| ((?:GET|POST|PATCH|PUT|DELETE) .*?) \| (.*?) \| (\d+) \| (\d+) \|$/gm;
const page = readFileSync(new URL('../../docs/ldap-operations.md', import.meta.url), 'utf8');
const TABLE = Array.from(page.matchAll(ROW), ([, request = '', operations = '', sent, received]) => {
  return [request, operations, { sent: Number(sent), received: Number(received) }] as const;
});

let bridge: Bridge;
let traffic: LdapTraffic;
let send: Bridge['send'];
/** Anna is in two groups, Led has Boss for a manager, Bert is on his own. */
let [boss, anna, led, bert, named, nameless] = ['', '', '', '', '', ''];
/** With Anna and Boss; without anybody. */
let [group, empty] = ['', ''];

beforeAll(async () => {
  traffic = await watchLdapTraffic();
  const url = ({ slapd }: Bridge['ldap']): string => {
    traffic.forwardTo(slapd.port);
    return `ldap://127.0.0.1:${traffic.port}`;
  };
  // An overlay that mends references by itself would do it sometimes before us and sometimes after.
  bridge = await startBridge({ url, configure: (text) => text.replace(/overlay +refint\n(refint.*\n)*/, '') });
  send = await strictSend(bridge);
  [boss, anna, bert] = [
    await createUser(bridge, { userName: 'boss' }),
    await createUser(bridge, { userName: 'anna' }),
    await createUser(bridge),
  ];
  led = await createUser(bridge, { [ENTERPRISE]: { manager: { value: boss } } });
  named = await createUser(bridge, { name: { givenName: 'Cora', familyName: 'Zimt' } });
  nameless = await createUser(bridge);
  group = await createGroup(bridge, [anna, boss], 'group');
  await createGroup(bridge, [anna], 'another');
  empty = await createGroup(bridge);
});
afterAll(async () => {
  await bridge.stop();
  await traffic.close();
});

const filtered = (endpoint: string, filter: string, more = '') => `/${endpoint}?filter=${encodeURIComponent(filter)}${more}`;
const operations = (...list: readonly Operation[]) => ({ Operations: list });
const set = (path: string, value: unknown) => operations({ op: 'replace', path, value });
const members = (op: string, id: string) => operations({ op, path: 'members', value: [{ value: id }] });
const bulk = (...list: readonly object[]) => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: list });
const creation = (path: string, bulkId: string, data: object) => ({ method: 'POST', path, bulkId, data });

const sumOf = (requests: readonly LdapRequest[], key: 'octets' | 'answeredOctets') => requests.reduce((sum, each) => sum + each[key], 0);

/** What the rows of the page stand for. Writes find what the rows above them left. */
const REQUESTS: ReadonlyMap<string, () => Request> = new Map<string, () => Request>([
  ['GET a user', () => ['GET', `/Users/${bert}`]],
  ['GET a user who is in groups', () => ['GET', `/Users/${anna}`]],
  ['GET a user who has a manager', () => ['GET', `/Users/${led}`]],
  ['GET a user, `excludedAttributes=manager,groups`', () => ['GET', `/Users/${led}?excludedAttributes=manager,groups`]],
  ['GET a user by a text that can be no id', () => ['GET', '/Users/nobody']],
  ['GET a user who is gone', () => ['GET', '/Users/00000000-0000-1000-8000-000000000000']],
  ['GET a user, `If-None-Match`', () => ['GET', `/Users/${bert}`, undefined, { 'if-none-match': 'W/"x"' }]],
  ['GET a group with members', () => ['GET', `/Groups/${group}`]],
  ['GET a group, `excludedAttributes=members`', () => ['GET', `/Groups/${group}?excludedAttributes=members`]],
  ['GET users, `filter=userName eq`', () => ['GET', filtered('Users', 'userName eq "x"')]],
  ['GET users, `filter=externalId eq`', () => ['GET', filtered('Users', 'externalId eq "x"')]],
  ['GET users, `filter=emails[type eq "work"].value eq`', () => ['GET', filtered('Users', 'emails[type eq "work"].value eq "x"')]],
  ['GET users, `filter=userName sw`', () => ['GET', filtered('Users', 'userName sw "user"', '&attributes=userName')]],
  ['GET users, `filter=manager eq`', () => ['GET', filtered('Users', `manager eq "${boss}"`, '&attributes=userName')]],
  [
    'GET groups, `filter=displayName eq`, `excludedAttributes=members`',
    () => ['GET', filtered('Groups', 'displayName eq "group"', '&excludedAttributes=members')],
  ],
  [
    'GET groups, `filter=id eq and members eq`, `attributes=id`',
    () => ['GET', filtered('Groups', `id eq "${group}" and members eq "${anna}"`, '&attributes=id')],
  ],
  ['GET users, all on one page', () => ['GET', '/Users?attributes=userName']],
  ['GET users, `count=2` of more', () => ['GET', '/Users?attributes=userName&count=2']],
  ['GET users, `startIndex=3`, `count=2`', () => ['GET', '/Users?attributes=userName&startIndex=3&count=2']],
  ['GET users, `count=0`', () => ['GET', '/Users?attributes=userName&count=0&filter=userName+pr']],
  ['GET users, `sortBy=displayName`, `count=2` of more', () => ['GET', '/Users?attributes=userName&sortBy=displayName&count=2']],
  ['GET users, `cursor`, `count=2` of more', () => ['GET', '/Users?attributes=userName&cursor&count=2']],
  [
    'POST a search, `filter=userName eq`',
    () => ['POST', '/Users/.search', { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], filter: 'userName eq "x"' }],
  ],
  ['GET Schemas', () => ['GET', '/Schemas']],
  ['GET ResourceTypes', () => ['GET', '/ResourceTypes']],
  ['GET ServiceProviderConfig', () => ['GET', '/ServiceProviderConfig']],
  ['POST a user', () => ['POST', '/Users', { userName: 'new-1' }]],
  ['POST a user whose name is taken', () => ['POST', '/Users', { userName: 'new-1' }]],
  ['POST a user with a password', () => ['POST', '/Users', { userName: 'new-2', password: 'long enough' }]],
  ['POST a user with a manager', () => ['POST', '/Users', { userName: 'new-3', [ENTERPRISE]: { manager: { value: boss } } }]],
  ['POST a group', () => ['POST', '/Groups', { displayName: 'new-1' }]],
  ['PATCH a user', () => ['PATCH', `/Users/${bert}`, set('title', 'x')]],
  ['PATCH a user, `If-Match`', () => ['PATCH', `/Users/${bert}`, set('title', 'y'), { 'if-match': '*' }]],
  ['PATCH a user, `If-Match` of an older version', () => ['PATCH', `/Users/${bert}`, set('title', 'z'), { 'if-match': 'W/"x"' }]],
  ['PATCH a user to what it is', () => ['PATCH', `/Users/${bert}`, set('title', 'y')]],
  ["PATCH a user's manager", () => ['PATCH', `/Users/${bert}`, set(`${ENTERPRISE}:manager`, boss)]],
  ["PATCH a user's userName", () => ['PATCH', `/Users/${named}`, set('userName', 'named')]],
  ["PATCH a user's userName, from which `cn` is generated", () => ['PATCH', `/Users/${nameless}`, set('userName', 'nameless')]],
  ["PATCH a group's members: add one, for the first time since the start", () => ['PATCH', `/Groups/${group}`, members('add', bert)]],
  ["PATCH a group's members: add another one", () => ['PATCH', `/Groups/${group}`, members('add', named)]],
  ["PATCH a group's members: add one who is there", () => ['PATCH', `/Groups/${group}`, members('add', bert)]],
  ["PATCH a group's members: remove one", () => ['PATCH', `/Groups/${group}`, members('remove', bert)]],
  ["PATCH a group's members: add the first one", () => ['PATCH', `/Groups/${empty}`, members('add', bert)]],
  ["PATCH a group's members: remove the last one", () => ['PATCH', `/Groups/${empty}`, members('remove', bert)]],
  ["PATCH a group's displayName", () => ['PATCH', `/Groups/${empty}`, set('displayName', 'empty')]],
  ['PUT a user', () => ['PUT', `/Users/${anna}?excludedAttributes=groups`, { userName: 'anna', title: 'x' }]],
  ['PUT a user as it is', () => ['PUT', `/Users/${anna}?excludedAttributes=groups`, { userName: 'anna', title: 'x' }]],
  ['DELETE a user', () => ['DELETE', `/Users/${led}`]],
  ['DELETE a group', () => ['DELETE', `/Groups/${empty}`]],
  [
    'POST bulk of three users',
    () => ['POST', '/Bulk', bulk(...['b1', 'b2', 'b3'].map((userName) => creation('/Users', userName, { userName })))],
  ],
  [
    'POST bulk of a user and a group with it',
    () => [
      'POST',
      '/Bulk',
      bulk(creation('/Users', 'u', { userName: 'b4' }), creation('/Groups', 'g', { displayName: 'b', members: [{ value: 'bulkId:u' }] })),
    ],
  ],
]);

describe('docs/ldap-operations.md', () => {
  it('has the rows that are measured here, in their order', () => {
    expect(TABLE.map(([request]) => request)).toEqual([...REQUESTS.keys()]);
  });

  it.each(TABLE)('%s: %s', async (name, expected, octets) => {
    const request = REQUESTS.get(name);
    if (request === undefined) throw new Error(`nobody knows how to send ${name}`);
    traffic.take();
    const { status, text } = await send(...request());
    expect(status, text).toBeLessThan(500);

    const requests = traffic.take();
    const sent = requests.map(({ operation, controls }) => `\`${[operation, ...controls].join('+')}\``);
    expect(sent.join(' ') || 'none').toBe(expected);
    expect({ sent: sumOf(requests, 'octets'), received: sumOf(requests, 'answeredOctets') }).toEqual(octets);
  });
});
