import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Entry, valuesOf } from '../../src/ldap/entry.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { GROUPS, PEOPLE, SUFFIX } from '../support/openldap.ts';
import { patch } from './support/requests.ts';
import { withoutOverlays } from './support/without-overlays.ts';

/** A thousand people are deleted, switched off and renamed at once, as they are members of groups and manage each other. */

const PEOPLE_COUNT = 1000;
const GROUP_COUNT = 40;
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

function makePeople(): readonly Person[] {
  const next = random(20_260_131);
  return Array.from({ length: PEOPLE_COUNT }, (_, index) => ({
    name: `u${index}`,
    fate: (['deleted', 'off', 'renamed'] as const)[next(3)] ?? 'off',
    manager: `u${next(PEOPLE_COUNT)}`,
    groups: [next(GROUP_COUNT), next(GROUP_COUNT), next(GROUP_COUNT)],
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

describe.each(['full', 'bare'] as const)('%s', (variant) => {
  const people = makePeople();
  let bridge: Bridge;

  beforeAll(async () => {
    const ldif = ldifOf(people);
    bridge = await startBridge(variant === 'full' ? { ldif } : { variant, ldif, mapping: withoutOverlays, configure: unlimited });
  }, 60_000);
  afterAll(() => bridge.stop());

  it('leaves no orphan, no reference that dangles, and nobody twice', { timeout: 180_000 }, async () => {
    const entries = await bridge.ldap.adminSearch(PEOPLE, '(uid=*)', ['uid', 'entryUUID']);
    const ids = new Map(entries.map((entry) => [String(valuesOf(entry, 'uid')[0]), String(valuesOf(entry, 'entryUUID')[0])]));
    const answers: number[] = [];
    await inParallel(people, async ({ name, fate }) => {
      const path = `/Users/${ids.get(name)}`;
      if (fate === 'deleted') answers.push((await bridge.send('DELETE', path)).status);
      else if (fate === 'off') answers.push((await patch(bridge, path, { op: 'replace', path: 'active', value: false })).status);
      else answers.push((await patch(bridge, path, { op: 'replace', path: 'userName', value: `${name}-new` })).status);
    });
    expect(new Set(answers)).toEqual(new Set([200, 204]));

    const nameAfter = new Map(
      people.map(({ name, fate }) => [dnOf(name), fate === 'deleted' ? undefined : dnOf(fate === 'renamed' ? `${name}-new` : name)]),
    );
    const expected = {
      people: people.flatMap(({ name }) => nameAfter.get(dnOf(name)) ?? []).toSorted(),
      managers: people.flatMap(({ name, manager }) => {
        const [own, boss] = [nameAfter.get(dnOf(name)), nameAfter.get(dnOf(manager))];
        return own === undefined || boss === undefined ? [] : [`${own} → ${boss}`];
      }),
      members: Array.from({ length: GROUP_COUNT }, (_, index) => {
        const members = people.filter(({ groups }) => groups.includes(index)).flatMap(({ name }) => nameAfter.get(dnOf(name)) ?? []);
        return `g${index}: ${(members.length === 0 ? [PLACEHOLDER] : members).toSorted().join(' ')}`;
      }),
    };
    await expect
      .poll(() => stateOf(bridge), SETTLING)
      .toEqual({
        people: expected.people,
        managers: expected.managers.toSorted(),
        members: expected.members.toSorted(),
      });
    const shown = await bridge.send('GET', `/Users?count=1&filter=${encodeURIComponent('active eq false')}`);
    expect(shown.body.totalResults).toBe(people.filter(({ fate }) => fate === 'off').length);
  });
});

/** Debian's default limit is for clients that aren't the bridge. */
function unlimited(text: string): string {
  return text
    .replace('sizelimit    500', 'sizelimit    unlimited')
    .replace(/^index +member,memberUid eq$/m, 'index        member,manager,entryUUID eq');
}

async function stateOf(bridge: Bridge) {
  const entries = await bridge.ldap.adminSearch(SUFFIX, '(|(uid=*)(member=*))', ['cn', 'manager', 'member', 'uid']);
  const users = entries.filter((entry) => valuesOf(entry, 'uid').length > 0);
  const text = (entry: Entry, name: string): readonly string[] => valuesOf(entry, name).map(String);
  return {
    people: users.map(({ dn }) => dn).toSorted(),
    // slapo-refint puts its placeholder there too; it is never shown.
    managers: users
      .flatMap((entry) => text(entry, 'manager').flatMap((manager) => (manager === PLACEHOLDER ? [] : [`${entry.dn} → ${manager}`])))
      .toSorted(),
    members: entries
      .filter((entry) => valuesOf(entry, 'member').length > 0)
      .map((entry) => `${text(entry, 'cn')[0]}: ${text(entry, 'member').toSorted().join(' ')}`)
      .toSorted(),
  };
}
