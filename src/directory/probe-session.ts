import { ANY_ENTRY } from '../ldap/filter.ts';
import type { LdapSession } from './ldap-session.ts';
import { makeSearchRequest } from './search-request.ts';

/** Asks the server for its root DSE, which it shows to everybody. Whatever it says, it lives; when it says nothing, the session is given up. */
export function probeSession(session: LdapSession, timeoutMs: number): void {
  const request = makeSearchRequest({ base: '', scope: 'base', filter: ANY_ENTRY, attributes: [] }, { timeoutMs });
  session
    .send(request, timeoutMs)
    .catch((error: unknown) => session.destroy(new Error('no sign of life from the server', { cause: error })));
}
