import { attributeKey } from '../ldap/attribute-description.ts';
import { type Entry, type LdapValue, valuesOf } from '../ldap/entry.ts';
import { anyOf, type LdapFilter } from '../ldap/filter.ts';
import type { Deletion, ResourcePlan } from './plan.ts';
import { idOf } from './read-entry.ts';

/**
 * The names that deleted entries had while they were there: what `onDelete.rdn` made of them still tells. A name that we make for
 * somebody new is never one of these, for what belonged to the old one (files, mailboxes, rights by name) may still be around.
 */

/** The entries that had one of these names. */
export function hadNames(plan: ResourcePlan, names: readonly string[]): LdapFilter {
  const segments = nameSegments(plan);
  return anyOf(...(segments === undefined ? [] : names.map((name) => substrings(plan.rdn, segments, name))));
}

/** The names that an entry had. It has to be read with `plan.rdn` and `plan.id`. */
export function formerNames(plan: ResourcePlan, entry: Entry): readonly string[] {
  const segments = nameSegments(plan);
  const id = idOf(plan, entry);
  if (segments === undefined || id === undefined) return [];
  return valuesOf(entry, plan.rdn).flatMap((value) => nameIn(value, segments, id));
}

/** What stands between the ids in `onDelete.rdn`; `name` where the old name goes. */
type Segment = readonly ('name' | { readonly text: string })[];

/** @returns undefined where the old name can't be read off the new one, or nothing is kept */
function nameSegments({ onDelete, rdn }: ResourcePlan): readonly Segment[] | undefined {
  if (onDelete.kind === 'remove') return undefined;
  const segments: Segment[number][][] = [[]];
  for (const part of onDelete.rdn.parts) {
    const segment = segments.at(-1) ?? [];
    if (part.kind === 'literal') segment.push({ text: part.text });
    else if (part.kind === 'scim') segments.push([]);
    else if (isPlainName(part, rdn)) segment.push('name');
    else return undefined;
  }
  return segments.flat().filter((each) => each === 'name').length === 1 ? segments : undefined;
}

type Blank = Exclude<Exclude<Deletion, { kind: 'remove' }>['rdn']['parts'][number], { kind: 'literal' | 'scim' }>;

function isPlainName({ attribute, pipe }: Blank, rdn: string): boolean {
  return pipe.length === 0 && attributeKey(attribute) === attributeKey(rdn);
}

function substrings(attribute: string, segments: readonly Segment[], name: string): LdapFilter {
  const texts = segments.map((segment) => segment.map((each) => (each === 'name' ? name : each.text)).join(''));
  const [initial = '', ...more] = texts;
  const final = more.pop() ?? '';
  return {
    kind: 'substring',
    attribute,
    ...(initial === '' ? {} : { initial }),
    any: more.filter((text) => text !== ''),
    ...(final === '' ? {} : { final }),
  };
}

function nameIn(value: LdapValue, segments: readonly Segment[], id: string): readonly string[] {
  const parts = segments.flatMap((segment, index) => (index === 0 ? segment : [{ text: id }, ...segment]));
  const at = parts.indexOf('name');
  const textOf = (some: readonly Segment[number][]): string => some.map((each) => (each === 'name' ? '' : each.text)).join('');
  const [head, tail] = [textOf(parts.slice(0, at)), textOf(parts.slice(at + 1))];
  if (typeof value !== 'string' || value.length <= head.length + tail.length) return [];
  return value.startsWith(head) && value.endsWith(tail) ? [value.slice(head.length, value.length - tail.length)] : [];
}
