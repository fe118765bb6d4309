import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import type { LoggedOperation } from '../support/slapd-log.ts';
import { createGroup, createUser, ENTERPRISE, type Operation } from './support/requests.ts';

/**
 * What each request costs in LDAP operations, in the order in which slapd begins them.
 *
 * - `find`: a search by id or by the client's filter
 * - `resolve`: ids to DNs or DNs to ids, one batch in one base; the id of a reference is looked for among users and among groups
 * - `taken`: whether a name is in use in another branch
 * - `holders`: who refers to an entry that has got another name or is gone: managers among users, members among groups
 * - `look`: at one entry by its DN
 */
type Step = 'find' | 'resolve' | 'taken' | 'holders' | 'look' | 'add' | 'modify' | 'rename' | 'delete' | 'password';

interface People {
  readonly boss: string;
  /** A report of boss. */
  readonly led: string;
  /** In two groups. */
  readonly anna: string;
  /** On his own. */
  readonly bert: string;
  /** A group with anna and boss. */
  readonly group: string;
  readonly empty: string;
}

let bridge: Bridge;
let people: People;

beforeAll(async () => {
  bridge = await startBridge({ logsOperations: true });
  const [boss, anna, bert] = [
    await createUser(bridge, { userName: 'boss' }),
    await createUser(bridge, { userName: 'anna' }),
    await createUser(bridge),
  ];
  const led = await createUser(bridge, { [ENTERPRISE]: { manager: { value: boss } } });
  const group = await createGroup(bridge, [anna, boss], 'group');
  await createGroup(bridge, [anna], 'another');
  people = { boss, led, anna, bert, group, empty: await createGroup(bridge) };
});
afterAll(() => bridge.stop());

function stepOf({ kind, filter = '', attributes = [], dn }: LoggedOperation): Step {
  switch (kind) {
    case 'ADD':
      return 'add';
    case 'MOD':
      return 'modify';
    case 'MODRDN':
      return 'rename';
    case 'DEL':
      return 'delete';
    case 'EXT':
      return 'password';
    default:
      if (!dn.startsWith('ou=')) return 'look';
      if (attributes.join() === '1.1') return 'holders';
      // A look for who has a name also asks for the name: of several values only the shown one counts; and for whether it is ours.
      if (/^entryUUID,(uid|cn)(,objectClass)?$/.test(attributes.join()) && /\((uid|cn)=/.test(filter)) return 'taken';
      return attributes.join() === 'entryUUID' ? 'resolve' : 'find';
  }
}

async function stepsOf(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly steps: readonly Step[] }> {
  await bridge.ldap.mark();
  const { status } = await bridge.send(method, path, body);
  return { status, steps: (await bridge.ldap.operations()).map(stepOf) };
}

const filter = (text: string) => encodeURIComponent(text);
const operations = (...list: readonly Operation[]) => ({ Operations: list });
const members = (op: string, ...ids: readonly string[]) => operations({ op, path: 'members', value: ids.map((value) => ({ value })) });
const set = (path: string, value: unknown) => operations({ op: 'replace', path, value });

type Row = readonly [
  what: string,
  request: (people: People) => readonly [method: string, path: string, body?: unknown],
  steps: readonly Step[],
];

const READS: readonly Row[] = [
  ['a user', ({ bert }) => ['GET', `/Users/${bert}`], ['find']],
  ['a user who is in groups', ({ anna }) => ['GET', `/Users/${anna}`], ['find', 'resolve']],
  ['a user who has a manager', ({ led }) => ['GET', `/Users/${led}`], ['find', 'resolve']],
  ['the same without both', ({ led }) => ['GET', `/Users/${led}?excludedAttributes=manager,groups`], ['find']],
  ['a text that can be no id', () => ['GET', '/Users/nobody'], []],
  ['a user who is gone', () => ['GET', '/Users/00000000-0000-1000-8000-000000000000'], ['find']],
  ['a group with members', ({ group }) => ['GET', `/Groups/${group}`], ['find', 'resolve']],
  ['a group without its members', ({ group }) => ['GET', `/Groups/${group}?excludedAttributes=members`], ['find']],
  ['a match by userName', () => ['GET', `/Users?filter=${filter('userName eq "nobody-of-that-name"')}`], ['find']],
  ['a match by externalId', () => ['GET', `/Users?filter=${filter('externalId eq "x"')}`], ['find']],
  ['a match by e-mail address', () => ['GET', `/Users?filter=${filter('emails[type eq "work"].value eq "a@example.org"')}`], ['find']],
  ['a match by an enterprise attribute', () => ['GET', `/Users?filter=${filter(`${ENTERPRISE}:employeeNumber eq "1"`)}`], ['find']],
  ['a match by displayName', () => ['GET', `/Groups?excludedAttributes=members&filter=${filter('displayName eq "group"')}`], ['find']],
  [
    'whether somebody is a member',
    ({ group, anna }) => ['GET', `/Groups?attributes=id&filter=${filter(`id eq "${group}" and members eq "${anna}"`)}`],
    ['resolve', 'find'],
  ],
];

const WRITES: readonly Row[] = [
  ['POST of a user', () => ['POST', '/Users', { userName: 'new-1' }], ['taken', 'add']],
  ['POST of a user who is there already', () => ['POST', '/Users', { userName: 'new-1' }], ['taken']],
  ['POST with a password', () => ['POST', '/Users', { userName: 'new-2', password: 'long enough' }], ['taken', 'add', 'password', 'look']],
  [
    'POST with a password, inactive',
    () => ['POST', '/Users', { userName: 'new-3', password: 'long enough', active: false }],
    ['taken', 'add', 'password', 'modify'],
  ],
  [
    'POST with a manager',
    ({ boss }) => ['POST', '/Users', { userName: 'new-4', manager: { value: boss } }],
    ['resolve', 'taken', 'add', 'resolve'],
  ],
  ['POST of a group', () => ['POST', '/Groups', { displayName: 'new-1' }], ['taken', 'add']],
  ['PATCH of a user', ({ bert }) => ['PATCH', `/Users/${bert}`, set('title', 'x')], ['find', 'modify']],
  ['PATCH that changes nothing', ({ bert }) => ['PATCH', `/Users/${bert}`, set('title', 'x')], ['find']],
  [
    'PATCH of many attributes',
    ({ bert }) => [
      'PATCH',
      `/Users/${bert}`,
      operations({
        op: 'add',
        value: { title: 'y', displayName: 'Y', active: 'False', emails: [{ type: 'work', value: 'y@example.org' }] },
      }),
    ],
    ['find', 'modify'],
  ],
  ['PATCH of a user who is in groups', ({ anna }) => ['PATCH', `/Users/${anna}`, set('title', 'x')], ['find', 'modify', 'resolve']],
  [
    'PATCH of a user who has a manager',
    ({ led }) => ['PATCH', `/Users/${led}`, set('title', 'x')],
    ['find', 'resolve', 'modify', 'resolve'],
  ],
  [
    'PATCH of the manager',
    ({ bert, boss }) => ['PATCH', `/Users/${bert}`, set(`${ENTERPRISE}:manager`, boss)],
    ['find', 'resolve', 'modify', 'resolve'],
  ],
  [
    'PATCH that removes the manager',
    ({ bert }) => ['PATCH', `/Users/${bert}`, operations({ op: 'remove', path: `${ENTERPRISE}:manager` })],
    ['find', 'resolve', 'modify'],
  ],
  [
    'PATCH of a userName',
    ({ bert }) => ['PATCH', `/Users/${bert}`, operations({ op: 'replace', value: { userName: 'bert-2', 'name.formatted': 'Bert' } })],
    ['find', 'taken', 'rename', 'modify', 'holders', 'holders'],
  ],
  [
    'PATCH of a userName alone',
    ({ bert }) => ['PATCH', `/Users/${bert}`, set('userName', 'bert-3')],
    ['find', 'taken', 'rename', 'holders', 'holders'],
  ],
  [
    'PATCH of a group’s name',
    ({ empty }) => ['PATCH', `/Groups/${empty}`, set('displayName', 'empty-2')],
    ['find', 'taken', 'rename', 'holders'],
  ],
  ['PATCH of a group’s externalId', ({ group }) => ['PATCH', `/Groups/${group}`, set('externalId', 'e')], ['find', 'modify']],
  ['PATCH that adds a member', ({ group, bert }) => ['PATCH', `/Groups/${group}`, members('add', bert)], ['resolve', 'resolve', 'modify']],
  ['PATCH that adds a member again', ({ group, bert }) => ['PATCH', `/Groups/${group}`, members('add', bert)], ['resolve', 'modify']],
  [
    'PATCH that adds and removes members',
    ({ group, bert, led }) => [
      'PATCH',
      `/Groups/${group}`,
      { Operations: [...members('add', led).Operations, ...members('remove', bert).Operations] },
    ],
    ['resolve', 'modify'],
  ],
  [
    'PATCH that adds members and sets the externalId',
    ({ group, bert }) => [
      'PATCH',
      `/Groups/${group}`,
      { Operations: [...members('add', bert).Operations, ...set('externalId', 'f').Operations] },
    ],
    ['find', 'resolve', 'modify'],
  ],
  ['PATCH that removes a member', ({ group, led }) => ['PATCH', `/Groups/${group}`, members('remove', led)], ['resolve', 'modify']],
  [
    'PATCH that removes who is not there',
    ({ group, led }) => ['PATCH', `/Groups/${group}`, members('remove', led)],
    ['resolve', 'modify', 'look'],
  ],
  [
    'PATCH that adds the first member',
    ({ empty, bert }) => ['PATCH', `/Groups/${empty}`, members('add', bert)],
    ['resolve', 'resolve', 'modify', 'look', 'modify'],
  ],
  [
    'PATCH that removes the last member',
    ({ empty, bert }) => ['PATCH', `/Groups/${empty}`, members('remove', bert)],
    ['resolve', 'modify', 'modify'],
  ],
  ['PUT of a user', ({ anna }) => ['PUT', `/Users/${anna}`, { userName: 'anna', title: 'z', groups: [] }], ['find', 'modify', 'resolve']],
  ['DELETE of a user', ({ bert }) => ['DELETE', `/Users/${bert}`], ['find', 'delete', 'holders', 'holders']],
  ['DELETE of a group', ({ empty }) => ['DELETE', `/Groups/${empty}`], ['find', 'delete', 'holders']],
];

describe('reads', () => {
  it.each(READS)('%s', async (_what, request, steps) => {
    const measured = await stepsOf(...request(people));

    expect(measured.steps).toEqual(steps);
  });
});

/** Writes in their order: each finds what the one before left. */
describe('writes', () => {
  it.each(WRITES)('%s', async (_what, request, steps) => {
    const measured = await stepsOf(...request(people));

    expect(measured.steps).toEqual(steps);
  });
});

describe('the members of a group', () => {
  it('are not asked for unless somebody wants to see or to replace them', async () => {
    const user = await createUser(bridge);
    const group = await createGroup(bridge, [people.boss]);
    await bridge.ldap.mark();
    await bridge.send('GET', `/Groups/${group}?excludedAttributes=members`);
    await bridge.send('GET', `/Groups?excludedAttributes=members&filter=${filter('displayName eq "x"')}`);
    await bridge.send('PATCH', `/Groups/${group}`, members('add', user));
    await bridge.send('PATCH', `/Groups/${group}?excludedAttributes=members`, members('remove', user));
    await bridge.send('PATCH', `/Groups/${group}?attributes=displayName`, set('externalId', 'e'));
    await bridge.send('PATCH', `/Groups/${group}`, members('remove', people.boss));
    await bridge.send('DELETE', `/Groups/${group}`);

    const searches = (await bridge.ldap.operations()).filter(({ kind }) => kind === 'SRCH');
    expect(searches.length).toBeGreaterThan(8);
    expect(searches.flatMap(({ attributes = [] }) => attributes)).not.toContain('member');
  });

  it('are changed at the same cost however many they are', async () => {
    const user = await createUser(bridge);
    const lines = Array.from({ length: 2000 }, (_, index) => `member: uid=m${index},ou=people,dc=example,dc=org`);
    await bridge.ldap.adminAdd(
      `dn: cn=large,ou=groups,dc=example,dc=org\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: large\n${lines.join('\n')}\n`,
    );
    const { body } = await bridge.send('GET', `/Groups?excludedAttributes=members&filter=${filter('displayName eq "large"')}`);
    await bridge.send('PATCH', `/Groups/${body.Resources[0].id}`, members('remove', user));
    const added = await stepsOf('PATCH', `/Groups/${body.Resources[0].id}`, members('add', user));
    const removed = await stepsOf('PATCH', `/Groups/${body.Resources[0].id}`, members('remove', user));

    expect([added, removed]).toEqual([added, removed].map(() => ({ status: 204, steps: ['resolve', 'modify'] })));
  });
});
