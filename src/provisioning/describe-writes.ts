import type { Change } from '../ldap/change.ts';
import { formatChanges } from '../ldap/format-ldif.ts';
import { type Mask, maskChange } from '../ldap/mask-change.ts';
import type { WatchedWrite } from './watch-writes.ts';

/** So much is shown of a request, whatever it wrote: somebody keeps it in memory. */
const MOST_WRITES = 10;
const MOST_LENGTH = 4000;
/** Up to here what is kept is not much larger than its text. */
const FEW_VALUES = 30;
const PARTS: Omit<Mask, 'hides'> = { mostValues: 20, mostLength: 200 };

/**
 * What a request wrote, for people to look at, and not much of it: cut and masked at once, and printed when somebody
 * looks.
 *
 * @param masked attribute types in lower case whose values are never shown
 * @param values `names`: no values at all, and no names of entries
 * @returns prints it as LDIF; what was not done says so in a comment
 */
export function describeWrites(writes: readonly WatchedWrite[], masked: ReadonlySet<string>, values: 'names' | 'all'): () => string {
  const hidesNames = values === 'names';
  const mask: Mask = { ...PARTS, hidesNames, hides: (type) => hidesNames || masked.has(type) };
  const shown = writes.slice(0, MOST_WRITES).map(({ change, outcome }): WatchedWrite => ({ change: maskChange(change, mask), outcome }));
  const more = writes.length - shown.length;
  const printAll = (): string => {
    const text = [...shown.map(print), ...(more > 0 ? [`# and ${more} more\n`] : [])].join('\n');
    // A copy: a part of a text would keep the whole of it in memory.
    return text.length <= MOST_LENGTH ? text : `${Buffer.from(text.slice(0, MOST_LENGTH)).toString()}\n# …\n`;
  };
  if (shown.reduce((sum, { change }) => sum + countValues(change), 0) <= FEW_VALUES) return printAll;
  const printed = printAll();
  return () => printed;
}

function countValues(change: Change): number {
  const parts = change.kind === 'add' ? change.attributes : change.kind === 'modify' ? change.modifications : [];
  return parts.reduce((sum, { values }) => sum + values.length, 0);
}

function print({ change, outcome }: WatchedWrite): string {
  const ldif = formatChanges([change], { secretAttributes: NOTHING_MORE });
  return outcome === 'done' ? ldif : `# ${outcome}\n${ldif}`;
}

/** The mask has hidden what is to be hidden. */
const NOTHING_MORE: ReadonlySet<string> = new Set();
