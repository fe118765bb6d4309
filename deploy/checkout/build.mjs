import { chmodSync, existsSync, rmSync } from 'node:fs';
import { CannotGoOn, runInFront, say } from './command.mjs';
import { stampOf } from './stamp.mjs';

/** What the program is made from: `dist/` is current while none of it has changed. */
const SOURCES = ['src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
const PROGRAM = 'dist/main.js';

export async function buildIfStale() {
  if (existsSync(PROGRAM) && stamp().isCurrent()) return;
  say(`building dist: ${existsSync(PROGRAM) ? 'the sources have changed' : 'there is none yet'}`);
  await build();
}

/** @throws {CannotGoOn} with the compiler's exit code, after it has said what is wrong */
export async function build() {
  const done = stamp();
  rmSync('dist', { recursive: true, force: true });
  const exitCode = await runInFront('tsc', ['--project', 'tsconfig.build.json']);
  if (exitCode !== 0) throw new CannotGoOn('the build failed', exitCode);
  chmodSync(PROGRAM, 0o755);
  await runInFront('node', ['--disable-warning=ExperimentalWarning', 'deploy/checkout/json-schemas.mjs']);
  done.write();
}

function stamp() {
  return stampOf('dist/.made-from', SOURCES);
}
