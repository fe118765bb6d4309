/**
 * `npm run bench`: what the bridge costs, side by side in one run with (a) the bare LDAP operation by ldapts and (b) a hand-written route
 * that does just that operation. Ratios mean the same on every machine; rates don't.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchCase, memberCases, pageCases, readCases, writeCases } from './support/cases.ts';
import { chart } from './support/chart.ts';
import { type Comparison, compare, type Setting } from './support/compare.ts';
import { formatTable, formatVerdicts } from './support/format-table.ts';
import { initialCycle } from './support/initial-cycle.ts';
import { type Length, median } from './support/measure.ts';
import { type BenchOptions, readOptions, USAGE } from './support/options.ts';
import { startPopulated } from './support/population.ts';
import { type Rig, startRig } from './support/rig.ts';
import { startDaemon } from './support/server-process.ts';
import { soak } from './support/soak.ts';
import { judge, judgePages, judgeStart } from './support/targets.ts';

const LARGEST_GROUPED = 100_000;
/** In flight, of what the chart shows. */
const CHARTED = 16;
const say = (text: string): void => void process.stdout.write(text);

async function main(options: BenchOptions): Promise<void> {
  if (options.help) return say(USAGE);
  if (options.soakMinutes > 0) return soakAndJudge(options);
  const comparisons: Comparison[] = [];
  for (const people of options.people) {
    for (const tls of options.tls) {
      for (const durable of tls ? [false] : [false, true]) comparisons.push(...(await measureOne(options, people, tls, durable)));
    }
  }
  const startMs = await timeStarts(options);
  say(`\nstart to ready: ${startMs.toFixed(0)} ms\n`);
  const verdicts = [...judge(comparisons), ...judgePages(comparisons), judgeStart(startMs)];
  say(`\n${formatVerdicts(verdicts)}`);
  if (options.output === undefined) return;
  mkdirSync(options.output, { recursive: true });
  writeFileSync(join(options.output, 'bench.json'), `${JSON.stringify({ comparisons, startMs, verdicts }, null, 1)}\n`);
  writeFileSync(join(options.output, 'bench.svg'), chart(comparisons.filter(({ inFlight }) => inFlight === CHARTED)));
}

/** From the start of the process until it takes requests: the median. */
async function timeStarts({ rounds }: BenchOptions): Promise<number> {
  const ldap = await startPopulated({ people: 1, groupSizes: [], durable: false }, new Map(), '');
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    const daemon = await startDaemon(ldap.url);
    times.push(performance.now() - started);
    await daemon.stop();
  }
  await ldap.stop();
  return median(times);
}

async function soakAndJudge({ people, soakMinutes }: BenchOptions): Promise<void> {
  const memory = await soak(Math.max(...people), soakMinutes, say);
  const third = Math.ceil(memory.length / 3);
  const growth = median(memory.slice(-third)) / median(memory.slice(third, 2 * third));
  say(`\nmemory of the last third by that of the one before: ${growth.toFixed(2)}\n`);
}

async function measureOne(options: BenchOptions, people: number, tls: boolean, durable: boolean): Promise<readonly Comparison[]> {
  const isDetailed = !durable && !tls;
  const groupSizes = tls ? [] : options.groupSizes.filter((size) => size <= LARGEST_GROUPED && (isDetailed || size < LARGEST_GROUPED));
  say(`\n${people} people${tls ? ', TLS' : ''}${durable ? ', durable (fsync)' : ''}: loading\n`);
  const rig = await startRig(
    { people, groupSizes, durable },
    tls,
    Math.max(...options.inFlight),
    isDetailed && !matchesNone(options, 'cursor'),
  );
  try {
    const comparisons: Comparison[] = [];
    for (const inFlight of durable ? options.inFlight.filter((each) => each !== 64) : options.inFlight) {
      const setting = { people, durable, tls, inFlight };
      const rows: Comparison[] = [];
      for (const each of casesFor(rig, setting, options))
        rows.push(await compare(rig, each, setting, options.rounds, lengthOf(each, options)));
      say(`\n${inFlight} in flight\n${formatTable(rows)}`);
      comparisons.push(...rows);
    }
    if (isDetailed && options.only === undefined) await sayInitialCycle(rig, options);
    return comparisons;
  } finally {
    await rig.stop();
  }
}

async function sayInitialCycle(rig: Rig, { initialCycle: { users, groups } }: BenchOptions): Promise<void> {
  const steps = Object.entries(await initialCycle(rig, users, groups));
  say(`\nEntra's initial cycle of ${users} users and ${groups} groups, 16 in flight\n`);
  for (const [step, { perSecond, p99 }] of steps) say(`${step}: ${perSecond.toFixed(1)} a second, p99 ${p99.toFixed(0)} ms\n`);
}

function casesFor({ known }: Rig, { durable, tls, inFlight }: Setting, options: BenchOptions): readonly BenchCase[] {
  const writes = writeCases(known, `n${inFlight}`);
  const members = memberCases(known, tls ? [] : options.groupSizes.filter((size) => !durable || size < LARGEST_GROUPED));
  const all = durable ? [...writes, ...members] : [...readCases(known), ...writes, ...members, ...(tls ? [] : pageCases(known))];
  return all.filter(({ name }) => options.only === undefined || name.includes(options.only));
}

function lengthOf({ kind }: BenchCase, { changes, roundMs }: BenchOptions): Length {
  return kind === 'members' ? { requests: changes } : { milliseconds: roundMs };
}

function matchesNone({ only }: BenchOptions, word: string): boolean {
  return only !== undefined && !only.includes(word) && !'page of 100 by cursor'.includes(only);
}

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof TypeError && 'code' in error)) throw error;
  process.stderr.write(`${error.message}\n${USAGE}`);
  process.exitCode = 64;
}
