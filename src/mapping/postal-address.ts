/**
 * Lines of text as a Postal Address (RFC 4517 §3.3.28): `$` between the lines, and `\24` and `\5C` for the characters `$` and `\`.
 *
 * @returns undefined when a line is empty, for which the syntax has no form
 */
export function storePostalAddress(text: string): string | undefined {
  const lines = text.split('\n');
  if (lines.includes('')) return undefined;
  return lines.map((line) => line.replaceAll('\\', '\\5C').replaceAll('$', '\\24')).join('$');
}

/** The lines of a Postal Address; undefined when it isn't written as we would write it, letter case of the escapes aside. */
export function showPostalAddress(stored: string): string | undefined {
  const lines = stored.split('$');
  const isOne = lines.every((line) => /^(?:[^\\\n]|\\24|\\5c)+$/i.test(line));
  if (!isOne) return undefined;
  return lines.map((line) => line.replaceAll('\\24', '$').replaceAll(/\\5c/gi, '\\')).join('\n');
}
