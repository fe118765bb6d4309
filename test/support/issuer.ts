import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, type GenerateKeyPairResult, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

/** An identity provider of a test: metadata and keys over HTTP, and tokens. */
export interface Issuer {
  readonly url: string;
  readonly openidConfiguration: string;
  readonly jwksUri: string;
  /** How often its keys were asked for. */
  readonly requests: () => number;
  /** What it says it is in its metadata. */
  issuer: string;
  /** Whether it answers. */
  isUp: boolean;
  /** The public key as PEM text: what an attacker knows. */
  readonly publicKey: () => Promise<string>;
  /** A token with these claims, in force for an hour unless they say otherwise; a claim that is null is left out. */
  readonly sign: (claims: Readonly<Record<string, unknown>>) => Promise<string>;
  /** Signs with a new key from now on, under a new name. */
  readonly rotate: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function startIssuer(): Promise<Issuer> {
  let requests = 0;
  let current: GenerateKeyPairResult;
  let kid = '';
  const keys: object[] = [];
  const rotate = async (): Promise<void> => {
    current = await generateKeyPair('RS256', { extractable: true });
    kid = randomUUID();
    keys.push({ ...(await exportJWK(current.publicKey)), kid, use: 'sig', alg: 'RS256' });
  };
  await rotate();
  const server = createServer((request, response) => {
    if (!issuer.isUp) {
      response.writeHead(500).end();
      return;
    }
    if (request.url === '/keys') requests += 1;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url === '/keys' ? { keys } : { issuer: issuer.issuer, jwks_uri: issuer.jwksUri }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: Issuer = {
    url,
    openidConfiguration: `${url}/.well-known/openid-configuration`,
    jwksUri: `${url}/keys`,
    requests: () => requests,
    issuer: url,
    isUp: true,
    publicKey: () => exportSPKI(current.publicKey),
    async sign(claims) {
      const now = Math.floor(Date.now() / 1000);
      const all = Object.entries({ iss: issuer.issuer, iat: now, nbf: now, exp: now + 3600, ...claims });
      const payload = Object.fromEntries(all.filter(([, value]) => value !== null)) as JWTPayload;
      return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid }).sign(current.privateKey);
    },
    rotate,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return issuer;
}
