import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CONVERSATION } from '../../src/cli/demo/conversation.ts';
import { SAMPLE_PEOPLE } from '../../src/cli/demo/sample-entries.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;

/** Where the demo has its temporary folder, so that its leavings are told from those of others. */
let temporary: string;

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'demo-test-'));
});

afterEach(() => {
  rmSync(temporary, { recursive: true, force: true });
});

interface Demo {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** What it wrote to stderr. */
  readonly complaints: () => string;
  /** Exit code and signal, once it has ended. */
  readonly ended: () => Promise<readonly unknown[]>;
}

/** A process group of its own stands in for the foreground job of a terminal. */
function startDemo(...args: readonly string[]): Demo {
  const env = { ...process.env, TMPDIR: temporary };
  const child = spawn(process.execPath, [MAIN, 'demo', ...args], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, complaints] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const ended = once(child, 'close');
  return { child, output: () => output, complaints: () => complaints, ended: () => ended };
}

async function untilReady(demo: Demo): Promise<string> {
  await expect.poll(demo.output, { timeout: 20_000 }).toContain('Ctrl-C ends it and removes everything.');
  return demo.output();
}

/** The folders of the demo, and the processes that were started with one of them. */
function leavings(): readonly string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const commands = processes.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return ''; // it has ended meanwhile
    }
  });
  return [...readdirSync(temporary), ...commands.filter((command) => command.includes(temporary))];
}

function isInstalled(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function run(line: string): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-c', line]);
  return stdout;
}

describe('demo --check', () => {
  test("goes through Entra's conversation and leaves nothing behind", async () => {
    const demo = startDemo('--check');

    expect(await demo.ended()).toEqual([0, null]);
    const lines = demo.output().trimEnd().split('\n');
    expect(lines).toEqual([
      ...CONVERSATION.map(({ title }) => `ok      ${title}`),
      `All ${CONVERSATION.length} steps went as they should.`,
    ]);
    expect(demo.complaints()).toBe('');
    await expect.poll(leavings).toEqual([]);
  });
});

describe('demo', () => {
  test.skipIf(!isInstalled('curl'))('prints curl lines that work as they are', async () => {
    const demo = startDemo();
    const printed = await untilReady(demo);
    const statuses: string[] = [];
    const bodies: string[] = [];
    for (const line of printed.split('\n').filter((each) => each.startsWith('curl '))) {
      const answer = await run(`${line} --silent --show-error --write-out '\\n%{http_code}'`);
      const end = answer.lastIndexOf('\n');
      bodies.push(answer.slice(0, end));
      statuses.push(answer.slice(end + 1));
    }

    expect(statuses).toEqual(['200', '200', '200', '201', '200', '204', '200', '204']);
    const [everybody = '', byUserName = '', byName = '', created, switchedOff, , group] = bodies;
    expect(JSON.parse(everybody)).toMatchObject({ totalResults: SAMPLE_PEOPLE.length + 1 });
    expect(JSON.parse(byUserName)).toMatchObject({ totalResults: 1, Resources: [{ userName: 'li.wei@example.org', displayName: '李伟' }] });
    expect(JSON.parse(byName)).toMatchObject({ totalResults: 1, Resources: [{ displayName: 'Ольга Иванова' }] });
    expect(created).toContain('"displayName":"Nguyễn Văn An"');
    expect(switchedOff).toContain('"active":false');
    expect(JSON.parse(group ?? '')).toMatchObject({ members: { length: 4 } });

    demo.child.kill('SIGINT');
    expect(await demo.ended()).toEqual([0, null]);
  });

  test.skipIf(!isInstalled('ldapsearch'))('prints an ldapsearch line that works as it is', async () => {
    const demo = startDemo();
    const [line = ''] = (await untilReady(demo)).split('\n').filter((each) => each.startsWith('ldapsearch '));
    const found = await run(line);

    expect(found.match(/^dn:/gm)).toHaveLength(SAMPLE_PEOPLE.length + 1);
    expect(found).toContain('memberOf: cn=Engineering,ou=groups,dc=example,dc=org');
    expect(found).not.toContain('userPassword');
    demo.child.kill('SIGTERM');
    expect(await demo.ended()).toEqual([0, null]);
  });

  test('shows a create, the LDIF behind it and the entry', async () => {
    const demo = startDemo();
    const printed = await untilReady(demo);

    expect(printed).toMatch(/^POST \/scim\/v2\/Users {2}\{.*"userName":"ada\.king@example\.org".*\}$/m);
    expect(printed).toContain('dn: uid=ada.king@example.org,ou=people,dc=example,dc=org\nchangetype: add\n');
    expect(printed).toMatch(/^entryuuid: [0-9a-f-]{36}$/m);
    expect(printed).toMatch(/^Base URL {2}http:\/\/127\.0\.0\.1:\d+\/scim\/v2$/m);
    expect(printed).toMatch(/^Token {5}\S{20,}$/m);
    demo.child.kill('SIGINT');
    expect(await demo.ended()).toEqual([0, null]);
  });

  test('Ctrl-C in a terminal ends it without a word and leaves nothing behind', async () => {
    const demo = startDemo();
    const printed = await untilReady(demo);
    expect(leavings()).not.toEqual([]);
    process.kill(-(demo.child.pid ?? 0), 'SIGINT');

    expect(await demo.ended()).toEqual([0, null]);
    expect([demo.output(), demo.complaints()]).toEqual([printed, '']);
    await expect.poll(leavings).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s while it is still starting leaves nothing behind', async (signal) => {
    const demo = startDemo();
    await expect.poll(() => readdirSync(temporary), { interval: 2, timeout: 20_000 }).not.toEqual([]);
    process.kill(-(demo.child.pid ?? 0), signal);

    expect(await demo.ended()).toEqual([0, null]);
    expect([demo.output(), demo.complaints()]).toEqual(['', '']);
    await expect.poll(leavings).toEqual([]);
  });

  test('interrupted, the check has not passed', async () => {
    const demo = startDemo('--check');
    await expect.poll(demo.output, { interval: 2, timeout: 20_000 }).toContain('ok ');
    demo.child.kill('SIGINT');

    expect(await demo.ended()).toEqual([1, null]);
    await expect.poll(leavings).toEqual([]);
  });
});
