import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Directory } from '../../src/directory/directory.ts';
import { IdList, type ListedId } from '../../src/provisioning/id-list.ts';
import { type Freshness, IdSnapshots, type IdSnapshotsOptions } from '../../src/provisioning/id-snapshots.ts';

/** A list of ids that nobody looks at. */
function listOf(count: number): IdList {
  return new IdList(Array.from({ length: count }, () => ({ type: 0, id: randomUUID() })));
}

/** Snapshots, and how often somebody had to enumerate. */
function counting(options?: IdSnapshotsOptions) {
  const snapshots = new IdSnapshots(options);
  let enumerations = 0;
  const find = (query: string, freshness: Freshness, count = 10) =>
    snapshots.find(query, freshness, () => {
      enumerations += 1;
      return Promise.resolve(listOf(count));
    });
  const directory = snapshots.watch({ write: () => Promise.resolve(undefined) } as unknown as Directory);
  const write = () => directory.write({ kind: 'delete', dn: 'uid=anna' });
  return { snapshots, find, write, enumerations: () => enumerations };
}

describe('a list of ids', () => {
  const anyId = fc.record({ type: fc.integer({ min: 0, max: 3 }), id: fc.uuid() });
  const compare = (a: ListedId, b: ListedId) => a.type - b.type || (a.id < b.id ? -1 : 1);

  test('gives back what was put in', () => {
    fc.assert(
      fc.property(fc.array(anyId), fc.nat(20), fc.nat(20), (items, start, count) => {
        const list = new IdList(items);
        expect(list.length).toBe(items.length);
        expect(list.slice(start, count)).toEqual(items.slice(start, start + count));
      }),
    );
  });

  test('says how many come before another or are it', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyId, { selector: ({ type, id }) => `${type}${id}` }), anyId, (items, other) => {
        const sorted = items.toSorted(compare);
        const list = new IdList(sorted);
        for (const item of [other, ...items]) {
          expect(list.positionAfter(item)).toBe(sorted.filter((each) => each.id === item.id || compare(each, item) < 0).length);
        }
      }),
    );
  });
});

describe('snapshots', () => {
  it('are used again while nothing was written', async () => {
    const { find, enumerations } = counting();
    const list = await find('q', 'new');

    expect(await find('q', 'current')).toBe(list);
    expect(await find('q', 'any')).toBe(list);
    expect(enumerations()).toBe(1);
    expect(await find('q', 'new')).not.toBe(list);
    expect(await find('other', 'any')).not.toBe(list);
  });

  it('are outdated by a write, which a cursor needn’t mind', async () => {
    const { find, write } = counting();
    const list = await find('q', 'new');
    await write();

    expect(await find('q', 'any')).toBe(list);
    expect(await find('q', 'current')).not.toBe(list);
  });

  it('are outdated by a write that failed, too', async () => {
    const snapshots = new IdSnapshots();
    const directory = snapshots.watch({ write: () => Promise.reject(new Error('lost')) } as unknown as Directory);
    const list = await snapshots.find('q', 'new', () => Promise.resolve(listOf(1)));
    await expect(directory.write({ kind: 'delete', dn: 'uid=anna' })).rejects.toThrow('lost');

    expect(await snapshots.find('q', 'current', () => Promise.resolve(listOf(1)))).not.toBe(list);
  });

  it('are made once for those who ask at the same time, unless something is written in between', async () => {
    const { find, write, enumerations } = counting();
    const waiting = [find('q', 'new'), find('q', 'new'), find('q', 'current'), find('q', 'any')];
    expect(enumerations()).toBe(1);
    const writing = write();
    await Promise.all(waiting);
    await writing;
    await Promise.all([find('q', 'current'), write().then(() => find('q', 'current'))]);

    expect(enumerations()).toBe(3);
  });

  it('are not kept when the enumeration fails', async () => {
    const { snapshots, find } = counting();
    const failing = [1, 2].map(() => snapshots.find('q', 'current', () => Promise.reject(new Error('away'))));

    expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await find('q', 'any')).length).toBe(10);
  });

  it('end with their time', async () => {
    const { find, enumerations } = counting({ maxAgeMs: 20 });
    await find('q', 'new');
    await pause(30);
    await find('q', 'any');

    expect(enumerations()).toBe(2);
  });

  it('make room for newer ones, the least recently used first; one that is too large is used and not kept', async () => {
    const { find, enumerations } = counting({ maxIds: 500 });
    for (const query of ['a', 'b', 'c']) await find(query, 'new', 100);
    await find('a', 'any');
    await find('d', 'new', 100);
    expect(enumerations()).toBe(4);

    await find('a', 'any');
    expect(enumerations()).toBe(4);
    await find('b', 'any', 100);
    expect(enumerations()).toBe(5);

    expect((await find('large', 'new', 1000)).length).toBe(1000);
    await find('large', 'any', 1000);
    expect(enumerations()).toBe(7);
  });
});
