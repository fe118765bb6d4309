import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';

let bridge: Bridge;

beforeAll(async () => {
  bridge = await startBridge({ variant: 'bare' });
});
afterAll(() => bridge.stop());

it('the shipped mapping reads and writes where the memberof and ppolicy overlays are missing', async () => {
  const created = await bridge.send('POST', '/Users', { userName: 'ada', active: true });
  expect([created.status, created.body.active]).toEqual([201, true]);
  const group = await bridge.send('POST', '/Groups', { displayName: 'Engines', members: [{ value: created.body.id }] });
  expect(group.status).toBe(201);
  const patched = await bridge.send('PATCH', `/Users/${created.body.id}`, {
    Operations: [{ op: 'add', path: 'title', value: 'Countess' }],
  });
  expect([patched.status, patched.body.title]).toEqual([200, 'Countess']);
  expect((await bridge.send('GET', '/Users?filter=active eq true')).body.totalResults).toBe(1);
});

it('what that directory cannot hold is 503, loud in the log, for the mapping has to be mended', async () => {
  const created = await bridge.send('POST', '/Users', { userName: 'off', active: false });
  expect([created.status, created.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
  expect(bridge.log.some((line) => line.includes('pwdAccountLockedTime') && line.includes('"level":50'))).toBe(true);
});
