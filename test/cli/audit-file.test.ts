import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditFile } from '../../src/cli/audit-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a file with place', () => {
  it('grows line by line, also after a restart, and keeps no reserve behind', () => {
    const path = join(folder, 'audit.log');
    for (const line of ['one', 'two']) {
      const file = new AuditFile(path);
      expect(file.isFull()).toBe(false);
      file.write(line);
      file.close();
    }
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    expect(existsSync(`${path}.reserve`)).toBe(false);
  });

  it('goes on in a new file when the old one was moved away', () => {
    const path = join(folder, 'audit.log');
    const file = new AuditFile(path);
    file.write('one');
    renameSync(path, `${path}.1`);
    file.write('two');
    file.reopen();
    file.write('three');
    file.close();
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('one\ntwo\n');
    expect(readFileSync(path, 'utf8')).toBe('three\n');
  });

  it('stays with the old file when there can be no new one', () => {
    const path = join(folder, 'audit.log');
    const file = new AuditFile(path);
    renameSync(path, `${path}.1`);
    execFileSync('mkdir', [path]);
    expect(() => file.reopen()).toThrow('EISDIR');
    file.write('still here');
    file.close();
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('still here\n');
  });
});

it('a device that takes nothing is told to whoever writes', () => {
  const file = new AuditFile('/dev/full');
  expect(() => file.write('line')).toThrow('ENOSPC');
  file.close();
});

const canMount = process.getuid?.() === 0 && isMountable();

function isMountable(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'audit-mount-'));
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

if (!canMount) process.stderr.write('a full disk is not tested: it needs the right to mount a small one\n');

describe.skipIf(!canMount)('a disk that fills up', () => {
  const LINE = 'x'.repeat(10_000);
  let place: string;

  beforeEach(() => {
    place = join(folder, 'disk');
    execFileSync('mkdir', [place]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', place]);
  });
  afterEach(() => execFileSync('umount', [place]));

  it('has a place for the lines of what is under way, and is full then, until there is a place again', () => {
    const path = join(place, 'audit.log');
    const file = new AuditFile(path);
    expect(file.isFull()).toBe(false);
    writeFileSync(join(place, 'ballast'), '');
    try {
      for (;;) writeFileSync(join(place, 'ballast'), Buffer.alloc(4096), { flag: 'a' });
    } catch (error) {
      expect(String(error)).toContain('ENOSPC');
    }
    for (let line = 0; line < 20; line += 1) file.write(LINE);
    expect(file.isFull()).toBe(true);
    expect(existsSync(`${path}.reserve`)).toBe(false);

    rmSync(join(place, 'ballast'));
    expect(file.isFull()).toBe(false);
    expect(existsSync(`${path}.reserve`)).toBe(true);
    file.close();
    expect(readFileSync(path, 'utf8')).toBe(`${LINE}\n`.repeat(20));
  });

  it('holds no part of a line', () => {
    const path = join(place, 'audit.log');
    const file = new AuditFile(path);
    file.write('first');
    expect(() => file.write('x'.repeat(3 * 1024 * 1024))).toThrow('ENOSPC');
    file.write('second');
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('first\nsecond\n');
  });
});
