import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge, TOKEN } from '../support/bridge.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';
import { usedMemory } from '../support/used-memory.ts';
import { rawRequest, sendRaw } from './support/raw-request.ts';

/** As many as a test run has time for; `FUZZ_REQUESTS=100000` takes some minutes. */
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 15_000);
/** That many are under way at a time. */
const TOGETHER = 20;
const PARTS = 10;
/** Begins every password that is sent. Nothing else does: what is found in the log is one. */
const SECRET = 'Never-In-A-Log-1';

let bridge: Bridge;
let user = '';
let group = '';
let outside: string;
/** Ids of what the attackers created, and did not delete again, by endpoint. */
const created = new Map<string, string[]>([
  ['/Users', []],
  ['/Groups', []],
]);
/** How often each status was the answer, by verb. */
const answered = new Map<string, number>();

/** All entries but users and groups, with everything in them that isn't operational. */
async function readOutside(): Promise<string> {
  const entries = await bridge.ldap.adminSearch('dc=example,dc=org', '(objectClass=*)', ['*']);
  const others = entries.filter(({ dn }) => !dn.endsWith(`,${PEOPLE}`) && !dn.endsWith(`,${GROUPS}`));
  return JSON.stringify(others.map(({ dn, attributes }) => [dn, [...attributes]]).toSorted());
}

beforeAll(async () => {
  bridge = await startBridge();
  user = (await bridge.send('POST', '/Users', { userName: 'victim', password: SECRET })).body.id;
  group = (await bridge.send('POST', '/Groups', { displayName: 'victims', members: [{ value: user }] })).body.id;
  outside = await readOutside();
});
afterAll(() => bridge.stop());

/** What is syntax to somebody on the way: LDAP filters and DNs, SCIM filters and paths, JSON, HTTP, shells, people's eyes. */
const METACHARACTERS = [
  '*',
  '*)(uid=*',
  ')(|(objectClass=*',
  'victim)(&',
  'x\u0000',
  '\u0000',
  '\\00',
  '\\2a',
  'uid=victim,ou=people,dc=example,dc=org',
  'x,ou=services,dc=example,dc=org',
  '+cn=admin',
  '#0401',
  ' leading',
  'trailing ',
  '\\',
  '"',
  '" or userName pr or "',
  '<script>',
  '../../../etc/passwd',
  '%2e%2e',
  '${jndi:ldap://x}',
  '__proto__',
  'constructor',
  'toString',
  'ｖｉｃｔｉｍ',
  'vıctim',
  'ﬃ',
  '\u202Evictim',
  '\uD800',
  '𝓋',
  '\r\nX-Injected: 1',
  '\n',
  'x'.repeat(2000),
  'é'.repeat(300),
];

const text = fc.oneof(
  fc.constantFrom(...METACHARACTERS),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('victim', 'true', '-', ''),
);
const attribute = fc.oneof(
  fc.constantFrom(
    'userName',
    'displayName',
    'active',
    'emails',
    'members',
    'name.givenName',
    'manager',
    'password',
    'id',
    'schemas',
    'meta',
  ),
  fc.constantFrom(
    'groups',
    'externalId',
    'emails[type eq "work"].value',
    'urn:ietf:params:scim:schemas:core:2.0:User:title',
    '__proto__.x',
  ),
  text,
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  { maxDepth: 3 },
  text,
  fc.boolean(),
  fc.double(),
  fc.constant(null),
  fc.constantFrom(0, -1, 1e308, 2 ** 53),
  fc.array(
    fc.letrec((tie) => ({
      one: fc.oneof({ maxDepth: 2 }, text, fc.record({ value: text, type: text }), fc.array(tie('one'), { maxLength: 2 })),
    })).one,
    { maxLength: 3 },
  ),
);
/** A text that is sent as password is a secret. */
function valueOf(name: unknown, each: unknown): unknown {
  return name === 'password' && typeof each === 'string' ? `${SECRET}${each}` : each;
}
const resource = fc.tuple(fc.array(fc.tuple(attribute, value), { maxLength: 6 }), text).map(([members, userName]) => ({
  userName,
  displayName: userName,
  ...Object.fromEntries(members.filter(([name]) => name !== '__proto__').map(([name, each]) => [name, valueOf(name, each)])),
}));
const operation = fc
  .record({ op: fc.oneof(fc.constantFrom('add', 'Replace', 'remove'), text), path: attribute, value }, { requiredKeys: ['op'] })
  .map((each) => ('value' in each ? { ...each, value: valueOf(each.path, each.value) } : each));
const patch = fc.record({ Operations: fc.array(operation, { maxLength: 4 }) });
const bulk = fc.record({
  Operations: fc.array(
    fc.record({
      method: fc.constantFrom('POST', 'PATCH', 'DELETE', 'PUT'),
      path: fc.constantFrom('/Users', '/Groups', '/Users/x'),
      bulkId: text,
      data: fc.oneof(value, resource, patch),
    }),
    { maxLength: 3 },
  ),
});
const filter = fc
  .tuple(attribute, fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'pr', 'xx'), text)
  .map(([path, operator, literal]) => `${path} ${operator} ${JSON.stringify(literal)}`);

interface Attack {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** The path or query may hold USER and GROUP, which stand for the victims, and LATEST for what an attacker created last. */
const encoded = text.map((each) => encodeURIComponent(each.toWellFormed()));
const id = fc.oneof(fc.constantFrom('USER', 'GROUP', 'LATEST'), encoded);
const endpoint = fc.constantFrom('/Users', '/Groups');
const parameter = fc.tuple(
  fc.constantFrom('filter', 'sortBy', 'sortOrder', 'attributes', 'excludedAttributes', 'startIndex', 'count', 'cursor', '__proto__'),
  fc.oneof(encoded, fc.constantFrom('0', '-1', '1e9', '2147483648', 'userName', 'members', 'descending')),
);
const search = fc.tuple(fc.constantFrom('/Users', '/Groups', ''), fc.oneof(filter, text));
const attack: fc.Arbitrary<Attack> = fc.oneof(
  fc.tuple(endpoint, resource).map(([path, body]) => ({ method: 'POST', path, body })),
  fc.tuple(endpoint, id, patch).map(([path, one, body]) => ({ method: 'PATCH', path: `${path}/${one}`, body })),
  fc.tuple(endpoint, id, resource).map(([path, one, body]) => ({ method: 'PUT', path: `${path}/${one}`, body })),
  fc.tuple(endpoint, id).map(([path, one]) => ({ method: 'GET', path: `${path}/${one}` })),
  fc.tuple(endpoint, encoded).map(([path, one]) => ({ method: 'DELETE', path: `${path}/${one}` })),
  endpoint.map((path) => ({ method: 'DELETE', path: `${path}/LATEST` })),
  fc
    .tuple(endpoint, fc.array(parameter, { maxLength: 4 }))
    .map(([path, parameters]) => ({ method: 'GET', path: `${path}?${parameters.map((each) => each.join('=')).join('&')}` })),
  fc
    .tuple(fc.constantFrom('HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'POST'), fc.constantFrom('/Bulk', '/Schemas', '/Me', '/Users', ''))
    .map(([method, path]) => ({ method, path })),
  fc.tuple(endpoint, text).map(([path, body]) => ({ method: 'POST', path, body: body.toWellFormed() })),
  search.map(([path, wanted]) => ({ method: 'GET', path: `${path}?filter=${encodeURIComponent(wanted.toWellFormed())}` })),
  search.map(([path, wanted]) => ({ method: 'POST', path: `${path}/.search`, body: { filter: wanted } })),
  fc
    .tuple(endpoint, attribute)
    .map(([path, wanted]) => ({ method: 'GET', path: `${path}?sortBy=${encodeURIComponent(wanted.toWellFormed())}` })),
  bulk.map((body) => ({ method: 'POST', path: '/Bulk', body })),
  fc.tuple(endpoint, value).map(([path, body]) => ({ method: 'POST', path, body })),
);

/** Bytes, whatever the number of requests. */
const MOST_GROWTH = 32 * 1024 * 1024;

const EXPECTED = new Set([200, 201, 204, 400, 404, 405, 409, 412, 413, 415, 501]);

/** What has been created is remembered, until it is deleted. */
async function attackBy({ method, path, body }: Attack): Promise<void> {
  const ofEndpoint = created.get(path.startsWith('/Groups') ? '/Groups' : '/Users') ?? [];
  const latest = (method === 'DELETE' && path.endsWith('/LATEST') ? ofEndpoint.pop() : ofEndpoint.at(-1)) ?? 'nobody';
  const target = path.replace('USER', user).replace('GROUP', group).replace('LATEST', latest);
  const answer = await bridge.send(method, target, body);
  answered.set(`${method} ${answer.status}`, (answered.get(`${method} ${answer.status}`) ?? 0) + 1);
  expect({ method, target, body, status: EXPECTED.has(answer.status) ? 'expected' : answer.status }).toMatchObject({ status: 'expected' });
  expect([...answer.headers.keys()]).not.toContain('x-injected');
  const results: readonly BulkResult[] = answer.body?.Operations ?? [
    { status: String(answer.status), location: answer.headers.get('location') },
  ];
  for (const { status, location } of results) {
    const [, kind = '', one = ''] = /(\/Users|\/Groups)\/([^/]+)$/.exec(location ?? '') ?? [];
    if (status === '201') created.get(kind)?.push(one);
  }
}

interface BulkResult {
  readonly status: string;
  readonly location?: string | null;
}

describe('hostile requests', () => {
  /** Sends a part of the requests. `FAST_CHECK_SEED` chooses which. */
  const sendPart = (part: number) =>
    fc.assert(
      fc.asyncProperty(fc.array(attack, { minLength: TOGETHER, maxLength: TOGETHER }), async (attacks) => {
        await Promise.all(attacks.map(attackBy));
      }),
      { seed: (fc.readConfigureGlobal().seed ?? 0) + part, numRuns: Math.ceil(REQUESTS / PARTS / TOGETHER), endOnFailure: true },
    );

  it(
    `${REQUESTS} of them, by every verb, find no bug, hold no memory and reach nothing outside the bases`,
    async () => {
      const used: number[] = [];
      for (let part = 0; part < PARTS; part += 1) {
        await sendPart(part);
        bridge.forgetLog();
        used.push(usedMemory());
      }
      process.stdout.write(`bytes in use after each part: ${used.join(', ')}\nanswers: ${[...answered].toSorted().join('; ')}\n`);
      // What the first ones filled, caches and compiled code, stays; the others must not add to it.
      const [warm = 0] = used;
      expect(Math.max(...used) - warm).toBeLessThan(MOST_GROWTH);
      expect(await readOutside()).toBe(outside);
      expect((await bridge.send('GET', '/Users?count=1')).status).toBe(200);
      expect(({} as Record<string, unknown>)['x']).toBeUndefined();
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
    60_000 + REQUESTS * 50,
  );

  it.each([
    ['a member of the body', '{"userName":"p","__proto__":{"polluted":true}}'],
    ['a member deep in the body', '{"userName":"p","name":{"constructor":{"prototype":{"polluted":true}}}}'],
    ['a path of a PATCH', JSON.stringify({ Operations: [{ op: 'add', path: '__proto__.polluted', value: true }] })],
    ['a value of a PATCH', '{"Operations":[{"op":"add","value":{"__proto__":{"polluted":true}}}]}'],
  ])('no prototype is polluted by %s', async (_what, body) => {
    const method = body.includes('Operations') ? 'PATCH' : 'POST';
    const { status } = await bridge.send(method, method === 'PATCH' ? `/Users/${user}` : '/Users', body);
    expect(status).toBe(400);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['a length and chunks', ['Content-Length: 5', 'Transfer-Encoding: chunked']],
    ['two lengths', ['Content-Length: 5', 'Content-Length: 6']],
    ['a list of lengths', ['Content-Length: 5, 6']],
    ['a length with a sign', ['Content-Length: +5']],
    ['chunks by another name', ['Transfer-Encoding: xchunked']],
    ['chunks and another coding', ['Transfer-Encoding: chunked, identity']],
    ['a blank before the colon', ['Content-Length : 5']],
  ])('no request is smuggled behind %s', async (_what, lines) => {
    const smuggled = `DELETE /scim/v2/Users/${user} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
    const head = rawRequest('POST /scim/v2/Users', `Authorization: Bearer ${TOKEN}`, 'Content-Type: application/scim+json', ...lines);
    const { status } = await sendRaw(bridge, `${head}0\r\n\r\n${smuggled}`);

    expect(status).toBeGreaterThanOrEqual(400);
    expect((await bridge.send('GET', `/Users/${user}`)).status).toBe(200);
  });
});
