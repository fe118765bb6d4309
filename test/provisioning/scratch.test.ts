import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { createUser, patch, ENTERPRISE } from './support/requests.ts';
let bridge: Bridge;
beforeAll(async () => { bridge = await startBridge({ logsOperations: true }); });
afterAll(() => bridge.stop());
it('x', async () => {
  const a = await bridge.send('POST', '/Users', { userName: 'anna', name: { familyName: 'Lind' }, active: true });
  console.log(a.status, a.text, [...a.headers]);
  await bridge.ldap.mark();
  const b = await bridge.send('POST', '/Users', { userName: 'bob', password: 'longenough1', [ENTERPRISE]: { manager: { value: a.body.id } } });
  console.log(b.status, b.text, await bridge.ldap.operations());
  await bridge.ldap.mark();
  console.log((await patch(bridge, `/Users/${b.body.id}`, { op: 'replace', path: 'userName', value: 'bob2' })).text, await bridge.ldap.operations());
  console.log(bridge.log.join(''));
});
