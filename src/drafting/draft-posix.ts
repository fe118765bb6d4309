import { type Entry, valuesOf } from '../ldap/entry.ts';
import { FILLED_BY_ACTIVE_DIRECTORY } from '../ldap/filled-by-active-directory.ts';
import type { DraftLine } from './draft.ts';
import { mostFrequent } from './entry-statistics.ts';
import type { DirectorySample } from './sample.ts';

const MOST = 0.9;
/** How many numbers a drafted range has. */
const RANGE = 40_000;

/**
 * Lines for what the classes demand and no client sends: numbers from a range above those that are in use, home directories by the
 * pattern that most follow, otherwise the value that most have. What nothing can be made of becomes a doubt.
 *
 * @param written LDAP attributes that lines write already, in lower case; those added here join them
 */
export function draftNumbers(
  sample: DirectorySample,
  entries: readonly Entry[],
  objectClass: readonly string[],
  written: Set<string>,
  doubts: string[],
): readonly DraftLine[] {
  const { schema } = sample;
  const demanded = new Set(objectClass.flatMap((name) => [...(schema.objectClass(name)?.must ?? [])]));
  const lines: DraftLine[] = [];
  for (const key of demanded) {
    const type = schema.attributeType(key);
    const names = [key, ...(type?.names ?? []).map((name) => name.toLowerCase())];
    if (key === 'objectclass' || type?.noUserModification === true || names.some((name) => written.has(name))) continue;
    if (sample.server === 'activeDirectory' && FILLED_BY_ACTIVE_DIRECTORY.has(key)) continue;
    const name = type?.names[0] ?? key;
    const line = NUMBERS.has(key) ? numberLine(name, entries, sample, doubts) : patternLine(name, entries, doubts);
    if (line !== undefined) lines.push(line);
    for (const each of names) written.add(each);
  }
  return lines;
}

const NUMBERS: ReadonlySet<string> = new Set(['uidnumber', 'gidnumber']);

function numberLine(name: string, entries: readonly Entry[], { rootDse }: DirectorySample, doubts: string[]): DraftLine | undefined {
  const numbers = entries.flatMap((entry) => valuesOf(entry, name).map(Number)).filter(Number.isSafeInteger);
  const isGroupOfUser = name === 'gidNumber' && entries.some((entry) => valuesOf(entry, 'uidNumber').length > 0);
  if (isGroupOfUser) {
    const common = mostFrequent(numbers);
    if (common !== undefined && common.count >= entries.length * MOST) {
      return { key: name, ldap: name, value: `{ template: '${common.value}', write: once }`, comment: 'the group that most have' };
    }
    return {
      key: name,
      ldap: name,
      value: `{ template: '{ldap:uidNumber}', write: once }`,
      comment: 'a group for each, by the same number',
    };
  }
  const [least, most] = numbers.length === 0 ? [10_000, 9999] : [Math.min(...numbers), Math.max(...numbers)];
  const counter = `cn=${name}Next,${rootDse.namingContexts[0] ?? ''}`;
  doubts.push(
    `${name} is given out from ${most + 1} on (in use: ${least}-${most}): are these numbers free in all your systems? The counter ${counter} is made when it is first needed.`,
  );
  const value = `{ allocate: ${most + 1}-${most + RANGE}, counter: '${counter}', write: once }`;
  return { key: name, ldap: name, value, comment: numbers.length === 0 ? 'none in use' : `in use: ${least}-${most}` };
}

/** A home directory is mostly a path that ends in the name; a shell is the same for all. */
function patternLine(name: string, entries: readonly Entry[], doubts: string[]): DraftLine | undefined {
  const patterns = entries.flatMap((entry) => {
    const [value] = valuesOf(entry, name);
    const [uid] = valuesOf(entry, 'uid');
    if (typeof value !== 'string') return [];
    return typeof uid === 'string' && uid !== '' && value.endsWith(uid) ? [`${value.slice(0, -uid.length)}{ldap:uid}`] : [value];
  });
  const common = mostFrequent(patterns);
  if (common === undefined || common.count < entries.length * MOST) {
    doubts.push(`The classes demand ${name}, and no pattern is to be seen in it: new entries can't be made before a line writes it.`);
    return undefined;
  }
  return { key: name, ldap: name, value: `{ template: '${common.value.replaceAll("'", "''")}', write: once }`, comment: 'as most have it' };
}
