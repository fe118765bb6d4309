import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatIntent, formatProgress, type Intent } from '../../src/state/intent.ts';
import { openIntentJournal, StateDirectoryError } from '../../src/state/intent-journal.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-state-')), 'intents');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const intent: Intent = {
  tenant: 'contoso',
  at: '2026-01-31T08:30:00.000Z',
  target: 'users',
  versionAttribute: 'entryCSN',
  version: 'one',
  steps: [
    {
      change: {
        kind: 'modify',
        dn: 'uid=ada',
        modifications: [{ operation: 'add', attribute: 'jpegPhoto', values: [Buffer.from([0xff, 0])] }],
      },
      repeatable: true,
    },
  ],
};

/** A process that is gone: there is no id 0. */
const GONE = '0-17-1.intent';

function leave(...lines: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, GONE), lines.join(''));
}

test('an intent is there until its end', async () => {
  const journal = await openIntentJournal(folder);
  const open = await journal.begin(intent);
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\d+-\d+-\d+\.intent$/)]);
  open.reached({ done: 1 }, true);
  await open.end();
  expect([readdirSync(folder), journal.waiting]).toEqual([[], 0]);
});

test('one that is left waits with its progress, for its tenant', async () => {
  const journal = await openIntentJournal(folder);
  const open = await journal.begin(intent);
  open.reached({ done: 1, version: 'two' }, false);
  await open.leave();
  expect([journal.waiting, journal.takeLeft('other')]).toEqual([1, []]);
  const [left] = journal.takeLeft('contoso');
  expect([left?.intent, left?.progress, journal.waiting]).toEqual([intent, { done: 1, version: 'two' }, 0]);
  await left?.end();
  expect(readdirSync(folder)).toEqual([]);
});

test('one of a process that is gone is taken over, with its octets; one of a process that runs is not', async () => {
  leave(formatIntent(intent), formatProgress({ done: 1, version: 'two' }));
  const [left, ...others] = (await openIntentJournal(folder)).takeLeft('contoso');
  expect([left?.intent, left?.progress, others]).toEqual([intent, { done: 1, version: 'two' }, []]);
  // Two workers that start at a time: the file is this process's now.
  expect((await openIntentJournal(folder)).waiting).toBe(0);
  expect(await left?.setAside()).toMatch(/\.unsettled$/);
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/\.unsettled$/)]);
});

test('of a torn line the one before it counts; a torn intent was never begun', async () => {
  leave(formatIntent(intent), formatProgress({ done: 0, version: 'x' }), '{"done":1,"ver');
  expect((await openIntentJournal(folder)).takeLeft('contoso')[0]?.progress).toEqual({ done: 0, version: 'x' });
  leave(formatIntent(intent), '{"do');
  expect((await openIntentJournal(folder)).takeLeft('contoso')[0]?.progress).toEqual({ done: 0, version: 'one' });
  const count = readdirSync(folder).length;
  leave(formatIntent(intent).slice(0, 20));
  expect((await openIntentJournal(folder)).waiting).toBe(0);
  expect(readdirSync(folder)).toHaveLength(count);
});

test('a folder that cannot be made is said so', async () => {
  writeFileSync(join(folder, '..', 'file'), '');
  await expect(openIntentJournal(join(folder, '..', 'file', 'intents'))).rejects.toThrow(StateDirectoryError);
});

test('one whose tenant is not among those asked for is orphaned, and waits on', async () => {
  leave(formatIntent(intent));
  const journal = await openIntentJournal(folder);
  expect(journal.listOrphaned(new Set(['contoso', 'other']))).toEqual([]);
  expect(journal.listOrphaned(new Set(['other'])).map(({ intent: { tenant } }) => tenant)).toEqual(['contoso']);
  expect(journal.waiting).toBe(1);
});
