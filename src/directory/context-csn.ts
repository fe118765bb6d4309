import { textsOf } from '../ldap/entry.ts';
import { ANY_ENTRY } from '../ldap/filter.ts';
import type { LdapSession } from './ldap-session.ts';
import { searchSession } from './search-session.ts';

/**
 * How far a server has come: for each part of the tree and each provider the change sequence number of the newest change that it
 * holds (`contextCSN`, draft-ietf-ldup and OpenLDAP). Numbers of one provider sort as text.
 */
export type ContextCsn = ReadonlyMap<string, string>;

/**
 * Asks a server how far it has come.
 *
 * @returns undefined when it doesn't say: not an OpenLDAP provider or consumer, or our account may not read it
 * @throws NoAnswer, DirectoryError
 */
export async function readContextCsn(session: LdapSession, timeoutMs: number): Promise<ContextCsn | undefined> {
  const read = async (base: string, attribute: string) => {
    const [entry] = await searchSession(session, { base, scope: 'base', filter: ANY_ENTRY, attributes: [attribute] }, timeoutMs);
    return entry === undefined ? [] : textsOf(entry, attribute);
  };
  const contexts = await read('', 'namingContexts');
  const numbers = await Promise.all(contexts.map(async (context) => ({ context, csns: await read(context, 'contextCSN') })));
  const newest = new Map(numbers.flatMap(({ context, csns }) => csns.map((csn) => [`${context} ${providerOf(csn)}`, csn] as const)));
  return newest.size === 0 ? undefined : newest;
}

/** Whether everything that `other` holds is there too. */
export function hasCaughtUp(server: ContextCsn, other: ContextCsn): boolean {
  return [...other].every(([key, csn]) => (server.get(key) ?? '') >= csn);
}

/** `20261124130000.000000Z#000000#001#000000`: time, count, the provider's serverID, count. */
function providerOf(csn: string): string {
  return csn.split('#')[2] ?? '';
}
