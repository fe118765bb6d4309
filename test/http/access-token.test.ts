import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { ASSERTION, makeAccessToken, proofOf, readAccessToken } from '../../src/http/access-token.ts';
import { digestToken } from '../../src/http/authenticate.ts';
import type { OAuthClient, OAuthClients } from '../../src/http/credential.ts';
import { ALL_RIGHTS } from '../../src/http/credential.ts';

const NOW = Date.UTC(2026, 5, 1);
const [FIRST, SECOND] = [digestToken('first'), digestToken('second')];
const client: OAuthClient = {
  credential: { name: 'app', rights: ALL_RIGHTS, confined: undefined },
  clientId: 'id',
  secrets: [FIRST, SECOND],
  verifyAssertion: undefined,
};
const oauth: OAuthClients = { key: randomBytes(32), tokenLifetime: 3600, clients: [client] };
const token = makeAccessToken(client, proofOf(FIRST), oauth, NOW);

it('is good for its lifetime', () => {
  const known = [NOW, NOW + 3_599_000, NOW + 3_600_000].map((now) => readAccessToken(token, oauth, now)?.name);
  expect(known).toEqual(['app', 'app', undefined]);
});

it('is good for as long as its client and the secret behind it are in the configuration', () => {
  const read = (clients: readonly OAuthClient[]) => readAccessToken(token, { ...oauth, clients }, NOW)?.name;
  expect(read([{ ...client, secrets: [FIRST] }])).toBe('app');
  expect(read([{ ...client, secrets: [SECOND] }])).toBeUndefined();
  expect(read([])).toBeUndefined();
});

it('is good for the tenant that gave it out only', () => {
  expect(readAccessToken(token, { ...oauth, key: randomBytes(32) }, NOW)).toBeUndefined();
  expect(readAccessToken(token, undefined, NOW)).toBeUndefined();
});

it('that rests on an assertion ends when the client proves itself otherwise', () => {
  const federated = { ...client, secrets: [], verifyAssertion: () => Promise.resolve() };
  const made = makeAccessToken(federated, ASSERTION, oauth, NOW);
  expect(readAccessToken(made, { ...oauth, clients: [federated] }, NOW)?.name).toBe('app');
  expect(readAccessToken(made, oauth, NOW)).toBeUndefined();
});
