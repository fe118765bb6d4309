import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textsOf } from '../../src/ldap/entry.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { PEOPLE } from '../support/openldap.ts';
import { canMountDisks, mountSmallDisk } from '../support/small-disk.ts';

let folder: string;
let bridge: Bridge;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
});
afterEach(async () => {
  await bridge.stop();
  rmSync(folder, { recursive: true });
});

describe.skipIf(!canMountDisks())('a disk that fills up while clients write', () => {
  it('takes a line for everything that was written, and then nothing is written any more', async () => {
    const disk = mountSmallDisk(2);
    try {
      const file = join(disk.path, 'audit.log');
      bridge = await startBridge({ service: `audit: { file: ${file}, required: true }` });
      const title = 'x'.repeat(50_000);
      const create = async (prefix: string) => {
        const sent = Array.from({ length: 40 }, (_, index) => bridge.send('POST', '/Users', { userName: `${prefix}${index}`, title }));
        return (await Promise.all(sent)).map(({ status }) => status);
      };
      const uidsInTrail = () =>
        readFileSync(file, 'utf8')
          .trim()
          .split('\n')
          .map((line) => /"dn":"uid=([^,]*),/.exec(line)?.[1])
          .toSorted();
      const uids = async () => (await bridge.ldap.adminSearch(PEOPLE, '(uid=*)')).map((entry) => textsOf(entry, 'uid')[0]).toSorted();

      expect((await bridge.send('POST', '/Users', { userName: 'first' })).status).toBe(201);
      disk.fill();
      const statuses = await create('full');
      expect(new Set(statuses)).toEqual(new Set([201, 503]));
      expect(await create('fuller')).toEqual(Array.from({ length: 40 }, () => 503));
      expect((await bridge.send('GET', '/Users?count=0')).status).toBe(200);
      expect(uidsInTrail()).toEqual(await uids());
      expect((await uids()).length).toBe(1 + statuses.filter((status) => status === 201).length);

      disk.clear();
      expect((await bridge.send('POST', '/Users', { userName: 'last' })).status).toBe(201);
      expect(uidsInTrail()).toEqual(await uids());
    } finally {
      await bridge.stop();
      disk.remove();
      bridge = await startBridge();
    }
  });
});

describe('a trail without a place on the disk', () => {
  it('stops all writing while it is required, and no reading', async () => {
    const file = join(folder, 'audit.log');
    // What a full disk does to the reserve, a folder in its place does too.
    mkdirSync(`${file}.reserve`);
    bridge = await startBridge({ service: `audit: { file: ${file}, required: true }` });
    const bulk = { Operations: [{ method: 'POST', path: '/Users', bulkId: 'b', data: { userName: 'in-bulk' } }] };
    for (const [method, path, body] of [
      ['POST', '/Users', { userName: 'refused' }],
      ['PUT', '/Users/x', { userName: 'refused' }],
      ['PATCH', '/Users/x', { Operations: [] }],
      ['DELETE', '/Users/x', undefined],
    ] as const) {
      const answer = await bridge.send(method, path, body);
      expect([method, answer.status, answer.headers.get('retry-after')]).toEqual([method, 503, '60']);
      expect(answer.body.detail).toContain('audit trail');
    }
    expect((await bridge.send('POST', '/Bulk', bulk)).body.Operations).toMatchObject([{ status: '503' }]);
    expect((await bridge.send('GET', '/Users')).body.totalResults).toBe(0);
    expect(await bridge.ldap.adminSearch(PEOPLE, '(uid=*)')).toEqual([]);
    expect(bridge.log.some((line) => line.includes('the audit trail has no place on the disk'))).toBe(true);

    rmdirSync(`${file}.reserve`);
    expect((await bridge.send('POST', '/Users', { userName: 'written' })).status).toBe(201);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('costs no line when it is not required: the log has it, loudly', async () => {
    bridge = await startBridge({ service: 'audit: { file: /dev/full }' });
    expect((await bridge.send('POST', '/Users', { userName: 'kept' })).status).toBe(201);
    const line = bridge.log.map((each) => JSON.parse(each)).find(({ msg }) => msg.startsWith('audit'));
    expect(line).toMatchObject({ level: 50, msg: 'audit: could not be written to its file', dn: `uid=kept,${PEOPLE}` });
  });
});
