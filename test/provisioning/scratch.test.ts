import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { createUser, patch, ENTERPRISE } from './support/requests.ts';
let bridge: Bridge;
for (const variant of ['full','bare'] as const) {
it('x'+variant, async () => {
 bridge = await startBridge({ logsOperations: true, variant });
  for (const n of [200, 230, 238,239,240, 241,242,243,244,245,246,247,248,249, 250, 255,256, 260, 300, 500, 600, 1000]) {
  const a = await bridge.send('POST', '/Users', { userName: 'x'.repeat(n) });
  console.log(n, a.status, a.text.slice(0,100));
  const c = await bridge.send('POST', '/Groups', { displayName: 'x'.repeat(n) });
  console.log(n, c.status, c.text.slice(0,100));
  }
  const u= await createUser(bridge);
  console.log((await patch(bridge, `/Users/${u}`, {op:'replace',path:'userName', value: 'z'.repeat(1000)})).text);
  console.log(bridge.log.filter(l => l.includes('err')).join('').slice(0,6000));
  await bridge.stop();
});
}
