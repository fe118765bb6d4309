import { expect, it } from 'vitest';
import { withAllValues } from '../../src/directory/ranged-values.ts';
import { type Entry, makeEntry } from '../../src/ldap/entry.ts';

const DN = 'CN=All,OU=groups,DC=example,DC=org';
const MEMBERS = ['CN=a', 'CN=b', 'CN=c', 'CN=d', 'CN=e'];

/** A server that returns two values at a time, as Active Directory does with 1500. */
function part(from: number): Entry {
  const values = MEMBERS.slice(from, from + 2);
  const last = from + 2 >= MEMBERS.length ? '*' : from + 1;
  return makeEntry(DN, [{ name: `member;range=${from}-${last}`, values }]);
}

it('reads a long list to its end', async () => {
  const asked: string[] = [];
  const read = (attribute: string): Promise<Entry> => {
    asked.push(attribute);
    return withAllValues(part(Number(/range=(\d+)-/.exec(attribute)?.[1])), read);
  };
  const first = makeEntry(DN, [
    { name: 'cn', values: ['All'] },
    { name: 'member', values: [] },
    { name: 'member;range=0-1', values: MEMBERS.slice(0, 2) },
  ]);
  expect(Object.fromEntries((await withAllValues(first, read)).attributes)).toEqual({ cn: ['All'], member: MEMBERS });
  expect(asked).toEqual(['member;range=2-*', 'member;range=4-*']);
});

it('leaves other entries, and lists that are whole, as they are', async () => {
  const entry = makeEntry(DN, [{ name: 'cn;lang-de', values: ['Alle'] }]);
  expect(await withAllValues(entry, async () => undefined)).toBe(entry);
  const whole = makeEntry(DN, [{ name: 'member;range=0-*', values: MEMBERS }]);
  expect(Object.fromEntries((await withAllValues(whole, async () => undefined)).attributes)).toEqual({ member: MEMBERS });
});

it('ends where the list has ended, or the entry has gone, in between', async () => {
  for (const answer of [undefined, makeEntry(DN, [])]) {
    const entry = await withAllValues(part(0), async () => answer);
    expect(entry.attributes.get('member')).toEqual(MEMBERS.slice(0, 2));
  }
});
