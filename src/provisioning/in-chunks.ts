/**
 * Does some work for many items in pieces, a few pieces at a time, and gives way between them: a group of 100,000 members
 * must not keep everybody else's requests waiting.
 *
 * @param size items of a piece
 * @returns the results in the order of the items
 */
export async function inChunks<Item, Result>(
  items: readonly Item[],
  size: number,
  work: (piece: readonly Item[]) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  if (items.length === 0) return [];
  if (items.length <= size) return work(items);
  const pieces: Item[][] = [];
  for (let start = 0; start < items.length; start += size) pieces.push(items.slice(start, start + size));
  const results: (readonly Result[])[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < pieces.length; index = next++) {
      results[index] = await work(pieces[index] ?? []);
      if (next < pieces.length) await new Promise(setImmediate);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, pieces.length) }, worker));
  return results.flat();
}

/** As many searches at a time as use up two cores of a server (ldap.md §2). */
const AT_A_TIME = 4;
