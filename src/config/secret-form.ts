import * as z from 'zod';
import type { SecretHash, SecretReference } from './auth-section.ts';
import { choice, closedMap, parsed, text } from './form.ts';
import { Mistake } from './mistake.ts';

// The mistake is shown at the key: the value is what nobody should see.
const secretInPlace = z.any().transform((written: unknown, context): SecretReference => {
  const message = typeof written === 'string' ? 'a secret is never written in place' : 'this is no reference to a secret';
  const help = 'write { file: NAME } (absolute, or in $CREDENTIALS_DIRECTORY) or { env: NAME }';
  context.addIssue({ code: 'custom', message, params: { help, at: 'key' } });
  return z.NEVER;
});

const eitherPlace = { name: 'a reference to a secret', because: 'a secret is in a file or in the environment' };

const secretFile = closedMap({ file: text }, { notYet: [], readAs: eitherPlace }).transform(
  ({ file }): SecretReference => ({ kind: 'file', name: file }),
);

const secretVariable = closedMap({ env: text }, { notYet: [], readAs: eitherPlace }).transform(
  ({ env }): SecretReference => ({ kind: 'env', name: env }),
);

/** The place where a secret is kept. */
export const secretReference = choice<SecretReference>(
  (written) => {
    // Of nothing at all, a map's form says that it is missing.
    if (written === undefined) return secretFile;
    if (typeof written !== 'object' || written === null) return secretInPlace;
    if (Object.hasOwn(written, 'file')) return secretFile;
    return Object.hasOwn(written, 'env') ? secretVariable : secretInPlace;
  },
  [secretFile, secretVariable],
);

/** The hash of a secret. What was written is not repeated: it may be the secret itself. */
export const secretHash = parsed((written): SecretHash | Mistake => {
  const { digits } = /^sha256:(?<digits>[0-9A-Fa-f]{64})$/.exec(written)?.groups ?? {};
  if (digits !== undefined) return { kind: 'hash', sha256: digits.toLowerCase() };
  return new Mistake('a hash is sha256: and 64 hexadecimal digits', 'run: scim-ldap-bridge token');
});
