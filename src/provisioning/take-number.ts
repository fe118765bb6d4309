import { setTimeout as sleep } from 'node:timers/promises';
import { DirectoryError, unlessNoSuchObject } from '../directory/directory-error.ts';
import type { Change, Modification } from '../ldap/change.ts';
import { dnKey, leafRdn } from '../ldap/dn.ts';
import { type Attribute, valuesOf } from '../ldap/entry.ts';
import { anyOf, EVERYTHING, type LdapFilter } from '../ldap/filter.ts';
import { RESULT } from '../ldap/result-code.ts';
import { type GeneratedNumber, occupiedBases, plansOf } from '../mapping/plan.ts';
import { ScimError } from '../scim/errors.ts';
import type { OperationContext } from './operation-context.ts';

/** As often as other daemons may be faster. */
const ATTEMPTS = 100;
/** Numbers that are looked at together, whether somebody has got them by other hands. */
const NUMBERS_PER_SEARCH = 16;
/** Seconds until somebody may have made the range wider. */
const RETRY_AFTER = 60;

/** An entry for the counter: a class that cn names, and one that allows the number. */
const COUNTER_CLASSES = ['applicationProcess', 'extensibleObject'];

/**
 * The next number of a range, as text. Nobody gets it again, not even when the entry that it is for is never made, or deleted.
 *
 * The counter entry holds the next free number in the same attribute (decisions 28). It is taken by deleting that value and adding the
 * one after it, in one modify, of which the directory carries out one only. Numbers that somebody has by other hands are passed over.
 * A counter that doesn't exist yet begins above the highest number in use.
 *
 * LDAP: a search of the counter, one of each base (also that of leavers) for the number, a modify; once, a search for all numbers
 * and an add.
 *
 * @throws ScimError 503 when no number is left, or the counter holds none; told loudly in the log, for an operator has to see to it
 */
export function takeNumber(context: OperationContext, line: GeneratedNumber): Promise<string> {
  // Within this process nobody has to try again because a neighbour was faster.
  return context.turns.take(`counter ${line.counter}`, async () => {
    for (let attempt = 1; ; attempt += 1) {
      const number = await tryToTake(context, line);
      if (number !== undefined) return String(number);
      if (attempt === ATTEMPTS) throw new ScimError(503, `${line.ldap}: others take numbers all the time`, { retryAfter: 1 });
      await sleep(Math.random() * 10);
    }
  });
}

/** @returns undefined when somebody else was faster */
async function tryToTake(context: OperationContext, line: GeneratedNumber): Promise<number | undefined> {
  const { counter, ldap, from, to } = line;
  const current = await readCounter(context, line);
  const next =
    current === undefined ? await aboveHighest(context, line) : await firstUnused(context, line, Math.max(Number(current), from));
  if (next > to) {
    context.log.error(
      { attribute: ldap, range: `${from}-${to}`, counter },
      'all numbers of the range are taken: make it wider in the mapping file',
    );
    throw new ScimError(503, `${ldap}: the directory has no number left`, { retryAfter: RETRY_AFTER });
  }
  try {
    await context.directory.write(current === undefined ? addCounter(line, next + 1) : moveCounter(line, current, next + 1));
    return next;
  } catch (error) {
    if (error instanceof DirectoryError && (error.code === RESULT.noSuchAttribute || error.code === RESULT.entryAlreadyExists))
      return undefined;
    throw error;
  }
}

/** The number in the counter, as it is written there; undefined when there is no such entry. */
async function readCounter({ directory, log }: OperationContext, { counter, ldap }: GeneratedNumber): Promise<string | undefined> {
  const search = { base: counter, scope: 'base', filter: EVERYTHING, attributes: [ldap] } as const;
  const [entry] = await unlessNoSuchObject(directory.search(search), []);
  if (entry === undefined) return undefined;
  const [value] = valuesOf(entry, ldap);
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return value;
  log.error({ counter, attribute: ldap }, 'the counter holds no number: give it the next free one');
  throw new ScimError(503, `${ldap}: the directory cannot hand out a number`, { retryAfter: RETRY_AFTER });
}

function moveCounter({ counter, ldap, sources: [source = []] }: GeneratedNumber, current: string, next: number): Change {
  const modifications: readonly Modification[] = [
    { operation: 'delete', attribute: ldap, values: [current], source },
    { operation: 'add', attribute: ldap, values: [String(next)], source },
  ];
  return { kind: 'modify', dn: counter, modifications };
}

function addCounter({ counter, ldap, sources: [source = []] }: GeneratedNumber, next: number): Change {
  const [{ type, value } = { type: 'cn', value: '' }] = leafRdn(counter) ?? [];
  const attributes: readonly Attribute[] = [
    { name: 'objectClass', values: COUNTER_CLASSES },
    { name: type, values: [value] },
    { name: ldap, values: [String(next)], source },
  ];
  return { kind: 'add', dn: counter, attributes };
}

/** What a counter begins with: the number after the highest of the range that is in use. */
async function aboveHighest(context: OperationContext, { ldap, from, to }: GeneratedNumber): Promise<number> {
  let highest = from - 1;
  for (const base of basesOf(context)) {
    const filter: LdapFilter = { kind: 'present', attribute: ldap };
    for await (const entries of context.directory.searchPages({ base, scope: 'subtree', filter, attributes: [ldap] })) {
      const numbers = entries.flatMap((entry) => valuesOf(entry, ldap).map(Number)).filter((number) => number >= from && number <= to);
      highest = Math.max(highest, ...numbers);
    }
  }
  return highest + 1;
}

/** The first number from `start` on that no entry has, but for the counter itself; one beyond the range when there is none. */
async function firstUnused(context: OperationContext, { ldap, to, counter }: GeneratedNumber, start: number): Promise<number> {
  for (let from = start; from <= to; from += NUMBERS_PER_SEARCH) {
    const numbers = Array.from({ length: Math.min(NUMBERS_PER_SEARCH, to - from + 1) }, (_, index) => from + index);
    const filter = anyOf(...numbers.map((number): LdapFilter => ({ kind: 'equality', attribute: ldap, value: String(number) })));
    const found = await Promise.all(
      basesOf(context).map((base) => context.directory.search({ base, scope: 'subtree', filter, attributes: [ldap] })),
    );
    const others = found.flat().filter(({ dn }) => dnKey(dn) !== dnKey(counter));
    const used = new Set(others.flatMap((entry) => valuesOf(entry, ldap).map(Number)));
    const unused = numbers.find((number) => !used.has(number));
    if (unused !== undefined) return unused;
  }
  return to + 1;
}

/** Users and groups may share their numbers. */
function basesOf({ plan }: OperationContext): readonly string[] {
  return occupiedBases(plansOf(plan));
}
