import type { Change } from '../ldap/change.ts';
import type { NamesOfEntry, ReferenceChange } from '../state/intent.ts';

/** One LDAP write as the journal keeps it: what was sent, and the change that takes it back. Nothing secret is in it. */
export interface JournaledWrite {
  /** Tells it from all others, also from those of other processes. */
  readonly write: string;
  /** Just before it was sent; ISO 8601, UTC. */
  readonly time: string;
  /** Of the SCIM request, as in `X-Request-Id`; of a command what it called itself. */
  readonly request: string;
  readonly tenant: string;
  /** Its name in bridge.yaml. */
  readonly directory: string;
  readonly target: 'users' | 'groups';
  /** SCIM id; of an entry that was being created it is told with the outcome. */
  readonly id?: string;
  /** DN before the write; absent where there was no entry. */
  readonly before?: string;
  /** DN after it; absent where there is no entry any more. */
  readonly after?: string;
  /** As sent, but for its condition and for the values of `withheld`. */
  readonly change: Change;
  /** Absent where nothing is known that would take it back. */
  readonly undo?: Change;
  /** Attributes that were written too, or were in the entry, and whose values are kept nowhere. */
  readonly withheld?: readonly string[];
  /** What becomes of values elsewhere that name the entry. */
  readonly references?: JournaledReferences;
  /** The write is such a value: whoever takes the other write back takes this one back. */
  readonly follows?: true;
}

export interface JournaledReferences extends ReferenceChange {
  /** Who named an entry that nobody is to name any more. */
  readonly holders: readonly Holder[];
}

/** An entry that names another one in an attribute. */
export interface Holder {
  readonly target: 'users' | 'groups';
  readonly dn: string;
  readonly attribute: string;
  readonly value: string;
}

/** `unknown`: it was sent, and nobody knows; also where the process ended before it could say. */
export type JournaledOutcome = 'done' | 'refused' | 'unknown';

/** A write with what became of it. */
export interface SettledWrite extends JournaledWrite {
  readonly outcome: JournaledOutcome;
}

/** A line that tells the end of a write. */
export interface JournaledEnd {
  /** `JournaledWrite.write` */
  readonly of: string;
  readonly outcome: JournaledOutcome;
  /** SCIM id of an entry that was created. */
  readonly id?: string;
}

export type { NamesOfEntry };

/** A line of the journal: JSON, octets as `{ "base64": … }`, with its line break. */
export function formatJournalLine(line: JournaledWrite | JournaledEnd): string {
  return `${JSON.stringify(line, (_key, value: unknown) => writeOctets(value))}\n`;
}

/** @returns undefined for a line that is torn: its process or its disk ended within it */
export function readJournalLine(line: string): JournaledWrite | JournaledEnd | undefined {
  try {
    return JSON.parse(line, (_key, value: unknown) => readOctets(value)) as JournaledWrite | JournaledEnd;
  } catch {
    return undefined;
  }
}

/** What JSON makes of a Buffer takes three times the room. */
function writeOctets(value: unknown): unknown {
  const isOctets = typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value;
  return isOctets ? { base64: Buffer.from(value.data as readonly number[]).toString('base64') } : value;
}

function readOctets(value: unknown): unknown {
  const isOctets = typeof value === 'object' && value !== null && 'base64' in value && typeof value.base64 === 'string';
  return isOctets ? Buffer.from(value.base64 as string, 'base64') : value;
}
