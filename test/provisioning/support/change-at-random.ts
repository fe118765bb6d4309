import fc from 'fast-check';
import { expect } from 'vitest';
import type { Bridge } from '../../support/bridge.ts';
import type { TestDirectory } from '../../support/test-directory.ts';
import { type Operation, patch } from './requests.ts';

const CLIENTS = 8;
const USERS_PER_CLIENT = 3;

/** So many users are needed: each client has some of its own, so that the last word on each is known. */
export const RANDOM_USERS = CLIENTS * USERS_PER_CLIENT;

const command = fc.record({
  kind: fc.constantFrom('add', 'Add', 'addWithoutPath', 'addBare', 'remove', 'Remove', 'removeByFilter', 'both'),
  members: fc.uniqueArray(fc.nat(USERS_PER_CLIENT - 1), { minLength: 1, maxLength: USERS_PER_CLIENT }),
});

/**
 * Eight clients change the members of one group at the same time, in all shapes that Entra and others send.
 *
 * @param daemons the clients are spread over them
 * @param members who is in the group before
 * @param round another one has other changes, and so has another `FAST_CHECK_SEED`
 * @returns who must be in it afterwards
 */
export async function changeAtRandom(
  daemons: readonly Bridge<TestDirectory>[],
  group: string,
  users: readonly string[],
  members: readonly string[],
  round = 0,
): Promise<ReadonlySet<string>> {
  const seed = (fc.readConfigureGlobal().seed ?? 0) + round;
  const scripts = fc.sample(fc.array(command, { minLength: 6, maxLength: 12 }), { numRuns: CLIENTS, seed });
  const model = new Set(members);
  await Promise.all(
    scripts.map(async (script, client) => {
      const bridge = daemons[client % daemons.length];
      for (const { kind, members: chosen } of script) {
        const ids = chosen.map((member) => users[client * USERS_PER_CLIENT + member] ?? '');
        const { status } = await patch(bridge as Bridge, `/Groups/${group}`, ...operationsOf(kind, ids));
        expect({ kind, status }).toEqual({ kind, status: 204 });
        const [first = '', ...others] = ids;
        if (kind.toLowerCase().startsWith('add')) for (const id of ids) model.add(id);
        else for (const id of kind === 'both' ? others : ids) model.delete(id);
        if (kind === 'both') model.add(first);
      }
    }),
  );
  return model;
}

function operationsOf(kind: string, ids: readonly string[]): readonly Operation[] {
  const value = ids.map((id) => ({ value: id }));
  switch (kind) {
    case 'add':
    case 'Add':
    case 'remove':
    case 'Remove':
      return [{ op: kind, path: 'members', value }];
    case 'addWithoutPath':
      return [{ op: 'add', value: { members: value } }];
    case 'addBare':
      return ids.map((id) => ({ op: 'add', path: 'members', value: id }));
    case 'removeByFilter':
      return ids.map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` }));
    default:
      return [
        { op: 'Remove', path: 'members', value },
        { op: 'Add', path: 'members', value: value.slice(0, 1) },
      ];
  }
}
