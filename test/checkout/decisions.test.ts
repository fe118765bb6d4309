import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CannotGoOn, runQuietly } from '../../deploy/checkout/command.mjs';
import { withLock } from '../../deploy/checkout/lock.mjs';
import { isAtLeast } from '../../deploy/checkout/packages.mjs';
import { testsNeedSlapd } from '../../deploy/checkout/slapd.mjs';
import { stampOf } from '../../deploy/checkout/stamp.mjs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkout-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the version of Node.js', () => {
  test.each([
    ['v20.19.2', '>=22.22', false],
    ['v22.9.0', '>=22.22', false],
    ['v22.22.0', '>=22.22', true],
    ['v24.0.0', '>=22.22', true],
    ['v100.0.0', '>=22.22', true],
    ['v22.22.0', '>=22.22.1', false],
    ['v22.0.0', '>=22', true],
    ['v26.0.0-nightly20261001', '>=22.22', true],
  ])('%s against %s', (version, range, expected) => {
    expect(isAtLeast(version, range)).toBe(expected);
  });

  test('a range of another form is a mistake in package.json', () => {
    expect(() => isAtLeast('v24.0.0', '^22 || ^24')).toThrow('another form');
  });

  test('package.json has that form', () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(isAtLeast('v20.0.0', engines.node)).toBe(false);
  });
});

test.each([
  [[], true],
  [['test/scim'], true],
  [['--project', 'pure'], false],
  [['--project=pure', '--reporter=dot'], false],
  [['--project', 'pure', '--project', 'servers'], true],
  [['-t', 'pure'], true],
])('vitest %j needs slapd: %s', (args, expected) => {
  expect(testsNeedSlapd(args)).toBe(expected);
});

describe('a stamp', () => {
  test('is current until a source changes, appears or goes', () => {
    const sources = join(folder, 'src');
    mkdirSync(join(sources, 'room'), { recursive: true });
    writeFileSync(join(sources, 'room', 'a.ts'), 'a');
    const stamp = () => stampOf(join(folder, 'out', 'stamp'), [sources]);

    expect(stamp().isCurrent()).toBe(false);
    stamp().write();
    expect(stamp().isCurrent()).toBe(true);

    writeFileSync(join(sources, 'room', 'b.ts'), '');
    expect(stamp().isCurrent()).toBe(false);
    rmSync(join(sources, 'room', 'b.ts'));
    expect(stamp().isCurrent()).toBe(true);

    writeFileSync(join(sources, 'room', 'a.ts'), 'changed');
    expect(stamp().isCurrent()).toBe(false);
  });

  test('tells what was read before the work, not what is there after it', () => {
    const source = join(folder, 'lock.json');
    writeFileSync(source, 'before');
    const stamp = stampOf(join(folder, 'lock-stamp'), [source]);
    writeFileSync(source, 'changed meanwhile');
    stamp.write();
    expect(stampOf(join(folder, 'lock-stamp'), [source]).isCurrent()).toBe(false);
  });
});

describe('the lock', () => {
  test('lets one in at a time', async () => {
    const lock = join(folder, 'busy');
    const steps: string[] = [];
    const work = (name: string) => async () => {
      steps.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      steps.push(`${name} out`);
    };
    await Promise.all([withLock(lock, work('first')), withLock(lock, work('second'))]);
    expect(steps).toEqual(['first in', 'first out', 'second in', 'second out']);
  });

  test('is given back when the work fails', async () => {
    const lock = join(folder, 'failed');
    const failing = withLock(lock, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    await expect(withLock(lock, () => Promise.resolve('in'))).resolves.toBe('in');
  });

  test('of a process that was killed is taken over', async () => {
    const lock = join(folder, 'abandoned');
    const gone = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
    mkdirSync(lock);
    writeFileSync(join(lock, 'owner'), gone);
    await expect(withLock(lock, () => Promise.resolve('in'))).resolves.toBe('in');
  });
});

describe('a command', () => {
  test('passes its exit code, its output and its input on', async () => {
    const script = "process.stdin.on('data', (text) => { console.error(String(text)); process.exitCode = 3; })";
    await expect(runQuietly(process.execPath, ['-e', script], { input: 'said' })).resolves.toEqual({ exitCode: 3, output: 'said\n' });
  });

  test('that a signal ended has 128 and the number of the signal', async () => {
    const { exitCode } = await runQuietly(process.execPath, ['-e', "process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 10_000)"]);
    expect(exitCode).toBe(143);
  });

  test('that does not exist has 127', async () => {
    await expect(runQuietly('no-such-command', [])).resolves.toEqual({ exitCode: 127, output: '' });
  });

  test('without which nothing goes on ends with 69', () => {
    expect(new CannotGoOn('slapd is missing').exitCode).toBe(69);
  });
});

test('an unknown task is wrong usage', async () => {
  const { exitCode, output } = await runQuietly(process.execPath, ['deploy/checkout/run.mjs', 'destroy']);
  expect({ exitCode, output }).toEqual({ exitCode: 64, output: expect.stringMatching(/^usage: run\.mjs demo\|test\|[\w|]+ \[args\]\n$/) });
});
