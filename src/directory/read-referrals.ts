import { BerReader } from 'ldapts';

const ENUMERATED = 0x0a;
const REFERRAL = 0xa3;

/**
 * The URLs of a result that is a referral (RFC 4511 §4.1.9, §4.1.10), which ldapts passes over.
 *
 * @param message an LDAPMessage with an LDAPResult; anything else has no URLs
 */
export function readReferrals(message: Buffer): readonly string[] {
  const reader = new BerReader(message);
  reader.readSequence();
  reader.readInt();
  reader.readSequence(reader.peek() ?? 0);
  const end = reader.offset + reader.length;
  reader.readTag(ENUMERATED);
  reader.readString(); // matchedDN
  reader.readString(); // diagnosticMessage
  if (reader.offset >= end || reader.peek() !== REFERRAL) return [];
  reader.readSequence(REFERRAL);
  const urls: string[] = [];
  const last = reader.offset + reader.length;
  while (reader.offset < last) urls.push(reader.readString() ?? '');
  return urls;
}
