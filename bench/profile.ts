/**
 * `node bench/profile.ts CASE [FOLDER]`: where the daemon's processor time goes while it answers requests of one case, 16 at a time.
 * Prints the functions that cost most, and with a folder writes a flame graph there. Build first.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from '../test/support/inspector.ts';
import { memberCases, pageCases, readCases, writeCases } from './support/cases.ts';
import { type CpuProfile, callTree, selfTimes } from './support/cpu-profile.ts';
import { flameGraph } from './support/flame-graph.ts';
import { measure } from './support/measure.ts';
import { startRig } from './support/rig.ts';

const SHOWN = 45;
const SECONDS = 5;
const IN_FLIGHT = 16;
const SIZES = [10, 5000];

const [wanted = 'GET a user', folder] = process.argv.slice(2);
const rig = await startRig({ people: 2000, groupSizes: SIZES, durable: false }, false, IN_FLIGHT, true, ['--inspect=127.0.0.1:0']);
const cases = [...readCases(rig.known), ...writeCases(rig.known, 'n'), ...memberCases(rig.known, SIZES), ...pageCases(rig.known)];
const found = cases.find(({ name }) => name === wanted);
if (found === undefined) throw new RangeError(`one of: ${cases.map(({ name }) => name).join('; ')}`);
let next = 0;
const send = async (index: number, lane: number): Promise<void> => {
  const answer = await rig.bridgeConnections[lane]?.send(found.bridge(next + index));
  if (answer === undefined || answer.status >= 300) throw new Error(`${answer?.status} ${answer?.body.toString()}`);
};
const run = async (milliseconds: number) => {
  const round = await measure(send, IN_FLIGHT, { milliseconds }, rig.pids.bridge);
  next += round.requests;
  return round;
};
await run(2000);
const inspector = await inspect(rig.daemon.stderr());
await inspector.call('Profiler.enable');
await inspector.call('Profiler.setSamplingInterval', { interval: 200 });
await inspector.call('Profiler.start');
const round = await run(SECONDS * 1000);
const { profile } = (await inspector.call('Profiler.stop')) as { readonly profile: CpuProfile };
inspector.close();
await rig.stop();

const tree = callTree(profile);
const perRequest = (microseconds: number) => (microseconds / round.requests).toFixed(1);
const lines = selfTimes(tree).slice(0, SHOWN);
process.stdout.write(`${wanted}: ${perRequest(tree.total)} µs of processor time for a request, ${Math.round(round.perSecond)} a second\n`);
for (const { name, place, microseconds } of lines) process.stdout.write(`${perRequest(microseconds).padStart(8)}  ${name}  ${place}\n`);
if (folder !== undefined) {
  const file = join(folder, `${wanted.replace(/\W+/g, '-').toLowerCase()}.svg`);
  writeFileSync(file, flameGraph(tree, `${wanted}: the daemon's processor time`));
}
