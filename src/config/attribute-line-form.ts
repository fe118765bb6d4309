import { choice, closedMap, dictionary, flag, type MapDetails, oneOf, oneOrMore, parsed, text } from './form.ts';
import type { AttributeLine } from './mapping-file.ts';
import { Mistake } from './mistake.ts';

/** The right-hand side of a line under `attributes`: an LDAP attribute, or a map of exactly one kind. */

const mutability = oneOf(['readOnly', 'readWrite', 'immutable', 'writeOnly']);

/** Keys that make a line what it is; the first that it has decides. */
const kindOfKey: readonly (readonly [
  key: string,
  form: 'constant' | 'reference' | 'reverse' | 'state' | 'branchState' | 'bitState' | 'password',
])[] = [
  ['constant', 'constant'],
  ['refersTo', 'reference'],
  ['reverse', 'reverse'],
  ['inactive', 'state'],
  ['bit', 'bitState'],
  ['inactiveBase', 'branchState'],
  ['whenInactive', 'state'],
  ['method', 'password'],
];

function readAs(name: string, because: string, notYet: readonly string[] = []): Omit<MapDetails, 'keys'> {
  return { notYet, readAs: { name, because }, alternatives: kindOfKey.map(([key]) => key) };
}

const plainLine = text.transform((ldap) => ({ kind: 'text' as const, ldap }));

const textLine = closedMap(
  {
    ldap: text,
    required: flag.exactOptional(),
    whenEmpty: text.exactOptional(),
    mutability: mutability.exactOptional(),
    returned: oneOf(['always', 'never', 'default', 'request']).exactOptional(),
    caseExact: flag.exactOptional(),
    encoding: oneOf(['base64', 'boolean', 'generalizedTime', 'guid', 'integer', 'json']).exactOptional(),
    transform: text.exactOptional(),
    values: dictionary(text).exactOptional(),
    several: oneOf(['first', 'refuse']).exactOptional(),
  },
  readAs('a text line', 'refersTo, inactive, method or constant would make it another kind'),
).transform((line) => ({ kind: 'text' as const, ...line }));

const constantLine = closedMap({ constant: text }, readAs('a constant line', '"constant" makes it one')).transform((line) => ({
  kind: 'constant' as const,
  ...line,
}));

const referenceLine = closedMap(
  {
    ldap: text,
    refersTo: oneOrMore(oneOf(['users', 'groups'])),
    by: parsed((written): string | undefined => (written === 'dn' ? undefined : written)).exactOptional(),
    whenEmpty: text.exactOptional(),
    unresolved: oneOf(['reject', 'ignore']).default('reject'),
    mutability: mutability.exactOptional(),
  },
  readAs('a reference line', '"refersTo" makes it one'),
).transform(({ by, ...line }) => ({ kind: 'reference' as const, ...line, ...(by === undefined ? {} : { by }) }));

const reverseLine = closedMap(
  { reverse: oneOf(['groups.members']), indirect: flag.default(false) },
  readAs('a reverse line', '"reverse" makes it one'),
).transform((line) => ({ kind: 'reverse' as const, ...line }));

const whenInactive = closedMap({
  set: dictionary(text).default(() => new Map()),
  clear: oneOrMore(text).default([]),
}).exactOptional();

const valueStateLine = closedMap(
  { ldap: text, inactive: text, active: text.exactOptional(), whenInactive },
  readAs('a state line', '"inactive" makes it one'),
).transform((line) => ({ kind: 'state' as const, ...line }));

const branchStateLine = closedMap(
  { inactiveBase: text, whenInactive },
  readAs('a state line by branch', '"inactiveBase" makes it one'),
).transform((line) => ({ kind: 'state' as const, ...line }));

/** A whole number as it is written for flags: 0x2, or 2. */
function parseNumber(written: string): bigint | Mistake {
  if (/^(0x[0-9a-f]{1,8}|[0-9]{1,10})$/i.test(written)) return BigInt(written);
  return new Mistake(`"${written}" is not a whole number`, 'such as 0x2 or 512');
}

function parseBit(written: string): bigint | Mistake {
  const number = parseNumber(written);
  if (number instanceof Mistake || (number > 0n && (number & (number - 1n)) === 0n)) return number;
  return new Mistake(`"${written}" is not one bit`, 'such as 0x2: one of 1, 2, 4, 8, 16, …');
}

const bitStateLine = closedMap(
  { ldap: text, bit: parsed(parseBit), initial: parsed(parseNumber).default(0n), whenInactive },
  readAs('a state line by bit', '"bit" makes it one'),
).transform((line) => ({ kind: 'state' as const, ...line }));

const passwordLine = closedMap(
  { ldap: text, method: oneOf(['passwordModify', 'plain', 'unicodePwd']) },
  readAs('a password line', '"method" makes it one'),
).transform((line) => ({ kind: 'password' as const, ...line }));

const forms = {
  text: textLine,
  constant: constantLine,
  reference: referenceLine,
  reverse: reverseLine,
  state: valueStateLine,
  branchState: branchStateLine,
  bitState: bitStateLine,
  password: passwordLine,
} as const;

export const attributeLine = choice<AttributeLine>(
  (written) => {
    if (typeof written !== 'object' || written === null) return plainLine;
    const [, kind] = kindOfKey.find(([key]) => Object.hasOwn(written, key)) ?? ['', 'text' as const];
    return forms[kind];
  },
  [plainLine, ...Object.values(forms)],
);
