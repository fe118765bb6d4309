/** RFC 4648 §4. */
const BASE64 = /^[A-Za-z0-9+/]+(={0,2})$/;

/**
 * A base64 text with its padding, which clients may leave out (RFC 7643 §2.3.6): what was sent with it and without is the same text then.
 *
 * @returns undefined for what is no base64: the alphabet for URLs (RFC 4648 §5), line breaks, a text that is cut off, no text at all
 */
export function padBase64(text: string): string | undefined {
  const [, padding] = BASE64.exec(text) ?? [];
  if (padding === undefined) return undefined;
  const padded = padding === '' && text.length % 4 !== 1 ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text;
  return padded.length % 4 === 0 ? padded : undefined;
}
