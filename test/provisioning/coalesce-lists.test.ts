import { beforeEach, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.ts';
import { DirectoryError } from '../../src/directory/directory-error.ts';
import type { Change, ModifyChange } from '../../src/ldap/change.ts';
import { coalesceLists, mergeChanges } from '../../src/provisioning/coalesce-lists.ts';
import { Turns } from '../../src/provisioning/turns.ts';
import { withWrite } from '../../src/provisioning/with-write.ts';

const DN = 'cn=group,ou=groups,dc=example,dc=org';
const isGroup = { kind: 'equality', attribute: 'entryUUID', value: 'g' } as const;

function change(add: readonly string[], remove: readonly string[] = [], more: Partial<ModifyChange> = {}): ModifyChange {
  const modifications = [
    ...(add.length > 0 ? [{ operation: 'add', attribute: 'member', values: add } as const] : []),
    ...(remove.length > 0 ? [{ operation: 'delete', attribute: 'member', values: remove } as const] : []),
  ];
  return { kind: 'modify', dn: DN, modifications, assertion: isGroup, listOf: 'g', ...more };
}

/** A directory whose writes are answered one by one, by hand. */
class SlowDirectory {
  readonly sent: Change[] = [];
  readonly #answers: ((error?: DirectoryError) => void)[] = [];
  readonly directory: Directory;

  constructor() {
    const refuse = () => Promise.reject(new Error('not asked here'));
    const silent: Directory = {
      facts: refuse,
      search: refuse,
      searchFirst: refuse,
      searchSorted: refuse,
      searchPages: () => noPages(),
      write: refuse,
    };
    this.directory = withWrite(silent, (sent) => {
      this.sent.push(sent);
      return new Promise((resolve, reject) => {
        this.#answers.push((error) => (error === undefined ? resolve(undefined) : reject(error)));
      });
    });
  }

  /** Waits until so many writes have been sent. */
  async begun(count: number): Promise<void> {
    while (this.sent.length < count) await new Promise(setImmediate);
  }

  /** Answers the oldest write that waits, once there is one. */
  async answer(error?: DirectoryError): Promise<void> {
    while (this.#answers.length === 0) await new Promise(setImmediate);
    this.#answers.shift()?.(error);
    await new Promise(setImmediate);
  }
}

async function* noPages(): AsyncGenerator<never> {}

const refusal = (code: number) => new DirectoryError('refused', 'no', { code, serverText: '', dn: DN });

let slow: SlowDirectory;
let turns: Turns;
let directory: Directory;
beforeEach(() => {
  slow = new SlowDirectory();
  turns = new Turns();
  directory = coalesceLists(slow.directory, turns);
});

describe('changes of one list', () => {
  it('are sent as one while another is under way', async () => {
    const first = directory.write(change(['a']));
    await slow.begun(1);
    const others = [
      directory.write(change(['b'])),
      directory.write(change(['c'], ['a'])),
      directory.write(change([], ['b'], { permissive: true })),
    ];
    await slow.answer();
    await first;
    await slow.answer();
    await Promise.all(others);
    expect(slow.sent).toHaveLength(2);
    expect(slow.sent[1]).toEqual({
      kind: 'modify',
      dn: DN,
      assertion: isGroup,
      permissive: true,
      modifications: [
        { operation: 'add', attribute: 'member', values: ['c'] },
        { operation: 'delete', attribute: 'member', values: ['b', 'a'] },
      ],
    });
  });

  it('wait for the next one when they speak of a value that another one does: whether it was there is asked by each', async () => {
    const first = directory.write(change(['a']));
    await slow.begun(1);
    const others = [directory.write(change(['b'])), directory.write(change(['c'])), directory.write(change([], ['b']))];
    for (const _ of [1, 2, 3]) await slow.answer();
    await Promise.all([first, ...others]);
    expect(slow.sent.map((sent) => (sent.kind === 'modify' ? sent.modifications.map(({ values }) => values) : []))).toEqual([
      [['a']],
      [['b', 'c']],
      [['b']],
    ]);
  });

  it('are sent one by one when they are refused together, and each gets its own answer', async () => {
    const first = directory.write(change(['a']));
    await slow.begun(1);
    const bad = directory.write(change(['bad'])).catch((error: unknown) => error);
    const good = directory.write(change(['good']));
    await slow.answer();
    await first;
    await slow.answer(refusal(21));
    await slow.answer(refusal(21));
    await slow.answer();
    expect(await bad).toMatchObject({ code: 21 });
    await expect(good).resolves.toBeUndefined();
    expect(slow.sent.slice(2)).toEqual([change(['bad']), change(['good'])]);
  });

  it('fail alike when the directory is away: nobody waits for it twice', async () => {
    const first = directory.write(change(['a']));
    await slow.begun(1);
    const others = Promise.allSettled([directory.write(change(['b'])), directory.write(change(['c']))]);
    await slow.answer();
    await first;
    await slow.answer(new DirectoryError('unavailable', 'away'));
    expect((await others).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(slow.sent).toHaveLength(2);
  });

  it('wait for whoever has the turn of the resource', async () => {
    let finish = (): void => undefined;
    const whole = turns.take('g', () => new Promise<void>((resolve) => (finish = resolve)));
    const waiting = [directory.write(change(['a'])), directory.write(change(['b']))];
    await new Promise(setImmediate);
    expect(slow.sent).toEqual([]);
    finish();
    await whole;
    await slow.answer();
    await Promise.all(waiting);
    expect(slow.sent).toHaveLength(1);
  });

  it('stay apart when they are of another entry, or too many for one request', async () => {
    const many = Array.from({ length: 4000 }, (_, index) => `m${index}`);
    const writes = [
      change(['a']),
      change(many),
      change(many.map((value) => `${value}x`)),
      change(['b'], [], { dn: 'cn=other', listOf: 'o' }),
    ];
    const done = writes.map((each) => directory.write(each));
    for (const _ of [1, 2, 3]) await slow.answer();
    await Promise.all(done);
    expect(slow.sent.map((sent) => (sent.kind === 'modify' ? [sent.dn, sent.modifications[0]?.values.length] : []))).toEqual([
      [DN, 4001],
      ['cn=other', 1],
      [DN, 4000],
    ]);
  });
});

it('what is no change of a list, or wants to see the entry afterwards, is sent as it is', async () => {
  const { listOf: _, ...whole } = change(['a']);
  const done = [directory.write(whole), directory.write(change(['b']), ['entryCSN'])];
  await slow.answer();
  await slow.answer();
  await Promise.all(done);
  expect(slow.sent).toHaveLength(2);
});

describe('mergeChanges', () => {
  it('demands all that any of them demands, each once', () => {
    const isEmpty = { kind: 'not', filter: { kind: 'present', attribute: 'member' } } as const;
    const merged = mergeChanges([change(['a'], [], { permissive: true }), change(['b'], [], { assertion: isEmpty }), change(['c'])]);
    expect(merged).toMatchObject({ permissive: true, assertion: { kind: 'and', filters: [isGroup, isEmpty] } });
  });

  it('lets the last word on a value count', () => {
    const values = (merged: ModifyChange) => merged.modifications.map(({ operation, values: of }) => [operation, of]);
    expect(values(mergeChanges([change(['a']), change([], ['a'])]))).toEqual([['delete', ['a']]]);
    expect(values(mergeChanges([change([], ['a']), change(['a', 'b'])]))).toEqual([['add', ['a', 'b']]]);
  });
});
