import { attributeKey } from '../ldap/attribute-description.ts';
import { dnKey, formatDn, leafRdn, parseDn } from '../ldap/dn.ts';
import { type Entry, valuesOf } from '../ldap/entry.ts';

/** How much of a sample has to agree for it to be taken for the rule. */
const MOST = 0.9;

/** How many entries have an attribute, and how many have it more than once. */
export function fillOf(entries: readonly Entry[], attribute: string): { readonly filled: number; readonly several: number } {
  const key = attributeKey(attribute);
  const counts = entries.map(({ attributes }) => attributes.get(key)?.length ?? 0);
  return { filled: counts.filter((count) => count > 0).length, several: counts.filter((count) => count > 1).length };
}

/** The value that occurs most often, and how often. */
export function mostFrequent<T>(
  values: readonly T[],
  keyOf: (value: T) => string = String,
): { readonly value: T; readonly count: number } | undefined {
  const groups = [...Map.groupBy(values, keyOf).values()].toSorted((a, b) => b.length - a.length);
  const [first] = groups;
  return first?.[0] === undefined ? undefined : { value: first[0], count: first.length };
}

/** The deepest place below which nearly all of the entries are. */
export function commonBase(entries: readonly Entry[], contexts: readonly string[]): string | undefined {
  const counts = new Map<string, { readonly dn: string; readonly depth: number; count: number }>();
  for (const { dn } of entries) {
    const [, ...parent] = parseDn(dn);
    for (let from = 0; from < parent.length; from += 1) {
      const ancestor = parent.slice(from);
      const known = counts.get(dnKey(ancestor));
      if (known === undefined) counts.set(dnKey(ancestor), { dn: formatDn(ancestor), depth: ancestor.length, count: 1 });
      else known.count += 1;
    }
  }
  const fitting = [...counts.values()].filter(({ count }) => count >= entries.length * MOST);
  return fitting.toSorted((a, b) => b.depth - a.depth)[0]?.dn ?? contexts[0];
}

/** The attribute that names most entries, in the spelling of their DNs. */
export function namingAttribute(entries: readonly Entry[]): string | undefined {
  const types = entries.flatMap(({ dn }) => leafRdn(dn)?.[0]?.type ?? []);
  return mostFrequent(types, (type) => type.toLowerCase())?.value;
}

/** Whether nearly all entries have an attribute, and no two the same value. */
export function isKey(entries: readonly Entry[], attribute: string): boolean {
  const values = entries.flatMap((entry) => valuesOf(entry, attribute).slice(0, 1)).map((value) => String(value).toLowerCase());
  return values.length >= entries.length * MOST && new Set(values).size === values.length;
}

/** `93 %`, `none`, `all`. */
export function share(count: number, of: number): string {
  if (count === 0) return 'none';
  return count === of ? 'all' : `${Math.max(1, Math.min(99, Math.round((count / of) * 100)))} %`;
}
