import { ScimError } from './errors.ts';
import type { Filter } from './filter.ts';
import { formatFilter } from './format-filter.ts';
import { type Literals, parseFilter } from './parse-filter.ts';
import type { ResourceType } from './resource-type.ts';

/**
 * Reads a filter as clients really write it: by the grammar, and where that fails by the habits below
 * (sections of `entra-scim-client.md`, the collection of recorded requests).
 *
 * 1. Raw literal (§2.4). Microsoft's library puts the value between quotes without escaping quotes and backslashes:
 *    `displayName eq "Team "Blue""`, `userName eq "corp\anna"`. Everything from the first quote to the last is the value.
 *    Not when the text could be two comparisons, which is a mistake and not a value.
 * 2. Bare word (§2.4, §5.7). `externalId eq jyoung`, `id eq 9f2c and manager eq 41aa`: older Entra documents print no quotes.
 * 3. Either reading (§2.4). `userName eq "corp\\bob"` is right by the grammar, but may also be Entra's two raw backslashes:
 *    a single `eq` then matches either value.
 *
 * @throws ScimError invalidFilter, the error of the strict reading
 */
export function readFilter(text: string, resourceType: ResourceType): Filter {
  const filter = readWithLeniency(text, (literals) => parseFilter(text, resourceType, literals));
  if (!text.includes('\\') || !isSingleEquality(filter)) return filter;
  const raw = attempt(() => parseFilter(text, resourceType, 'raw'));
  if (raw === undefined || formatFilter(raw) === formatFilter(filter)) return filter;
  return { kind: 'or', filters: [filter, raw] };
}

/**
 * The first reading that succeeds: by the grammar, with a raw literal, with bare words.
 *
 * @throws what the strict reading threw when none does
 */
export function readWithLeniency<T>(text: string, read: (literals: Literals) => T): T {
  try {
    return read('json');
  } catch (strictError) {
    if (!(strictError instanceof ScimError)) throw strictError;
    const lenient = (SEVERAL_COMPARISONS.test(text) ? undefined : attempt(() => read('raw'))) ?? attempt(() => read('bareWord'));
    if (lenient === undefined) throw strictError;
    return lenient;
  }
}

const SEVERAL_COMPARISONS = /" +(?:and|or) +\S+ +(?:eq|ne|co|sw|ew|gt|ge|lt|le|pr)\b/i;

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ScimError) return undefined;
    throw error;
  }
}

/** One `eq`, plain or the last condition in the brackets that it was moved into. */
function isSingleEquality(filter: Filter): boolean {
  const inner = filter.kind === 'valuePath' ? filter.filter : filter;
  const last = filter.kind === 'valuePath' && inner.kind === 'and' ? inner.filters.at(-1) : inner;
  return last?.kind === 'compare' && last.operator === 'eq';
}
