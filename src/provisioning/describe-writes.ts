import { formatChanges } from '../ldap/format-ldif.ts';
import { type Mask, maskChange } from '../ldap/mask-change.ts';
import type { WatchedWrite } from './watch-writes.ts';

/** So much is shown of a request, whatever it wrote: somebody keeps it in memory. */
const MOST_WRITES = 10;
const MOST_LENGTH = 4000;
const PARTS: Omit<Mask, 'hides'> = { mostValues: 20, mostLength: 200 };

/**
 * What a request wrote, as LDIF for people to look at, and not much of it. What was not done says so in a comment.
 *
 * @param masked attribute types in lower case whose values are never shown
 * @param values `names`: no values at all, and no names of entries
 */
export function describeWrites(writes: readonly WatchedWrite[], masked: ReadonlySet<string>, values: 'names' | 'all'): string {
  const hidesNames = values === 'names';
  const mask: Mask = { ...PARTS, hidesNames, hides: (type) => hidesNames || masked.has(type) };
  const records = writes.slice(0, MOST_WRITES).map(({ change, outcome }) => {
    const ldif = formatChanges([maskChange(change, mask)], { secretAttributes: NOTHING_MORE });
    return outcome === 'done' ? ldif : `# ${outcome}\n${ldif}`;
  });
  const more = writes.length - MOST_WRITES;
  const text = [...records, ...(more > 0 ? [`# and ${more} more\n`] : [])].join('\n');
  // A copy: a part of a text would keep the whole of it in memory.
  return text.length <= MOST_LENGTH ? text : `${Buffer.from(text.slice(0, MOST_LENGTH)).toString()}\n# …\n`;
}

/** The mask has hidden what is to be hidden. */
const NOTHING_MORE: ReadonlySet<string> = new Set();
