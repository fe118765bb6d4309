/** What most values are: printable ASCII with single blanks in between. They only need lower case. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/** What RFC 4518 §2.2 maps to SPACE: TAB, LF, VT, FF, CR, NEL and all Unicode separators. */
const BLANKS = /[\t-\r\u0085\p{Z}]+/gu;

/**
 * A key that is equal for two values when caseIgnoreMatch (RFC 4517 §4.2.11) holds them for equal, as far as we can tell
 * without asking the server: NFKC, lower case, blanks around the value removed and blanks inside collapsed to one.
 *
 * An approximation of RFC 4518. It doesn't
 * - fold `ß` to `ss`, nor apply any other folding that lengthens a text (OpenLDAP doesn't either); `ς` is folded to `σ`;
 * - drop soft hyphens, variation selectors, zero-width and control characters (§2.2);
 * - refuse unassigned, private-use or surrogate code points (§2.4);
 * - stay with Unicode 3.2: it uses the tables of the JavaScript engine.
 */
export function caseIgnoreKey(value: string): string {
  if (PLAIN.test(value)) return value.toLowerCase();
  // Lower case can undo the normal form, and the normal form can bring capitals (`™` → `TM`): hence before and after.
  const folded = value.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
  const collapsed = folded.replace(BLANKS, ' ');
  return collapsed.slice(collapsed.startsWith(' ') ? 1 : 0, collapsed.length > 1 && collapsed.endsWith(' ') ? -1 : undefined);
}
