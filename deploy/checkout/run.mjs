/**
 * `node deploy/checkout/run.mjs TASK [args]`: does what `npm run demo`, `npm test` and the other scripts of package.json
 * promise, in a checkout where nothing is installed yet. Runs on Node.js 20 and imports nothing that npm would bring.
 *
 * The scripts say `exec`: npm passes SIGTERM to the shell it started, and a shell that waits for us would die alone.
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packageIfStale } from '../debian/package.mjs';
import { build, buildIfStale } from './build.mjs';
import { CannotGoOn, runInFront, say } from './command.mjs';
import { withLock } from './lock.mjs';
import { provideNode, providePackages } from './packages.mjs';
import { release } from './release.mjs';
import { provideSlapd, testsNeedSlapd } from './slapd.mjs';
import { provideTestTools } from './test-tools.mjs';

/**
 * @typedef {object} Task
 * @property {(args: readonly string[]) => Promise<void>} [prepare] what it needs beside Node.js and the npm packages
 * @property {(args: readonly string[]) => Promise<number>} [run] gives the exit code
 */

/** @type {Record<string, Task>} */
const TASKS = {
  demo: {
    async prepare() {
      await provideSlapd();
      await buildIfStale();
    },
    run: (args) => runInFront('node', ['dist/main.js', 'demo', ...args]),
  },
  test: {
    async prepare(args) {
      if (!testsNeedSlapd(args)) return;
      await provideSlapd();
      await provideTestTools();
    },
    run: (args) => runInFront('vitest', ['run', ...args]),
  },
  bench: {
    async prepare() {
      await provideSlapd();
      await buildIfStale();
    },
    run: (args) => runInFront('node', ['--disable-warning=ExperimentalWarning', 'bench/run.ts', ...args]),
  },
  check: { run: check },
  build: { prepare: build },
  release: { run: release },
  package: { prepare: packageIfStale },
  format: { run: (args) => runInFront('biome', ['check', '--write', ...args]) },
};

/** All three, whatever the first ones say: a person mends everything in one go. */
async function check() {
  const exitCodes = [
    await runInFront('oxlint', ['--type-aware', '--deny-warnings']),
    await runInFront('biome', ['check']),
    await runInFront('tsc', ['--project', '.']),
  ];
  return Math.max(...exitCodes);
}

/**
 * @param {string | undefined} name
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit code
 */
async function perform(name, args) {
  const task = new Map(Object.entries(TASKS)).get(name ?? '');
  if (task === undefined) throw new CannotGoOn(`usage: run.mjs ${Object.keys(TASKS).join('|')} [args]`, 64);

  process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
  mkdirSync('.node', { recursive: true });
  await withLock('.node/install.lock', async () => {
    await provideNode();
    await providePackages();
    await task.prepare?.(args);
  });
  return (await task.run?.(args)) ?? 0;
}

try {
  const [name, ...args] = process.argv.slice(2);
  process.exitCode = await perform(name, args);
} catch (error) {
  if (!(error instanceof CannotGoOn)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
