import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Entry, valuesOf } from '../../src/ldap/entry.ts';
import { start389ds } from '../support/389ds.ts';
import { type Bridge, startAnother, startBridge, startBridgeBeside } from '../support/bridge.ts';
import { FIRST_START_MS, hasContainerEngine, skippedWithoutEngine } from '../support/container-engine.ts';
import { startPosixOpenLdap } from '../support/openldap-posix.ts';
import { startSamba } from '../support/samba.ts';
import { GROUPS, PEOPLE, type TestDirectory } from '../support/test-directory.ts';
import { ENTERPRISE } from './support/requests.ts';
import { withoutOverlays } from './support/without-overlays.ts';

/** A thousand people are deleted, switched off and renamed at once, by two daemons, as they are members of groups and manage each other. */

const PEOPLE_COUNT = 1000;
const GROUP_COUNT = 40;
/** With servers that are slower. */
const FEWER = { people: 60, groups: 6 };
const IN_FLIGHT = 24;
const PLACEHOLDER = 'cn=nobody,dc=example,dc=org';
/** The overlay does its work after the answer. */
const SETTLING = { timeout: 30_000, interval: 100 };

/** The same numbers in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

interface Person {
  readonly name: string;
  readonly fate: 'deleted' | 'off' | 'renamed';
  readonly manager: string;
  readonly groups: readonly number[];
}

function makePeople(count: number, groupCount: number): readonly Person[] {
  const next = random(20_260_131);
  return Array.from({ length: count }, (_, index) => ({
    name: `u${index}`,
    fate: (['deleted', 'off', 'renamed'] as const)[next(3)] ?? 'off',
    manager: `u${next(count)}`,
    groups: [next(groupCount), next(groupCount), next(groupCount)],
  }));
}

const dnOf = (name: string): string => `uid=${name},${PEOPLE}`;

function ldifOf(people: readonly Person[]): string {
  const users = people.map(
    ({ name, manager }) =>
      `dn: ${dnOf(name)}\nobjectClass: inetOrgPerson\nobjectClass: scimObject\nuid: ${name}\ncn: C\nsn: S\nmanager: ${dnOf(manager)}\n`,
  );
  const groups = Array.from({ length: GROUP_COUNT }, (_, index) => {
    const members = people.filter((person) => person.groups.includes(index)).map(({ name }) => `member: ${dnOf(name)}\n`);
    return `dn: cn=g${index},${GROUPS}\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: g${index}\n${members.join('')}`;
  });
  return `\n${[...users, ...groups].join('\n')}`;
}

/** Carries out work on all of them, so many at a time. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

/** Each meets their fate, at the same time as others, by one daemon or the other. */
async function live(daemons: readonly Bridge<TestDirectory>[], people: readonly Person[], ids: ReadonlyMap<string, string>): Promise<void> {
  const answers: number[] = [];
  await inParallel(people, async ({ name, fate }) => {
    const bridge = daemons[Number(name.slice(1)) % daemons.length];
    const path = `/Users/${ids.get(name)}`;
    const change = (value: object) => bridge?.send('PATCH', path, { Operations: [{ op: 'replace', value }] });
    const answer =
      fate === 'deleted' ? bridge?.send('DELETE', path) : change(fate === 'off' ? { active: false } : { userName: `${name}-new` });
    answers.push((await answer)?.status ?? 0);
  });
  expect(new Set(answers)).toEqual(new Set([200, 204]));
}

/** What is to be in the directory afterwards: DNs, in lower case. */
function expectedOf(people: readonly Person[], groupCount: number, nameOf: (name: string) => string) {
  const nameAfter = new Map(
    people.map(({ name, fate }) => [name, fate === 'deleted' ? undefined : nameOf(fate === 'renamed' ? `${name}-new` : name)]),
  );
  return {
    people: people.flatMap(({ name }) => nameAfter.get(name) ?? []).toSorted(),
    managers: people
      .flatMap(({ name, manager }) => {
        const [own, boss] = [nameAfter.get(name), nameAfter.get(manager)];
        return own === undefined || boss === undefined ? [] : [`${own} → ${boss}`];
      })
      .toSorted(),
    members: Array.from({ length: groupCount }, (_, index) => {
      const members = people.filter(({ groups }) => groups.includes(index)).flatMap(({ name }) => nameAfter.get(name) ?? []);
      return `g${index}: ${members.toSorted().join(' ')}`;
    }).toSorted(),
  };
}

async function stateOf(ldap: TestDirectory) {
  const users = await ldap.adminSearch(PEOPLE, '(sn=*)', ['manager']);
  const groups = await ldap.adminSearch(GROUPS, '(cn=g*)', ['cn', 'member']);
  // The placeholder stands for nobody, also where slapo-refint puts it.
  const namesIn = (entry: Entry, name: string): readonly string[] =>
    valuesOf(entry, name)
      .map((dn) => String(dn).toLowerCase())
      .filter((dn) => dn !== PLACEHOLDER);
  return {
    people: users.map(({ dn }) => dn.toLowerCase()).toSorted(),
    managers: users.flatMap((entry) => namesIn(entry, 'manager').map((manager) => `${entry.dn.toLowerCase()} → ${manager}`)).toSorted(),
    members: groups.map((entry) => `${String(valuesOf(entry, 'cn')[0])}: ${namesIn(entry, 'member').toSorted().join(' ')}`).toSorted(),
  };
}

describe.each(['full', 'bare'] as const)('%s', (variant) => {
  const people = makePeople(PEOPLE_COUNT, GROUP_COUNT);
  const files = variant === 'full' ? {} : { mapping: withoutOverlays };
  let bridge: Bridge;
  let other: Bridge<TestDirectory>;

  beforeAll(async () => {
    const ldif = ldifOf(people);
    bridge = await startBridge(variant === 'full' ? { ldif } : { ...files, variant, ldif, configure: unlimited });
    other = await startAnother(bridge, files);
  }, 60_000);
  afterAll(async () => {
    await other?.stop();
    await bridge?.stop();
  });

  it('leaves no orphan, no reference that dangles, and nobody twice', { timeout: 180_000 }, async () => {
    const entries = await bridge.ldap.adminSearch(PEOPLE, '(uid=*)', ['uid', 'entryUUID']);
    const ids = new Map(entries.map((entry) => [String(valuesOf(entry, 'uid')[0]), String(valuesOf(entry, 'entryUUID')[0])]));
    await live([bridge, other], people, ids);

    await expect.poll(() => stateOf(bridge.ldap), SETTLING).toEqual(expectedOf(people, GROUP_COUNT, dnOf));
    // A group that nobody is left in has the placeholder, and only such a one.
    const [empty, without] = await Promise.all([
      bridge.ldap.adminSearch(GROUPS, `(member=${PLACEHOLDER})`, ['member']),
      bridge.ldap.adminSearch(GROUPS, '(&(objectClass=groupOfNames)(!(member=*)))'),
    ]);
    expect([empty.filter((entry) => valuesOf(entry, 'member').length > 1), without]).toEqual([[], []]);
    const shown = await bridge.send('GET', `/Users?count=1&filter=${encodeURIComponent('active eq false')}`);
    expect(shown.body.totalResults).toBe(people.filter(({ fate }) => fate === 'off').length);
  });
});

const OTHERS = [
  { mapping: 'openldap-posix', start: () => startPosixOpenLdap(), naming: 'uid', isContainer: false },
  { mapping: '389ds', start: start389ds, naming: 'uid', isContainer: true },
  { mapping: 'active-directory', start: startSamba, naming: 'cn', isContainer: true },
];

for (const { mapping, start, naming, isContainer } of OTHERS) {
  const skipped = isContainer ? skippedWithoutEngine : '';
  describe.skipIf(isContainer && !hasContainerEngine)(`${FEWER.people} with ${mapping}${skipped}`, () => {
    const people = makePeople(FEWER.people, FEWER.groups);
    let ldap: TestDirectory;
    let daemons: readonly Bridge<TestDirectory>[] = [];

    beforeAll(async () => {
      ldap = await start();
      daemons = [await startBridgeBeside(ldap, mapping), await startBridgeBeside(ldap, mapping)];
      await ldap.reset();
    }, FIRST_START_MS);
    afterAll(async () => {
      for (const daemon of daemons) await daemon.stop();
      await ldap?.stop();
    });

    it('leaves no orphan, no reference that dangles, and nobody twice', { timeout: 180_000 }, async () => {
      const [bridge] = daemons;
      const ids = new Map<string, string>();
      const make = async (path: string, body: object): Promise<string> => {
        const answer = await bridge?.send('POST', path, body);
        expect([path, answer?.status]).toEqual([path, 201]);
        return answer?.body.id;
      };
      await inParallel(people, async ({ name }) => void ids.set(name, await make('/Users', { userName: name, name: { familyName: 'S' } })));
      await inParallel(people, async ({ name, manager }) => {
        const Operations = [{ op: 'add', path: `${ENTERPRISE}:manager`, value: ids.get(manager) }];
        expect((await bridge?.send('PATCH', `/Users/${ids.get(name)}`, { Operations }))?.status).toBe(200);
      });
      await inParallel(
        Array.from({ length: FEWER.groups }, (_, index) => index),
        async (index) => {
          const members = people.filter(({ groups }) => groups.includes(index)).map(({ name }) => ({ value: ids.get(name) }));
          await make('/Groups', { displayName: `g${index}`, members });
        },
      );
      await live(daemons, people, ids);
      await expect.poll(() => stateOf(ldap), SETTLING).toEqual(expectedOf(people, FEWER.groups, (name) => `${naming}=${name},${PEOPLE}`));
    });
  });
}

/** Debian's default limit is for clients that aren't the bridge. */
function unlimited(text: string): string {
  return text
    .replace('sizelimit    500', 'sizelimit    unlimited')
    .replace(/^index +member,memberUid eq$/m, 'index        member,manager,entryUUID eq');
}
