/** A short name or a dotted OID, of an attribute type or a matching rule (RFC 4512 §1.4: `oid`). Sticky, for `TextScanner.take`. */
export const NAME_OR_OID = /[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)+/y;

/** An attribute type with options, such as `cn;lang-de` or `userCertificate;binary` (RFC 4512 §2.5). Sticky. */
export const ATTRIBUTE_DESCRIPTION = new RegExp(`(?:${NAME_OR_OID.source})(?:;[A-Za-z0-9-]+)*`, 'y');

/** The attribute type of a description in lower case, without its options: `userCertificate;binary` → `usercertificate`. */
export function attributeTypeOf(description: string): string {
  const options = description.indexOf(';');
  return (options === -1 ? description : description.slice(0, options)).toLowerCase();
}

/** Whether a text as a whole is an attribute description. */
export function isAttributeDescription(text: string): boolean {
  ATTRIBUTE_DESCRIPTION.lastIndex = 0;
  return ATTRIBUTE_DESCRIPTION.exec(text)?.[0].length === text.length;
}

/**
 * A text that two attribute descriptions share when they mean the same (RFC 4512 §2.5): letter case doesn't count, nor does the
 * order of the options, of which a server has its own.
 */
export function attributeKey(description: string): string {
  const key = description.toLowerCase();
  const firstOption = key.indexOf(';');
  if (firstOption === -1 || !key.includes(';', firstOption + 1)) return key;
  const [type = '', ...options] = key.split(';');
  return [type, ...options.toSorted()].join(';');
}
