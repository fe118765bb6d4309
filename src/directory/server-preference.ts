import type { ServerAddress } from './server-address.ts';

/** How long a server that takes no writes stays behind the others. */
const DEMOTION_MS = 300_000;

/**
 * The configured servers in the order in which they are tried. Reads and writes go to the same one, the first that works:
 * replicas lag, and two that are written to at once lose entries.
 */
export class ServerPreference {
  readonly #addresses: readonly ServerAddress[];
  readonly #demotedUntil = new Map<ServerAddress, number>();

  constructor(addresses: readonly ServerAddress[]) {
    this.#addresses = addresses;
  }

  /** The order of the configuration, with servers that were found to take no writes behind the others for a while. */
  ordered(): readonly ServerAddress[] {
    const isDemoted = (address: ServerAddress) => this.#isDemoted(address);
    return [...this.#addresses.filter((address) => !isDemoted(address)), ...this.#addresses.filter(isDemoted)];
  }

  /** Those that come before this one. */
  before(address: ServerAddress): readonly ServerAddress[] {
    const ordered = this.ordered();
    return ordered.slice(0, ordered.indexOf(address));
  }

  /** @returns false when it is the only one, or was demoted already: trying the others again would go round in circles */
  demote(address: ServerAddress): boolean {
    if (this.#addresses.length < 2 || this.#isDemoted(address)) return false;
    this.#demotedUntil.set(address, performance.now() + DEMOTION_MS);
    return true;
  }

  #isDemoted(address: ServerAddress): boolean {
    return (this.#demotedUntil.get(address) ?? 0) > performance.now();
  }
}
