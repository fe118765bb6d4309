/** Long enough for a path with the URN of its schema. */
const LONGEST = 100;
/** A long word has no more of them than a short one. */
const MOST_SLIPS = 6;

/**
 * The word of `known` that was probably meant: the same but for case, or a slip or two of the fingers away.
 *
 * @returns undefined when nothing is near enough to be a guess rather than a surprise
 */
export function didYouMean(written: string, known: Iterable<string>): string | undefined {
  // Nobody mistypes a key this long, and the distance costs length × length.
  if (written.length > LONGEST) return undefined;
  const wanted = written.toLowerCase();
  const allowance = Math.min(Math.max(1, Math.floor(written.length / 3)), MOST_SLIPS);
  let nearest: { readonly word: string; readonly distance: number } | undefined;
  for (const word of known) {
    const distance = editDistance(wanted, word.toLowerCase());
    if (distance <= allowance && distance < (nearest?.distance ?? Number.POSITIVE_INFINITY)) nearest = { word, distance };
  }
  return nearest?.word;
}

/** Insertions, deletions, exchanged letters and swapped neighbours between two words (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let distance = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) distance = Math.min(distance, at(beforeLast, column - 2) + 1);
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
