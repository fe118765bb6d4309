import { createHmac, timingSafeEqual } from 'node:crypto';
import { badRequest } from '../scim/errors.ts';
import { type ListedId, packListedId, readListedId } from './id-list.ts';

/**
 * A cursor (RFC 9865) is where its page ended, signed: nothing is kept for it here, so it works after a restart and in any process
 * with the same key. In base64url, of which every character is unreserved in URLs:
 *
 *     version 1 | issued, ms 6 | count 4 | type and id of the last resource 17 | HMAC-SHA256 over all of it and the query 32
 */
const VERSION = 1;
const [ISSUED, COUNT, LAST, SIGNATURE, LENGTH] = [1, 7, 11, 28, 60];

/** What a cursor belongs to. */
export interface CursorScope {
  /** The tenant's. */
  readonly key: Buffer;
  /** All parameters of the query but `count` and `cursor`: they must not change from page to page (RFC 9865 §2). */
  readonly query: string;
  /** Resources in a page, which must not change either; its error is another one. */
  readonly count: number;
}

/** @param now milliseconds since 1970 */
export function makeCursor(last: ListedId, { key, query, count }: CursorScope, now: number): string {
  const octets = Buffer.alloc(LENGTH);
  octets.writeUInt8(VERSION);
  octets.writeUIntBE(now, ISSUED, COUNT - ISSUED);
  octets.writeUInt32BE(count, COUNT);
  packListedId(last).copy(octets, LAST);
  sign(octets, key, query).copy(octets, SIGNATURE);
  return octets.toString('base64url');
}

/**
 * The resource after which the page begins.
 *
 * @param timeoutMs how long a cursor can be used
 * @throws ScimError invalidCursor, in the same words for a forged one, another tenant's and another query's; expiredCursor; invalidCount
 */
export function readCursor(cursor: string, { key, query, count }: CursorScope, now: number, timeoutMs: number): ListedId {
  const octets = Buffer.from(cursor, 'base64url');
  // The decoder skips what doesn't belong: only one text stands for these octets.
  const isCursor = octets.length === LENGTH && octets.toString('base64url') === cursor && octets[0] === VERSION;
  if (!isCursor || !timingSafeEqual(octets.subarray(SIGNATURE), sign(octets, key, query))) {
    throw badRequest('invalidCursor', 'cursor: is not one that this service gave out for this query');
  }
  if (now - octets.readUIntBE(ISSUED, COUNT - ISSUED) > timeoutMs) {
    throw badRequest('expiredCursor', 'cursor: has expired; begin again with the first page');
  }
  const first = octets.readUInt32BE(COUNT);
  if (first !== count) throw badRequest('invalidCount', `count: was ${first} on the first page and must stay that`);
  return readListedId(octets, LAST);
}

function sign(octets: Buffer, key: Buffer, query: string): Buffer {
  return createHmac('sha256', key).update(octets.subarray(0, SIGNATURE)).update(query).digest();
}
