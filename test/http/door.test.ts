import { afterEach, describe, expect, it } from 'vitest';
import { clientAddress, networks } from '../../src/http/client-address.ts';
import { FailedSignIns } from '../../src/http/failed-sign-ins.ts';
import { RateLimit } from '../../src/http/rate-limit.ts';
import { type Bridge, type BridgeOptions, startBridge } from '../support/bridge.ts';

describe('clientAddress', () => {
  const isTrusted = networks([
    { address: '10.0.0.0', prefix: 8 },
    { address: '2001:db8::', prefix: 32 },
  ]);

  it.each([
    ['nobody in between', '192.0.2.1', undefined, '192.0.2.1'],
    ['a stranger’s word', '192.0.2.1', '10.0.0.1', '192.0.2.1'],
    ['a proxy', '10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['a proxy over IPv6', '2001:db8::1', '192.0.2.1', '192.0.2.1'],
    ['IPv4 over IPv6', '::ffff:10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['two proxies', '10.0.0.1', '192.0.2.1, 10.0.0.2', '192.0.2.1'],
    ['what a stranger told the proxy', '10.0.0.1', '127.0.0.1, 192.0.2.1', '192.0.2.1'],
    ['a proxy that says nothing', '10.0.0.1', undefined, '10.0.0.1'],
    ['nonsense', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['a port', '10.0.0.1', '192.0.2.1:4711', '192.0.2.1'],
    ['brackets and a port', '10.0.0.1', '[2001:db9::7]:4711', '2001:db9::7'],
  ])('%s', (_what, remote, forwardedFor, expected) => {
    expect(clientAddress(remote, forwardedFor, isTrusted)).toBe(expected);
  });
});

describe('FailedSignIns', () => {
  it('turns an address away that fails too often, for a minute, and no other', () => {
    const failures = new FailedSignIns();
    for (let each = 0; each < 100; each += 1) failures.note('192.0.2.1', 1000);
    expect(() => failures.note('192.0.2.1', 31_000)).toThrow(expect.objectContaining({ status: 429, retryAfter: 30 }));
    failures.note('192.0.2.2', 31_000);
    failures.note('192.0.2.1', 61_000);
  });

  it('forgets addresses when there are too many', () => {
    const failures = new FailedSignIns();
    for (let each = 0; each < 100; each += 1) failures.note('first', 0);
    for (let each = 0; each < 10_000; each += 1) failures.note(`address ${each}`, 0);
    expect(() => failures.note('first', 0)).not.toThrow();
  });
});

describe('RateLimit', () => {
  it('lets a burst through and then as many as it says; each credential by itself', () => {
    const rate = new RateLimit(10);
    for (let each = 0; each < 20; each += 1) rate.take('a', 0);
    expect(() => rate.take('a', 0)).toThrow(expect.objectContaining({ status: 429, retryAfter: 1 }));
    rate.take('b', 0);
    rate.take('a', 100);
    expect(() => rate.take('a', 150)).toThrow(expect.objectContaining({ status: 429 }));
    rate.take('a', 200);
  });

  it('says whole seconds, also when it takes longer', () => {
    const rate = new RateLimit(1);
    for (let each = 0; each < 2; each += 1) rate.take('a', 0);
    expect(() => rate.take('a', 1)).toThrow(expect.objectContaining({ retryAfter: 1 }));
  });
});

describe('over HTTP', () => {
  let bridge: Bridge;
  const start = async (options: BridgeOptions): Promise<void> => {
    bridge = await startBridge(options);
  };
  afterEach(() => bridge.stop());

  it('whoever fails too often is turned away, and a good token from the same address is not', async () => {
    await start({});
    const wrong = () => bridge.send('GET', '/Users?count=0', undefined, { authorization: 'Bearer wrong' });
    const statuses = new Set<number>();
    for (let each = 0; each < 120; each += 1) statuses.add((await wrong()).status);
    expect([...statuses]).toEqual([401, 429]);
    expect((await wrong()).headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await bridge.send('GET', '/Users?count=0')).status).toBe(200);
  });

  it('more requests per second than a credential has are 429, in whole seconds', async () => {
    await start({ tenant: '    limits: { requestsPerSecond: 1 }' });
    const answers = await Promise.all(Array.from({ length: 6 }, () => bridge.send('GET', '/Users?count=0')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(2);
    expect(refused.every(({ headers }) => /^\d+$/.test(headers.get('retry-after') ?? ''))).toBe(true);
  });

  it('more requests at a time than there is room for are 503', async () => {
    await start({ tenant: '    limits: { requestsInFlight: 1 }' });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => bridge.send('POST', '/Users', { userName: `u${index}` })));
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([201, 503]));
    expect(await bridge.ldap.adminSearch('ou=people,dc=example,dc=org', '(uid=u*)')).toHaveLength(
      statuses.filter((each) => each === 201).length,
    );
  });

  it('addresses that are not allowed are refused before anything is said of tokens', async () => {
    await start({ tenant: '    allowFrom: [192.0.2.0/24]', service: 'audit: { file: /dev/null }\ntrustProxy: [127.0.0.1]' });
    for (const authorization of ['Bearer wrong', undefined]) {
      const answer = await bridge.send('GET', '/Users', undefined, authorization === undefined ? {} : { authorization });
      expect([answer.status, answer.body.detail]).toEqual([400, expect.stringContaining('not taken from this address')]);
    }
    const from = (address: string) => bridge.send('GET', '/Users?count=0', undefined, { 'x-forwarded-for': address });
    expect((await from('192.0.2.9')).status).toBe(200);
    expect((await from('192.0.2.9, 198.51.100.1')).status).toBe(400);
    expect(bridge.log.at(-1)).toContain('"address":"198.51.100.1"');
  });

  it('lists with more values than a request may have are 413', async () => {
    await start({ tenant: '    limits: { listValues: 5 }' });
    const members = Array.from({ length: 6 }, (_, index) => ({ value: `id-${index}` }));
    const answer = await bridge.send('POST', '/Groups', { displayName: 'large', members });
    expect([answer.status, answer.body.detail]).toEqual([413, expect.stringContaining('more than 5 values')]);
  });
});
