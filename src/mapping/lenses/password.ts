import type { LinePath } from '../../ldap/entry.ts';
import { badRequest } from '../../scim/errors.ts';
import type { AttributeDefinition } from '../../scim/schema.ts';
import type { Lens } from '../lens.ts';
import type { Place } from '../place.ts';

export interface PasswordLensOptions {
  readonly path: string;
  readonly source: LinePath;
  readonly place: Place;
  readonly definition: AttributeDefinition;
  readonly ldap: string;
  /**
   * `plain` writes the attribute and leaves hashing to the server; `unicodePwd` writes it as Active Directory wants it;
   * `passwordModify` is an operation of its own (RFC 3062).
   */
  readonly method: 'plain' | 'unicodePwd' | 'passwordModify';
}

/** Write-only: it is never read, never found, and absent in a request means unchanged. */
export function passwordLens({
  path,
  source,
  place,
  definition,
  ldap,
  method,
}: PasswordLensOptions): Lens & { readonly method: PasswordLensOptions['method'] } {
  const refuse = (): never => {
    throw badRequest('invalidFilter', `${path}: passwords cannot be searched`);
  };
  return {
    kind: 'password',
    method,
    path,
    source,
    place,
    definition,
    ldap,
    get: () => [],
    put([wanted]) {
      if (typeof wanted !== 'string' || method === 'passwordModify') return undefined;
      return { values: [method === 'plain' ? wanted : unicodePassword(wanted)], style: 'replace' };
    },
    match: refuse,
    matchPresent: refuse,
  };
}

/** In double quotes, UTF-16 with the low byte first (MS-ADTS §3.1.1.3.1.5). */
function unicodePassword(password: string): Buffer {
  return Buffer.from(`"${password}"`, 'utf16le');
}
