import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditFile } from '../../src/cli/audit-file.ts';
import { canMountDisks, mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a file with place', () => {
  it('grows line by line, also after a restart, and keeps no reserve behind', async () => {
    const path = join(folder, 'audit.log');
    for (const line of ['one', 'two']) {
      const file = new AuditFile(path);
      expect(file.isFull()).toBe(false);
      await file.append(line);
      file.close();
    }
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    expect(existsSync(`${path}.reserve`)).toBe(false);
  });

  it('goes on in a new file when the old one was moved away', async () => {
    const path = join(folder, 'audit.log');
    const file = new AuditFile(path);
    await file.append('one');
    renameSync(path, `${path}.1`);
    await file.append('two');
    file.reopen();
    await file.append('three');
    file.close();
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('one\ntwo\n');
    expect(readFileSync(path, 'utf8')).toBe('three\n');
  });

  it('stays with the old file when there can be no new one', async () => {
    const path = join(folder, 'audit.log');
    const file = new AuditFile(path);
    renameSync(path, `${path}.1`);
    execFileSync('mkdir', [path]);
    expect(() => file.reopen()).toThrow('EISDIR');
    await file.append('still here');
    file.close();
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('still here\n');
  });
});

it('a device that takes nothing is told to whoever writes', async () => {
  const file = new AuditFile('/dev/full');
  await expect(file.append('line')).rejects.toThrow('ENOSPC');
  file.close();
});

describe.skipIf(!canMountDisks())('a disk that fills up', () => {
  const LINE = 'x'.repeat(10_000);
  let disk: SmallDisk;

  beforeEach(() => {
    disk = mountSmallDisk(2);
  });
  afterEach(() => disk.remove());

  it('has a place for the lines of what is under way, and is full then, until there is a place again', async () => {
    const path = join(disk.path, 'audit.log');
    const file = new AuditFile(path);
    expect(file.isFull()).toBe(false);
    disk.fill();
    for (let line = 0; line < 20; line += 1) await file.append(LINE);
    expect(file.isFull()).toBe(true);

    disk.clear();
    expect(file.isFull()).toBe(false);
    file.close();
    expect(readFileSync(path, 'utf8')).toBe(`${LINE}\n`.repeat(20));
  });

  it('promises as much as there is, and has a place for whatever was promised to', async () => {
    const path = join(disk.path, 'audit.log');
    const file = new AuditFile(path);
    expect(file.isFull()).toBe(false);
    let promised = 0;
    while (file.promise(50_000)) promised += 1;
    expect(promised).toBeGreaterThan(30);
    disk.fill();
    const line = 'x'.repeat(40_000);
    for (let each = 0; each < promised; each += 1) {
      await file.append(line);
      file.giveBack(50_000);
    }
    expect(readFileSync(path, 'utf8')).toBe(`${line}\n`.repeat(promised));
    expect(file.isFull()).toBe(true);
    file.close();
    expect(existsSync(`${path}.reserve`)).toBe(false);
  });

  it('holds no part of a line', async () => {
    const path = join(disk.path, 'audit.log');
    const file = new AuditFile(path);
    await file.append('first');
    await expect(file.append('x'.repeat(3 * 1024 * 1024))).rejects.toThrow('ENOSPC');
    await file.append('second');
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('first\nsecond\n');
  });
});
