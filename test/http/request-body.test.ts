import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge, TOKEN } from '../support/bridge.ts';
import { PEOPLE } from '../support/openldap.ts';

const LIMIT = 4096;

let bridge: Bridge;

beforeAll(async () => {
  bridge = await startBridge({ tenant: `    limits: { bodyBytes: ${LIMIT} }` });
});
afterAll(() => bridge.stop());

interface Sent {
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
  /** Sent in so many chunks, without a length. */
  readonly chunks?: number;
}

/** Sends a POST by Node's own client, which sets nothing that isn't asked for. */
function post({ body = '', headers = {}, chunks }: Sent): Promise<{
  readonly status: number;
  readonly type: string;
  readonly body: { readonly scimType?: string; readonly detail: string };
}> {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(body);
    const length = chunks === undefined ? { 'content-length': String(bytes.length) } : { 'transfer-encoding': 'chunked' };
    const sent = request(
      `${bridge.url}/Users`,
      { method: 'POST', headers: { authorization: `Bearer ${TOKEN}`, ...length, ...headers } },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', body: JSON.parse(text) }),
        );
      },
    );
    sent.on('error', reject);
    const size = Math.ceil(bytes.length / (chunks ?? 1));
    for (let start = 0; start < bytes.length; start += size) sent.write(bytes.subarray(start, start + size));
    sent.end();
  });
}

const SCIM = { 'content-type': 'application/scim+json' };
const nested = (depth: number) => `{"userName":"x","a":${'['.repeat(depth)}${']'.repeat(depth)}}`;

describe('a body is refused', () => {
  const TABLE: readonly (readonly [what: string, sent: Sent, status: number, scimType: string | undefined])[] = [
    ['that is no JSON', { headers: SCIM, body: '{"userName":' }, 400, 'invalidSyntax'],
    ['that is JavaScript', { headers: SCIM, body: "{userName:'x'}" }, 400, 'invalidSyntax'],
    ['with something behind its end', { headers: SCIM, body: '{"userName":"x"}}' }, 400, 'invalidSyntax'],
    ['that is empty', { headers: SCIM, body: '' }, 400, 'invalidSyntax'],
    ['that is blank', { headers: SCIM, body: '   ' }, 400, 'invalidSyntax'],
    ['that is text', { headers: SCIM, body: '"userName"' }, 400, 'invalidSyntax'],
    ['that is null', { headers: SCIM, body: 'null' }, 400, 'invalidSyntax'],
    ['that is a list', { headers: SCIM, body: '[{"userName":"x"}]' }, 400, 'invalidSyntax'],
    ['that is a number', { headers: SCIM, body: '7' }, 400, 'invalidSyntax'],
    ['of another media type', { headers: { 'content-type': 'text/plain' }, body: '{"userName":"x"}' }, 415, undefined],
    ['that is a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'userName=x' }, 415, undefined],
    ['of a type that begins alike', { headers: { 'content-type': 'application/jsonp' }, body: '{"userName":"x"}' }, 415, undefined],
    ['without a media type', { body: '{"userName":"x"}' }, 415, undefined],
    ['with an empty media type', { headers: { 'content-type': '' }, body: '{"userName":"x"}' }, 415, undefined],
    ['that is compressed', { headers: { ...SCIM, 'content-encoding': 'gzip' }, body: '{"userName":"x"}' }, 415, undefined],
    [
      'with a content coding that nobody knows',
      { headers: { ...SCIM, 'content-encoding': 'x' }, body: '{"userName":"x"}' },
      415,
      undefined,
    ],
    ['that nests too deep', { headers: SCIM, body: nested(32) }, 400, 'invalidSyntax'],
    ['that nests far too deep', { headers: SCIM, body: `${'['.repeat(2000)}${']'.repeat(2000)}` }, 400, 'invalidSyntax'],
    ['that nests and never ends', { headers: SCIM, body: '{"a":'.repeat(700) }, 400, 'invalidSyntax'],
    ['with __proto__', { headers: SCIM, body: '{"userName":"x","__proto__":{"admin":true}}' }, 400, 'invalidSyntax'],
    ['with __proto__ inside', { headers: SCIM, body: '{"userName":"x","name":{"__proto__":{}}}' }, 400, 'invalidSyntax'],
    ['with __proto__ in disguise', { headers: SCIM, body: '{"userName":"x","\\u005f_proto__":{}}' }, 400, 'invalidSyntax'],
    ['with constructor', { headers: SCIM, body: '{"userName":"x","emails":[{"constructor":1}]}' }, 400, 'invalidSyntax'],
    ['with prototype', { headers: SCIM, body: '{"userName":"x","prototype":1}' }, 400, 'invalidSyntax'],
    [
      'that is no UTF-8',
      { headers: SCIM, body: Buffer.from([...Buffer.from('{"userName":"'), 0xff, 0xfe, ...Buffer.from('"}')]) },
      400,
      'invalidSyntax',
    ],
    ['that is Latin-1', { headers: SCIM, body: Buffer.from('{"userName":"Zoë"}', 'latin1') }, 400, 'invalidSyntax'],
    ['that is UTF-16', { headers: SCIM, body: Buffer.from('{"userName":"x"}', 'utf16le') }, 400, 'invalidSyntax'],
    [
      'with surrogates in UTF-8',
      { headers: SCIM, body: Buffer.from([...Buffer.from('{"userName":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')]) },
      400,
      'invalidSyntax',
    ],
    ['that is too long', { headers: SCIM, body: `{"userName":"${'x'.repeat(LIMIT)}"}` }, 413, undefined],
    ['that is one byte too long', { headers: SCIM, body: '{"userName":"x"}'.padEnd(LIMIT + 1) }, 413, undefined],
    ['that is too long, in chunks', { headers: SCIM, body: `{"userName":"${'x'.repeat(LIMIT)}"}`, chunks: 5 }, 413, undefined],
    ['that is far too long', { headers: SCIM, body: ' '.repeat(5_000_000) }, 413, undefined],
    ['that is far too long, in chunks', { headers: SCIM, body: ' '.repeat(5_000_000), chunks: 80 }, 413, undefined],
  ];

  it.each(TABLE)('%s', async (_what, sent, status, scimType) => {
    const answer = await post(sent);

    expect([answer.status, answer.body.scimType, answer.type]).toEqual([status, scimType, 'application/scim+json']);
    expect(answer.body.detail).toMatch(/./);
    expect(await bridge.ldap.adminSearch(PEOPLE, '(uid=*)')).toEqual([]);
    expect((await bridge.send('GET', '/Users')).status).toBe(200);
  });
});

describe('a body is taken', () => {
  const TABLE: readonly (readonly [what: string, sent: (userName: string) => Sent])[] = [
    ['as application/scim+json', (userName) => ({ headers: SCIM, body: JSON.stringify({ userName }) })],
    [
      'with a charset',
      (userName) => ({ headers: { 'content-type': 'application/scim+json; charset=utf-8' }, body: JSON.stringify({ userName }) }),
    ],
    [
      'in capitals',
      (userName) => ({ headers: { 'content-type': 'Application/SCIM+JSON;Charset="UTF-8"' }, body: JSON.stringify({ userName }) }),
    ],
    ['as application/json', (userName) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify({ userName }) })],
    ['in chunks', (userName) => ({ headers: SCIM, body: JSON.stringify({ userName }), chunks: 7 })],
    [
      'not compressed, said so',
      (userName) => ({ headers: { ...SCIM, 'content-encoding': 'identity' }, body: JSON.stringify({ userName }) }),
    ],
    ['with a byte order mark', (userName) => ({ headers: SCIM, body: `\ufeff${JSON.stringify({ userName })}` })],
    ['with blanks around', (userName) => ({ headers: SCIM, body: `\r\n ${JSON.stringify({ userName })}\n` })],
    ['of just the limit', (userName) => ({ headers: SCIM, body: JSON.stringify({ userName }).padEnd(LIMIT) })],
    ['that nests as deep as it may', (userName) => ({ headers: SCIM, body: nested(31).replace('"x"', JSON.stringify(userName)) })],
    ['with brackets in texts', (userName) => ({ headers: SCIM, body: JSON.stringify({ userName, displayName: '[{"\\'.repeat(100) }) })],
    [
      'with characters split between chunks',
      (userName) => ({ headers: SCIM, body: JSON.stringify({ userName: `${userName} 漢字👩‍🔧` }), chunks: 40 }),
    ],
  ];

  it.each(TABLE.map(([what, sent], index) => [what, sent, `taken-${index}`] as const))('%s', async (_what, sent, userName) => {
    const answer = await post(sent(userName));

    expect([answer.status, answer.type]).toEqual([201, 'application/scim+json']);
    expect(await bridge.ldap.adminSearch(PEOPLE, `(uid=${userName}*)`)).toHaveLength(1);
  });
});
