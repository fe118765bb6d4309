import { randomBytes } from 'node:crypto';
import { digestToken } from '../http/authenticate.ts';
import { EXIT } from './exit-codes.ts';

/** Makes a bearer token: shown once, and never stored; the configuration gets its hash. */
export function token(name: string): number {
  const secret = randomBytes(32).toString('base64url');
  process.stdout.write(
    [
      `token, for the client (shown only now):  ${secret}`,
      'line for auth.tokens in bridge.yaml:',
      `  - { name: ${name}, hash: 'sha256:${digestToken(secret).toString('hex')}' }`,
      '',
    ].join('\n'),
  );
  return EXIT.ok;
}
