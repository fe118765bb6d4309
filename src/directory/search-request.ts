import type { Control } from 'ldapts';
import { SearchRequest as LdaptsSearchRequest } from 'ldapts';
import { ANY_ENTRY, isEverything } from '../ldap/filter.ts';
import { MatchedValues, pagedResults, sorting } from './controls.ts';
import type { SearchRequest, SortKey } from './directory.ts';
import { EncodedFilter } from './filter-encoding.ts';

/** Asks for no attributes (RFC 4511 §4.5.1.8); an empty list would ask for all. */
const NO_ATTRIBUTES = '1.1';

/** What a search may cost, and how its answer comes. */
export interface SearchLimits {
  readonly timeoutMs: number;
  /** The most entries to return; absent: as many as the server allows. */
  readonly sizeLimit?: number;
  /** Return one page of this size; without a cookie the first one (RFC 2696). */
  readonly page?: { readonly size: number; readonly cookie: Buffer | undefined };
  /** Return the entries in this order (RFC 2891). */
  readonly sort?: readonly SortKey[];
}

/** The LDAP request of a search. */
export function makeSearchRequest(request: SearchRequest, limits: SearchLimits): LdaptsSearchRequest {
  const controls: Control[] = [];
  if (limits.page !== undefined) controls.push(pagedResults(limits.page.size, limits.page.cookie));
  if (request.matchedValues !== undefined) controls.push(new MatchedValues(request.matchedValues));
  if (limits.sort !== undefined) controls.push(sorting(limits.sort));
  return new LdaptsSearchRequest({
    messageId: 0,
    controls,
    baseDN: request.base,
    scope: request.scope === 'subtree' ? 'sub' : request.scope,
    // not all servers know a filter of no terms (RFC 4526)
    filter: new EncodedFilter(isEverything(request.filter) ? ANY_ENTRY : request.filter),
    attributes: request.attributes.length === 0 ? [NO_ATTRIBUTES] : [...request.attributes],
    sizeLimit: limits.sizeLimit ?? 0,
    // whole seconds, and one fewer than we wait: the server should give up before we do
    timeLimit: Math.max(1, Math.ceil(limits.timeoutMs / 1000) - 1),
  });
}
