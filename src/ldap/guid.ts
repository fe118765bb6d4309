const GUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i;

/**
 * The text of a GUID as Microsoft stores it (MS-DTYP §2.3.4): the first three groups have their bytes in reverse.
 *
 * @returns in lower case; undefined for anything but 16 bytes
 */
export function formatGuid(octets: Buffer): string | undefined {
  if (octets.length !== 16) return undefined;
  const hex = reverseGroups(octets).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The 16 bytes behind such a text, in any letter case; undefined when it is none. */
export function parseGuid(text: string): Buffer | undefined {
  return GUID.test(text) ? reverseGroups(Buffer.from(text.replaceAll('-', ''), 'hex')) : undefined;
}

function reverseGroups(octets: Buffer): Buffer {
  const [a, b, c, rest] = [octets.subarray(0, 4), octets.subarray(4, 6), octets.subarray(6, 8), octets.subarray(8)];
  return Buffer.concat([...[a, b, c].map((group) => group.toReversed()), rest]);
}
