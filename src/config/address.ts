import { isIPv4, isIPv6 } from 'node:net';
import { Mistake } from './mistake.ts';

/** Where a listener listens. */
export interface Address {
  /** An IPv4 or IPv6 address without brackets, or a host name. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** Where the public listener listens; `systemd`: on the sockets that systemd opened and passes on. */
export type ListenAddress = Address | 'systemd';

/** Reads `HOST:PORT`, or the word `systemd`. */
export function parseListenAddress(written: string): ListenAddress | Mistake {
  return written === 'systemd' ? written : parseAddress(written);
}

/** Reads `HOST:PORT`; an IPv6 address stands in brackets. */
export function parseAddress(written: string): Address | Mistake {
  const { bracketed, plain, digits } = /^(?:\[(?<bracketed>[^\]]*)\]|(?<plain>[^:]*)):(?<digits>\d{1,5})$/.exec(written)?.groups ?? {};
  const port = Number(digits);
  if (port <= 65535) {
    if (bracketed !== undefined && isIPv6(bracketed)) return { host: bracketed, port };
    if (plain !== undefined && (isIPv4(plain) || isHostName(plain))) return { host: plain, port };
  }
  return new Mistake(`"${written}" is not HOST:PORT`, "such as 127.0.0.1:8080, localhost:8080 or '[::1]:8080'");
}

/** A network in CIDR form. */
export interface Network {
  readonly address: string;
  /** Leading bits that count. */
  readonly prefix: number;
}

/** Reads `ADDRESS/BITS`, or one address. */
export function parseNetwork(written: string): Network | Mistake {
  const { address = '', digits } = /^(?<address>[^/]*)(?:\/(?<digits>\d{1,3}))?$/.exec(written)?.groups ?? {};
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : undefined;
  const prefix = digits === undefined ? bits : Number(digits);
  if (bits !== undefined && prefix !== undefined && prefix <= bits) return { address, prefix };
  return new Mistake(`"${written}" is not a network`, "such as 10.0.0.0/8, 192.0.2.7 or '2001:db8::/32'");
}

/** The address as it stands in a URL. */
export function formatAddress({ host, port }: Address): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** Whether only this machine can reach the host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

function isHostName(host: string): boolean {
  const label = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/;
  const labels = host.split('.');
  // What ends in digits only is an IPv4 address that isn't one.
  return labels.every((part) => label.test(part)) && !/^\d+$/.test(labels.at(-1) ?? '');
}
