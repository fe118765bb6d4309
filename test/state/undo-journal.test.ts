import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatJournalLine, type SettledWrite } from '../../src/journal/journaled-write.ts';
import { readUndoJournal } from '../../src/state/read-undo-journal.ts';
import { openUndoJournal, type UndoJournal } from '../../src/state/undo-journal.ts';

const DAY_MS = 86_400_000;
const MIDDAY = Date.parse('2026-01-31T12:00:00Z');

let root: string;
let folder: string;
let journal: UndoJournal | undefined;
const clock = { now: MIDDAY };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-journal-'));
  folder = join(root, 'journal');
  clock.now = MIDDAY;
});
afterEach(() => {
  journal?.close();
  journal = undefined;
  rmSync(root, { recursive: true });
});

const open = async (): Promise<UndoJournal> => {
  journal = await openUndoJournal(folder, { retentionMs: 30 * DAY_MS, now: () => clock.now });
  return journal;
};

const writeOf = (dn: string) => ({
  request: `request of ${dn}`,
  tenant: 'contoso',
  directory: 'corp',
  target: 'users' as const,
  before: dn,
  after: dn,
  change: { kind: 'modify', dn, modifications: [{ operation: 'add', attribute: 'jpegPhoto', values: [Buffer.from([0xff, 0])] }] } as const,
});

async function kept(): Promise<readonly SettledWrite[]> {
  const writes: SettledWrite[] = [];
  for await (const write of readUndoJournal(folder)) writes.push(write);
  return writes;
}

const dnsOf = async (): Promise<readonly string[]> => (await kept()).map(({ change }) => change.dn);

test('a write is kept as it was noted, with what became of it', async () => {
  const opened = await open();
  const ended = await opened.begin(writeOf('uid=ada'));
  (await opened.begin(writeOf('uid=refused'))).end('refused');
  ended.end('done', 'the-id');
  await opened.begin(writeOf('uid=pending'));
  expect(await kept()).toEqual([
    { write: expect.any(String), time: '2026-01-31T12:00:00.000Z', ...writeOf('uid=ada'), id: 'the-id', outcome: 'done' },
    expect.objectContaining({ before: 'uid=refused', outcome: 'refused' }),
    expect.objectContaining({ before: 'uid=pending', outcome: 'unknown' }),
  ]);
});

test('many at a time are all there, in their order', async () => {
  const opened = await open();
  const names = Array.from({ length: 500 }, (_, index) => `uid=${index}`);
  const ends = await Promise.all(names.map((name) => opened.begin(writeOf(name))));
  await Promise.all(ends.map(({ onDisk }) => onDisk));
  for (const write of ends.toReversed()) write.end('done');
  const found = await kept();
  expect(found.map(({ change }) => change.dn)).toEqual(names);
  expect(new Set(found.map(({ outcome }) => outcome))).toEqual(new Set(['done']));
});

test('only the owner reads it', async () => {
  await (await (await open()).begin(writeOf('uid=ada'))).onDisk;
  const [file = ''] = readdirSync(folder);
  expect([statSync(folder).mode & 0o777, statSync(join(folder, file)).mode & 0o777]).toEqual([0o700, 0o600]);
});

test('a line that is torn is passed over, and the zeros of a file that was never closed', async () => {
  await (await (await open()).begin(writeOf('uid=ada'))).onDisk;
  const [file = ''] = readdirSync(folder);
  const whole = readFileSync(join(folder, file), 'utf8').replaceAll('\0', '');
  writeFileSync(join(folder, file), `${whole}${whole.replaceAll('uid=ada', 'uid=eve').slice(0, -9)}${'\0'.repeat(1000)}`);
  expect(await dnsOf()).toEqual(['uid=ada']);
});

test('the writes of several processes come in the order of their times', async () => {
  const line = (time: string, dn: string) => formatJournalLine({ write: dn, time: `2026-01-31T${time}.000Z`, ...writeOf(dn) });
  await open();
  writeFileSync(join(folder, '2026-01-31-7-1-1.jsonl'), line('10:00:00', 'a') + line('10:00:02', 'c'));
  writeFileSync(join(folder, '2026-01-31-8-1-1.jsonl'), line('10:00:01', 'b') + line('10:00:03', 'd'));
  writeFileSync(join(folder, '2026-01-30-9-1-1.jsonl'), line('10:00:09', 'the day before'));
  expect(await dnsOf()).toEqual(['the day before', 'a', 'b', 'c', 'd']);
});

test('each day has its file, the end of a write stands where it began, and what is too old is deleted', async () => {
  const opened = await open();
  const overMidnight = await opened.begin(writeOf('uid=old'));
  clock.now += DAY_MS;
  (await opened.begin(writeOf('uid=new'))).end('done');
  overMidnight.end('done');
  const files = readdirSync(folder).toSorted();
  expect(files.map((name) => name.slice(0, 10))).toEqual(['2026-01-31', '2026-02-01']);
  expect((await kept()).map(({ outcome }) => outcome)).toEqual(['done', 'done']);

  const lastWritten = new Date(MIDDAY);
  utimesSync(join(folder, files[0] ?? ''), lastWritten, lastWritten);
  utimesSync(join(folder, files[1] ?? ''), new Date(clock.now), new Date(clock.now));
  clock.now = MIDDAY + 30 * DAY_MS + 1;
  opened.close();
  await open();
  expect(await dnsOf()).toEqual(['uid=new']);
});

test('no folder is an empty journal', async () => {
  expect(await kept()).toEqual([]);
});

const canMount = process.getuid?.() === 0 && isMountable();

describe.skipIf(!canMount)('on a disk that is full', () => {
  test('a write that can not be noted is refused, and leaves no part of a line; later ones are noted', async () => {
    (await open()).close();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', folder]);
    try {
      const opened = await open();
      (await opened.begin(writeOf('uid=first'))).end('done');
      const filler = join(folder, 'filler');
      expect(() => writeFileSync(filler, Buffer.alloc(1_000_000))).toThrow('ENOSPC');
      const long = { ...writeOf('uid=long'), change: { kind: 'delete', dn: 'x'.repeat(20_000) } as const };
      await expect(opened.begin(long)).rejects.toThrow('ENOSPC');
      rmSync(filler);
      (await opened.begin(writeOf('uid=second'))).end('done');
      expect(await dnsOf()).toEqual(['uid=first', 'uid=second']);
      const [file = ''] = readdirSync(folder);
      expect(readFileSync(join(folder, file), 'utf8')).not.toContain('xxx');
    } finally {
      journal?.close();
      execFileSync('umount', ['-l', folder]);
    }
  });
});

if (!canMount) process.stderr.write('a full disk is not tested: it needs the right to mount a small one\n');

function isMountable(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', place], { stdio: 'ignore' });
    execFileSync('umount', [place]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(place, { recursive: true });
  }
}
