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
      `  - { name: ${yamlText(name)}, hash: 'sha256:${digestToken(secret).toString('hex')}' }`,
      '',
    ].join('\n'),
  );
  return EXIT.ok;
}

/** A name inside YAML's flow braces: plain where nothing in it can be syntax, otherwise in double quotes, whose escapes are JSON's. */
function yamlText(name: string): string {
  return /^\w[\w.-]*$/.test(name) ? name : JSON.stringify(name);
}
