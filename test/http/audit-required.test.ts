import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { PEOPLE } from '../support/openldap.ts';

let folder: string;
let bridge: Bridge;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
});
afterEach(async () => {
  await bridge.stop();
  rmSync(folder, { recursive: true });
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
