/**
 * `node bench/journal.ts`: what the journal costs: requests a second with it and without, one at a time and sixteen at a time, on a slapd
 * that puts its writes on disk (fsync) and on one that doesn't. Both bridges run in front of the same directory and take turns, so that
 * whatever else the machine does meets both. `ROUND_SECONDS` in the environment; default 3.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bridge, startAnother, startBridge } from '../test/support/bridge.ts';
import type { TestDirectory } from '../test/support/test-directory.ts';

const ROUNDS = 6;
const SECONDS = Number(process.env['ROUND_SECONDS'] ?? 3);
const AT_A_TIME = [1, 16];

type AnyBridge = Pick<Bridge<TestDirectory>, 'send'>;

const idIn = ({ body }: { readonly body: unknown }): string => (body as { readonly id: string }).id;

let count = 0;

/** What Entra does all day: a new user, changes of users, of members, and now and then somebody leaves. Requests that wrote. */
async function life(bridge: AnyBridge, groups: readonly string[]): Promise<number> {
  count += 1;
  const userName = `bench${count}`;
  const user = { userName, externalId: userName, name: { familyName: 'Bench', givenName: 'B' } };
  const id = idIn(await bridge.send('POST', '/Users', user));
  const group = groups[count % groups.length] ?? '';
  const replace = (value: object) => bridge.send('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', value }] });
  const members = (op: string) =>
    bridge.send('PATCH', `/Groups/${group}`, { Operations: [{ op, path: 'members', value: [{ value: id }] }] });
  await replace({ title: 'One', nickName: 'Two' });
  await members('add');
  await replace({ title: 'Three' });
  await replace({ active: false });
  await members('remove');
  if (count % 5 > 0) return 6;
  await bridge.send('DELETE', `/Users/${id}`);
  return 7;
}

/** Requests a second. */
async function rate(bridge: AnyBridge, groups: readonly string[], atATime: number): Promise<number> {
  const started = performance.now();
  let requests = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - started < SECONDS * 1000) {
      const sent = await life(bridge, groups);
      requests += sent;
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return (requests * 1000) / (performance.now() - started);
}

async function compare(name: string, configure: (text: string) => string): Promise<void> {
  const state = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-bench-'));
  const service = (journal: string) =>
    `stateDirectory: ${join(state, journal)}\njournal: { retention: ${journal} }\naudit: { file: /dev/null }`;
  const without = await startBridge({ configure, service: service('none') });
  const withJournal = await startAnother(without, { service: service('30d') });
  const groups: string[] = [];
  for (let index = 0; index < 8; index += 1) groups.push(idIn(await without.send('POST', '/Groups', { displayName: `bench ${index}` })));
  for (const atATime of AT_A_TIME) {
    const rates: (readonly [number, number])[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.push([await rate(without, groups, atATime), await rate(withJournal, groups, atATime)]);
    }
    const mean = (index: 0 | 1) => rates.slice(1).reduce((sum, pair) => sum + pair[index], 0) / (ROUNDS - 1);
    const share = (100 * (1 - mean(1) / mean(0))).toFixed(1);
    process.stdout.write(
      `${name}, ${String(atATime).padStart(2)} at a time: ${mean(0).toFixed(0)} requests a second, ${mean(1).toFixed(0)} with the journal: it costs ${share} %\n`,
    );
  }
  await withJournal.stop();
  await without.stop();
  rmSync(state, { recursive: true });
}

await compare('slapd with fsync', (text) => text.replace(/^envflags .*\n/m, ''));
await compare('slapd without fsync', (text) => text);
