import type { EncodingWord } from '../config/mapping-file.ts';
import type { LdapValue } from '../ldap/entry.ts';
import { formatGeneralizedTime, parseGeneralizedTime, withoutTrailingZeros } from '../ldap/generalized-time.ts';
import { formatGuid, parseGuid } from '../ldap/guid.ts';
import { octetsOf, valueFromOctets } from '../ldap/octets.ts';
import type { LdapAttributeType } from '../ldap/schema.ts';
import { BOOLEAN_SYNTAX, INTEGER_SYNTAX } from '../ldap/syntaxes.ts';
import { padBase64 } from '../scim/base64.ts';
import { parseDateTime } from '../scim/date-time.ts';
import { ScimError } from '../scim/errors.ts';
import { isJsonObject, type JsonValue } from '../scim/json.ts';
import { type ReadPolicy, readSingle } from '../scim/read-value.ts';
import { isObject, newObject, type ScimObject, type ScimValue } from '../scim/resource.ts';
import type { AttributeDefinition, AttributeType } from '../scim/schema.ts';

/** A way of writing SCIM values as LDAP values: those that the file has words for, and those that go without saying. */
export type EncodingName = EncodingWord | 'text' | 'decimal' | 'dateTime';

/**
 * How values of some SCIM types (RFC 7643 §2.3) stand in an LDAP attribute.
 *
 * What was encoded decodes to the same value, if perhaps in another spelling: the same instant, the same octets. All spellings of
 * a value are encoded alike, so two values are the same exactly when their encodings are.
 */
export interface Encoding {
  readonly name: EncodingName;
  readonly types: readonly AttributeType[];
  /** What it takes, for the person who sent something else. */
  readonly takes: string;
  /** Whether it makes sense of whatever is stored. */
  readonly showsAll: boolean;
  /** Present where text goes through the steps of a pipe; see `TwoWayTransform`. */
  readonly pipe?: { readonly isLax: boolean; readonly keepsEquality: boolean; readonly sample: string | undefined };

  /** A stored value as SCIM shows it; undefined when it isn't written so: it is kept then, and not shown. */
  decode(stored: LdapValue, definition: AttributeDefinition): ScimValue | undefined;

  /** A SCIM value as it is to be stored; undefined when it can't be. */
  encode(value: ScimValue, definition: AttributeDefinition): LdapValue | undefined;

  /** Whether the directory holds two stored values for equal when SCIM does, give or take letter case: only then can it be asked. */
  comparesAlike(type: LdapAttributeType, definition: AttributeDefinition): boolean;
}

const ENCODINGS: Readonly<Record<EncodingName, Encoding>> = {
  text: {
    name: 'text',
    types: ['string', 'reference'],
    takes: 'text',
    showsAll: true,
    decode: (stored) => (typeof stored === 'string' ? stored : undefined),
    encode: (value) => (typeof value === 'string' && value !== '' && value.isWellFormed() ? value : undefined),
    comparesAlike: ({ equality }) => equality !== undefined,
  },
  boolean: {
    name: 'boolean',
    types: ['boolean'],
    takes: 'true or false',
    showsAll: false,
    decode: (stored) => (stored === 'TRUE' ? true : stored === 'FALSE' ? false : undefined),
    encode: (value) => (typeof value === 'boolean' ? (value ? 'TRUE' : 'FALSE') : undefined),
    comparesAlike: ({ syntax }) => syntax === BOOLEAN_SYNTAX,
  },
  integer: {
    name: 'integer',
    types: ['integer'],
    takes: 'an integer',
    showsAll: false,
    decode: (stored) => decodeNumber(stored, Number.isSafeInteger),
    encode: (value) => (typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined),
    comparesAlike: ({ syntax }) => syntax === INTEGER_SYNTAX,
  },
  decimal: {
    name: 'decimal',
    types: ['decimal'],
    takes: 'a number',
    showsAll: false,
    decode: (stored) => decodeNumber(stored, Number.isFinite),
    encode: (value) => (typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined),
    comparesAlike: () => false,
  },
  dateTime: {
    name: 'dateTime',
    types: ['dateTime'],
    takes: 'a date and time',
    showsAll: false,
    decode: (stored) => (typeof stored === 'string' && parseDateTime(stored) !== undefined ? stored : undefined),
    encode: (value) => (typeof value === 'string' && parseDateTime(value) !== undefined ? value : undefined),
    comparesAlike: () => false,
  },
  generalizedTime: {
    name: 'generalizedTime',
    types: ['dateTime'],
    takes: 'a date and time of the years 1 to 9999',
    showsAll: false,
    decode: (stored) => decodeTime(stored),
    encode: (value) => encodeTime(value),
    comparesAlike: ({ equality }) => equality === 'generalizedTimeMatch',
  },
  base64: {
    name: 'base64',
    types: ['binary', 'string', 'reference'],
    takes: 'base64 text',
    showsAll: true,
    decode: (stored) => (stored.length === 0 ? undefined : octetsOf(stored).toString('base64')),
    encode: (value) => encodeOctets(value),
    comparesAlike: ({ equality }, { caseExact }) => equality === 'octetStringMatch' && caseExact,
  },
  guid: {
    name: 'guid',
    types: ['string'],
    takes: 'a GUID, as in 60293bd6-624e-432c-938f-e439996aee68',
    showsAll: false,
    decode: (stored) => formatGuid(octetsOf(stored)),
    encode: (value) => encodeGuid(value),
    comparesAlike: ({ equality }) => equality === 'octetStringMatch',
  },
  json: {
    name: 'json',
    types: ['complex'],
    takes: 'an object',
    showsAll: false,
    decode: (stored, definition) => decodeElement(stored, definition),
    encode: (value, definition) => (isObject(value) ? formatElement(value, definition) : undefined),
    comparesAlike: () => false,
  },
};

/** What a line means that doesn't name an encoding. Nothing says how a complex value should be written. */
const IMPLIED: Readonly<Record<AttributeType, Exclude<EncodingName, 'json'> | undefined>> = {
  string: 'text',
  reference: 'text',
  boolean: 'boolean',
  integer: 'integer',
  decimal: 'decimal',
  dateTime: 'dateTime',
  binary: 'base64',
  complex: undefined,
};

/** The encoding of a line over an attribute of some type; undefined when the two don't go together. */
export function encodingFor(type: AttributeType, name: EncodingName | undefined): Encoding | undefined {
  const chosen = name ?? IMPLIED[type];
  const encoding = chosen === undefined ? undefined : ENCODINGS[chosen];
  return encoding?.types.includes(type) === true ? encoding : undefined;
}

/** The encodings for a type, beside the one that goes without saying. */
export function otherEncodingsFor(type: AttributeType): readonly EncodingName[] {
  const fitting = Object.values(ENCODINGS).filter(({ name, types }) => types.includes(type) && name !== IMPLIED[type]);
  return fitting.map(({ name }) => name);
}

/** The types of attributes that an encoding is for. */
export function typesOf(name: EncodingName): readonly AttributeType[] {
  return ENCODINGS[name].types;
}

// ---- numbers and times --------------------------------------------------------------------------------------------

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A number that can't be told from its neighbours isn't shown: it would be another one when it came back. */
function decodeNumber(stored: LdapValue, isShown: (number: number) => boolean): number | undefined {
  const number = typeof stored === 'string' && NUMBER.test(stored) ? Number(stored) : Number.NaN;
  return isShown(number) ? number : undefined;
}

/** In UTC, with all digits of the second's fraction. */
function encodeTime(value: ScimValue): string | undefined {
  if (typeof value !== 'string' || parseDateTime(value) === undefined) return undefined;
  const [fraction = ''] = /\.\d+/.exec(value) ?? [];
  const second = parseDateTime(value.replace(fraction, ''));
  const time = second === undefined ? undefined : formatGeneralizedTime(second);
  if (time === undefined) return undefined;
  const digits = withoutTrailingZeros(fraction.slice(1));
  const encoded = digits === '' ? time : time.replace('Z', `.${digits}Z`);
  // At the ends of the calendar an offset leads into years that can't be written.
  return decodeTime(encoded) === undefined ? undefined : encoded;
}

function decodeTime(stored: LdapValue): string | undefined {
  const time = typeof stored === 'string' ? parseGeneralizedTime(stored) : undefined;
  return time === undefined || parseDateTime(time) === undefined ? undefined : time;
}

// ---- octets -------------------------------------------------------------------------------------------------------

function encodeOctets(value: ScimValue): LdapValue | undefined {
  const text = typeof value === 'string' ? padBase64(value) : undefined;
  return text === undefined ? undefined : valueFromOctets(Buffer.from(text, 'base64'));
}

function encodeGuid(value: ScimValue): LdapValue | undefined {
  const octets = typeof value === 'string' ? parseGuid(value) : undefined;
  return octets === undefined ? undefined : valueFromOctets(octets);
}

// ---- complex values -----------------------------------------------------------------------------------------------

/** A complex value as JSON without blanks, its members in the order of the schema: equal values are equal texts. */
export function formatElement(value: ScimObject, { subAttributes }: AttributeDefinition): string {
  const ordered = newObject();
  for (const { name } of subAttributes) if (value[name] !== undefined) ordered[name] = value[name];
  return JSON.stringify(ordered);
}

/** Read as kindly as what clients send: others may have written it. */
const KINDLY: ReadPolicy = { unknown: 'ignore', note: () => undefined };

function decodeElement(stored: LdapValue, definition: AttributeDefinition): ScimValue | undefined {
  const json = typeof stored === 'string' ? parseJson(stored) : undefined;
  if (!isJsonObject(json)) return undefined;
  try {
    return readSingle(definition, json, definition.name, KINDLY);
  } catch (error) {
    if (error instanceof ScimError) return undefined;
    throw error;
  }
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
