import { request } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge, TOKEN } from '../support/bridge.ts';
import { processorTime } from '../support/processor-time.ts';
import { SHIPPED_MAPPINGS } from './support/shipped-mappings.ts';

/** Of processor time: longer than that and one client could hold up all others, for they share this thread. */
const MILLISECONDS = 250;

let bridge: Bridge;

interface Outcome {
  readonly status: number;
  readonly scimType: unknown;
  readonly milliseconds: number;
}

/** Sends a target as it stands: `fetch` would refuse or mend some of these. */
async function ask(target: string): Promise<Outcome> {
  const started = processorTime();
  const { pathname, hostname, port } = new URL(bridge.url);
  const sent = request({ hostname, port, path: `${pathname}${target}`, headers: { authorization: `Bearer ${TOKEN}` } });
  const answer = await new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response) => {
      readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
    });
    sent.end();
  });
  return { status: answer.status, scimType: JSON.parse(answer.text).scimType, milliseconds: processorTime() - started };
}

const filtered = (filter: string) => `/Users?filter=${encodeURIComponent(filter)}`;
const or = (term: string, count: number) => Array.from({ length: count }, () => term).join(' or ');

describe.each(SHIPPED_MAPPINGS)('with the mapping $name', ({ bridge: options }) => {
  beforeAll(async () => {
    bridge = await startBridge(options);
    await bridge.send('POST', '/Users', {
      userName: 'somebody',
      displayName: 'a'.repeat(1000),
      emails: [{ type: 'work', value: 'a'.repeat(1000) }],
    });
    // The first request of its kind pays for compilation.
    await bridge.send('GET', '/Users?filter=userName%20eq%20%22x%22');
  });
  afterAll(() => bridge.stop());

  describe('filters made to hurt are refused at once', () => {
    const TABLE: readonly (readonly [what: string, filter: string])[] = [
      ['4,000 opening parentheses', '('.repeat(4000)],
      ['4,000 parentheses around a comparison', `${'('.repeat(2000)}userName pr${')'.repeat(2000)}`],
      ['1,000 times not', `${'not ('.repeat(1000)}userName pr${')'.repeat(1000)}`],
      ['1,000 brackets', `${'emails['.repeat(1000)}value pr${']'.repeat(1000)}`],
      ['201 comparisons', or('title pr', 201)],
      ['a string that never ends, full of backslashes', `userName eq "${'\\\\'.repeat(1500)}`],
      ['many blanks', `userName${' '.repeat(4000)}eq`],
      ['many colons', `${'urn:'.repeat(1500)}x eq "y"`],
      ['many dots', `${'a.'.repeat(3000)}a eq "y"`],
      ['a name of the language', '__proto__ eq "x"'],
      ['a name of the language as sub-attribute', 'name.__proto__ eq "x"'],
      ['another', 'constructor pr'],
      ['another, in brackets', 'emails[hasOwnProperty eq "x"]'],
      ['a URN of the language', 'urn:ietf:params:scim:schemas:core:2.0:User:__proto__ eq "x"'],
      ['a NUL', 'userName\0eq "x"'],
      ['LDAP syntax for an attribute', '(objectClass=*) eq "x"'],
      ['what is never shown', 'password sw "a"'],
    ];

    it.each(TABLE)('%s', async (_what, filter) => {
      const { status, scimType, milliseconds } = await ask(filtered(filter));

      expect([status, scimType]).toEqual([400, 'invalidFilter']);
      expect(milliseconds).toBeLessThan(MILLISECONDS);
    });

    it.each([
      ['10,000 parentheses', filtered(`${'('.repeat(5000)}userName pr${')'.repeat(5000)}`)],
      ['one megabyte', filtered(`userName eq "${'x'.repeat(1_000_000)}"`)],
      ['one megabyte of attributes', `/Users?attributes=${'a,'.repeat(500_000)}`],
      ['an id of one megabyte', `/Users/${'x'.repeat(1_000_000)}`],
    ])('%s in a URL: the line is too long already', async (_what, target) => {
      const { status, milliseconds } = await ask(target);

      expect([400, 414, 431]).toContain(status);
      expect(milliseconds).toBeLessThan(MILLISECONDS);
    });

    it.each([
      ['10,000 parentheses', `${'('.repeat(5000)}userName pr${')'.repeat(5000)}`],
      ['10,000 opening ones', '('.repeat(10_000)],
      ['10,000 quotes', `displayName eq ${'"a'.repeat(5000)}`],
      ['one megabyte', `userName eq "${'x'.repeat(1_000_000)}"`],
      ['one megabyte of blanks', `userName eq${' '.repeat(1_000_000)}"x"`],
      ['one megabyte of names', `${'a.'.repeat(500_000)}a pr`],
      ['one megabyte of parentheses', '('.repeat(1_000_000)],
    ])('%s in the body of a search', async (_what, filter) => {
      const started = processorTime();
      const schemas = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'];
      const { status } = await bridge.send('POST', '/Users/.search', { schemas, filter });

      expect([400, 413]).toContain(status);
      expect(processorTime() - started).toBeLessThan(MILLISECONDS);
    });
  });

  describe('what is long but allowed is answered soon', () => {
    it.each([
      ['200 comparisons', or('displayName co "aab"', 200)],
      ['200 comparisons within elements', or('emails[type eq "work" and value co "aab"]', 100)],
      ['a long value that nearly matches', `displayName co "${'a'.repeat(999)}b"`],
      ['32 parentheses', `${'('.repeat(32)}userName eq "x"${')'.repeat(32)}`],
      ['stars and parentheses of LDAP', 'userName eq "*)(objectClass=*"'],
      // Read as Microsoft's library writes it: what stands between the first quote and the last one is the value.
      ['a string of quotes', `userName eq ${'"'.repeat(3001)}`],
      ['half a surrogate pair, escaped', 'userName eq "\\ud800"'],
      ['a NUL in a value', 'userName eq "a\\u0000b"'],
    ])('%s', async (_what, filter) => {
      const started = processorTime();
      const { status, body } = await bridge.send('GET', filtered(filter));

      expect([status, body.totalResults]).toEqual([200, 0]);
      expect(processorTime() - started).toBeLessThan(MILLISECONDS);
    });
  });

  describe('other places for a path', () => {
    it.each([
      '/Users?attributes=constructor',
      '/Users?excludedAttributes=constructor,toString.x',
      '/Users?attributes=emails.valueOf,name.constructor',
    ])('%s names nothing', async (target) => {
      expect((await ask(target)).status).toBe(200);
    });

    it.each(['/Users?attributes=__proto__', '/Users?sortBy=__proto__', '/Users?sortBy=constructor'])('%s is no name', async (target) => {
      expect((await ask(target)).status).toBe(400);
    });

    it.each(['/Users/__proto__', '/Schemas/__proto__', '/ResourceTypes/constructor', '/__proto__', '/Users/..%2f..%2fGroups'])(
      '%s leads nowhere',
      async (target) => {
        expect((await ask(target)).status).toBe(404);
      },
    );
  });
});
