/**
 * `npm run bench`: what the bridge costs, side by side in one run with (a) the bare LDAP operation by ldapts and (b) a hand-written route
 * that does just that operation. Ratios mean the same on every machine; rates don't.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchCase, memberCases, pageCases, readCases, writeCases } from './support/cases.ts';
import { type Comparison, compare, type Setting } from './support/compare.ts';
import { formatTable, formatVerdicts } from './support/format-table.ts';
import type { Length } from './support/measure.ts';
import { type BenchOptions, readOptions, USAGE } from './support/options.ts';
import { type Rig, startRig } from './support/rig.ts';
import { judge, judgePages } from './support/targets.ts';

const LARGEST_GROUPED = 100_000;
const say = (text: string): void => void process.stdout.write(text);

async function main(options: BenchOptions): Promise<void> {
  const comparisons: Comparison[] = [];
  for (const people of options.people) {
    for (const tls of options.tls) {
      for (const durable of tls ? [false] : [false, true]) comparisons.push(...(await measureOne(options, people, tls, durable)));
    }
  }
  const verdicts = [...judge(comparisons), ...judgePages(comparisons)];
  say(`\n${formatVerdicts(verdicts)}`);
  if (options.output === undefined) return;
  mkdirSync(options.output, { recursive: true });
  writeFileSync(join(options.output, 'bench.json'), `${JSON.stringify({ comparisons, verdicts }, null, 1)}\n`);
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
    return comparisons;
  } finally {
    await rig.stop();
  }
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
