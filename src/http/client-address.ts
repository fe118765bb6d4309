import { BlockList, isIP, isIPv6 } from 'node:net';

/** A network in CIDR form, or one address. */
export interface Network {
  readonly address: string;
  /** Leading bits that count. */
  readonly prefix: number;
}

/** Whether an address lies in one of some networks; in none when it is no address. */
export type IsIn = (address: string) => boolean;

export function networks(list: readonly Network[]): IsIn {
  const members = new BlockList();
  for (const { address, prefix } of list) members.addSubnet(address, prefix, family(address));
  return (address) => isIP(address) !== 0 && members.check(address, family(address));
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

/**
 * Where a request really comes from: what the proxies that are trusted say of it, from the nearest one on. An address that a stranger
 * made up stands behind the first that isn't trusted, and is not believed.
 *
 * @param remote of the connection
 * @param forwardedFor the X-Forwarded-For header: the client first, the nearest proxy's client last
 */
export function clientAddress(remote: string, forwardedFor: string | undefined, isTrusted: IsIn): string {
  let address = plain(remote);
  const hops = (forwardedFor ?? '').split(',').map((hop) => plain(hop.trim()));
  while (isTrusted(address)) {
    const hop = hops.pop();
    if (hop === undefined || isIP(hop) === 0) break;
    address = hop;
  }
  return address;
}

/** Without brackets and port, as some proxies write them; an IPv4 address that came over IPv6 is one. */
function plain(address: string): string {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(address)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(address)?.[1] ?? address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}
