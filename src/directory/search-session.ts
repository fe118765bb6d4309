import type { Entry } from '../ldap/entry.ts';
import { RESULT } from '../ldap/result-code.ts';
import type { SearchRequest } from './directory.ts';
import type { LdapSession } from './ldap-session.ts';
import { resultError } from './result-codes.ts';
import { makeSearchRequest } from './search-request.ts';

/**
 * One search on one connection, for the room's own questions. A base that isn't there is no entry.
 *
 * @throws NoAnswer, or DirectoryError for any other result but success
 */
export async function searchSession(session: LdapSession, request: SearchRequest, timeoutMs: number): Promise<readonly Entry[]> {
  const answer = await session.send(makeSearchRequest(request, { timeoutMs }), timeoutMs);
  if (answer.code === RESULT.noSuchObject) return [];
  if (answer.code !== RESULT.success) throw resultError('search', answer, request.base);
  return answer.entries;
}
