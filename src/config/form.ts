import * as z from 'zod';
import { Mistake } from './mistake.ts';

/**
 * The pieces from which the forms of the configuration files are made. Their issues carry messages for operators;
 * `check-form.ts` gives them a place in the file.
 */

/** What an issue may carry beside its message. */
export interface IssueDetails {
  readonly help?: string;
  /** Which half of the line is wrong; the value unless said. */
  readonly at?: 'key' | 'value';
  /** The message is a predicate ("is missing"), to be said of the key. Without this it is a whole sentence. */
  readonly predicate?: true;
  /** The map that a key doesn't belong to. */
  readonly unknownIn?: MapDetails;
}

export interface MapDetails {
  readonly keys: readonly string[];
  /** Keys of the vocabulary that this version doesn't carry: refused as such, not as unknown. */
  readonly notYet: readonly string[];
  /** What the map was read as, where its keys decide that. */
  readonly readAs?: { readonly name: string; readonly because: string };
  /** Keys that would have made it something else: worth a "did you mean". */
  readonly alternatives?: readonly string[];
}

/** What `json-schema.ts` can't see in a form, because it is in code. */
export interface Description {
  /** The forms that this one chooses from. */
  readonly anyOf?: readonly z.ZodType[];
  /** The map's values, where its keys are names. */
  readonly values?: z.ZodType;
}

const descriptions = new WeakMap<z.core.$ZodType, Description>();

export function descriptionOf(form: z.core.$ZodType): Description {
  return descriptions.get(form) ?? {};
}

function described<Form extends z.ZodType>(form: Form, description: Description): Form {
  descriptions.set(form, description);
  return form;
}

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];
type Shape = 'text' | 'a list' | 'a map';

/** What belongs in a place, said when something else or nothing is there. `later`: a shape that it may have one day. */
function expecting(shape: Shape, later?: Shape): (issue: RawIssue) => string {
  return ({ input }) => {
    if (input === undefined) return 'is missing';
    const found = typeof input === 'string' ? 'text' : Array.isArray(input) ? 'a list' : 'a map';
    return found === later ? `as ${found} is not supported yet` : `must be ${shape}, not ${found}`;
  };
}

/** What may stand beside an issue's message. zod's own codes are only used with predicates. */
export function detailsOf(issue: z.core.$ZodIssue): IssueDetails {
  return issue.code === 'custom' ? (issue.params ?? {}) : { predicate: true };
}

function details(given: IssueDetails): { params: Record<string, unknown> } {
  return { params: { ...given } };
}

const empty = 'is empty';

/** Text that is not empty. */
export const text = z.string({ error: expecting('text') }).min(1, { error: empty });

/** Text that may be empty. */
export const anyText = z.string({ error: expecting('text') });

/**
 * Text that `parse` understands.
 *
 * @param at 'key' where the text is the name of an entry
 */
export function parsed<T>(parse: (written: string) => T | Mistake, written: z.ZodType<string> = text, at: 'key' | 'value' = 'value') {
  return written.transform((characters, context): T => {
    const result = parse(characters);
    if (!(result instanceof Mistake)) return result;
    const { message, help } = result;
    context.addIssue({ code: 'custom', message, ...details(help === undefined ? { at } : { at, help }) });
    return z.NEVER;
  });
}

/** One of a few words, as they are written here. `notYet` are those of the vocabulary that this version doesn't carry. */
export function oneOf<const Word extends string>(words: readonly Word[], notYet: readonly string[] = []) {
  return parsed(wordOf(words, notYet), text.meta({ enum: [...words] }));
}

/** Recognises one of a few words, where more than text may stand. */
export function wordOf<const Word extends string>(words: readonly Word[], notYet: readonly string[] = []) {
  return (written: string): Word | Mistake => {
    if (notYet.includes(written)) return new Mistake(`"${written}" is not supported yet`, `supported: ${words.join(', ')}`);
    return words.find((word) => word === written) ?? new Mistake(`"${written}" is not one of: ${words.join(', ')}`);
  };
}

/** The words `true` and `false`, and no others. */
export const flag = oneOf(['true', 'false']).transform((word) => word === 'true');

/** A whole number in decimal digits. */
export function integer(least: number, most: number) {
  return parsed(
    (written) => {
      const number = /^\d{1,15}$/.test(written) ? Number(written) : Number.NaN;
      return number >= least && number <= most ? number : new Mistake(`"${written}" is not a whole number from ${least} to ${most}`);
    },
    text.meta({ type: 'integer', minimum: least, maximum: most }),
  );
}

/** A list that is not empty. */
export function list<Item extends z.ZodType>(item: Item) {
  return z.array(item, { error: expecting('a list') }).min(1, { error: empty });
}

/** A list, or the one item that would be in it. */
export function oneOrMore<Item extends z.ZodType>(item: Item) {
  return choice<z.output<Item>[]>(
    (written) => (typeof written === 'string' ? item.transform((one) => [one]) : list(item)),
    [item, list(item)],
  );
}

/**
 * Several forms, of which the written value itself tells one. Unlike in a union, a mistake is told in the words of that one.
 *
 * @param anyOf all of them
 */
export function choice<Result>(choose: (written: unknown) => z.ZodType<Result>, anyOf: readonly z.ZodType[]) {
  const form = z.any().transform((written: unknown, context): Result => {
    const result = choose(written).safeParse(written);
    if (result.success) return result.data;
    for (const issue of result.error.issues) {
      context.addIssue({ code: 'custom', path: issue.path, message: issue.message, ...details(detailsOf(issue)) });
    }
    return z.NEVER;
  });
  return described(form, { anyOf });
}

/**
 * A map with the keys of `shape` and no others.
 *
 * @param later the shape that may stand in the map's place one day
 */
export function closedMap<Keys extends z.ZodRawShape>(shape: Keys, about: Omit<MapDetails, 'keys'> = { notYet: [] }, later?: Shape) {
  const unknownIn = { ...about, keys: Object.keys(shape) };
  const unknownKey = z.custom<never>(() => false, { error: 'is not known', ...details({ at: 'key', unknownIn }) });
  // The catch-all accepts nothing, so what comes out is what z.strictObject gives; but there is one issue for each key, with its details.
  return z.object(shape, { error: expecting('a map', later) }).catchall(unknownKey) as unknown as z.ZodObject<Keys, z.core.$strict>;
}

/** A map whose keys are names that the operator chose, in file order; not empty. */
export function dictionary<Value>(value: z.ZodType<Value>, key: z.ZodType<string> = z.string()) {
  const map = z.custom<object>((written) => typeof written === 'object' && !Array.isArray(written), {
    error: expecting('a map'),
    ...details({ predicate: true }),
  });
  const form = map
    .transform((written) => new Map<unknown, unknown>(Object.entries(written)))
    .pipe(z.map(key, value))
    .refine(({ size }) => size > 0, { error: empty, ...details({ predicate: true }) });
  return described(form, { values: value });
}

/** The first line of every file: which language it is written in. */
export const format = z
  .custom<'1'>((written) => written === '1', {
    error: 'is missing',
    ...details({ predicate: true, help: 'begin the file with: format: 1' }),
  })
  .meta({ const: 1 })
  .transform(() => 1 as const);
