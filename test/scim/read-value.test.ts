import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../src/scim/json.ts';
import { caseInsensitiveMember, noteUnknown, readSingle, readValue } from '../../src/scim/read-value.ts';
import { type AttributeType, defineAttribute } from '../../src/scim/schema.ts';
import { takingNotes } from './support/patching.ts';

const email = defineAttribute('email', {
  type: 'complex',
  subAttributes: [defineAttribute('value'), defineAttribute('type'), defineAttribute('primary', { type: 'boolean' })],
});
const emails = { ...email, name: 'emails', multiValued: true };
const name = defineAttribute('name', { type: 'complex', subAttributes: [defineAttribute('familyName')] });

describe('readValue', () => {
  test.each<readonly [AttributeType, JsonValue, JsonValue]>([
    ['string', 'Mara', 'Mara'],
    ['string', ' ', ' '],
    ['string', 7, '7'],
    ['string', true, 'true'],
    ['string', ['Mara'], 'Mara'],
    ['string', { value: 'Mara' }, 'Mara'],
    ['string', { Value: 'Mara', display: 'x' }, 'Mara'],
    ['reference', 'https://example.org/', 'https://example.org/'],
    ['boolean', true, true],
    ['boolean', 'TRUE', true],
    ['boolean', 'False', false],
    ['integer', 7, 7],
    ['integer', '-7', -7],
    ['integer', '1e3', 1000],
    ['decimal', 1.5, 1.5],
    ['decimal', '1.5', 1.5],
    ['dateTime', '2026-01-31T08:30:00Z', '2026-01-31T08:30:00Z'],
    ['dateTime', '2026-01-31T08:30:00.25+01:00', '2026-01-31T08:30:00.25+01:00'],
    ['binary', 'TWFyYQ==', 'TWFyYQ=='],
    ['binary', 'TWFyYQ', 'TWFyYQ=='],
  ])('%s %j is %j', (type, json, value) => {
    expect(readValue(defineAttribute('a', { type }), json, 'a', takingNotes())).toBe(value);
  });

  test.each<readonly [AttributeType, JsonValue, string]>([
    ['string', ['a', 'b'], 'a: takes one value, not a list'],
    ['string', [['a']], 'a: takes one value, not a list'],
    ['string', { display: 'x' }, 'a: takes a string, not an object'],
    ['string', { value: { value: 'x' } }, 'a: takes a string, not an object'],
    ['string', { value: ['x'] }, 'a: takes a string, not an object'],
    ['string', '\ud800', 'a: holds half a character (an unpaired surrogate)'],
    ['boolean', 'yes', 'a: takes true or false'],
    ['boolean', 1, 'a: takes true or false'],
    ['integer', 1.5, 'a: takes an integer'],
    ['integer', '1.5', 'a: takes an integer'],
    ['integer', 2 ** 53, 'a: takes an integer'],
    ['integer', ' 7', 'a: takes an integer'],
    ['integer', true, 'a: takes an integer'],
    ['decimal', '1e999', 'a: takes a number'],
    ['decimal', '0x10', 'a: takes a number'],
    ['dateTime', '2026-02-30T08:30:00Z', 'a: takes a date and time such as 2026-01-31T08:30:00Z'],
    ['dateTime', '2026-01-31', 'a: takes a date and time such as 2026-01-31T08:30:00Z'],
    ['dateTime', 7, 'a: takes a date and time such as 2026-01-31T08:30:00Z'],
    ['binary', 'Mara!', 'a: takes base64 text'],
    ['binary', 'TWFyYQ=', 'a: takes base64 text'],
    ['binary', 'TWFyY', 'a: takes base64 text'],
    ['binary', 7, 'a: takes base64 text'],
  ])('%s %j is refused', (type, json, detail) => {
    const read = () => readValue(defineAttribute('a', { type }), json, 'a', takingNotes());
    expect(read).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidValue', detail }));
  });

  test.each<JsonValue>([null, '', [], [null], [''], {}, { value: null }, { value: '', type: null }])('%j is nothing', (json) => {
    expect(readValue(emails, json, 'emails', takingNotes())).toBeUndefined();
    expect(readValue(email, json, 'email', takingNotes())).toBeUndefined();
  });

  test('a list takes one element, bare texts, and leaves out what is nothing', () => {
    expect(readValue(emails, { value: 'a' }, 'emails', takingNotes())).toEqual([{ value: 'a' }]);
    expect(readValue(emails, ['a', null, { VALUE: 'b', Primary: 'True' }], 'emails', takingNotes())).toEqual([
      { value: 'a' },
      { value: 'b', primary: true },
    ]);
    expect(readValue(defineAttribute('a', { multiValued: true }), ['x', '', 'y'], 'a', takingNotes())).toEqual(['x', 'y']);
  });

  test('names in a complex value: unknown ones are noted, doubled ones refused', () => {
    const policy = takingNotes();
    expect(readValue(email, { value: 'a', colour: 'red' }, 'email', policy)).toEqual({ value: 'a' });
    expect(policy.notes).toEqual(['email.colour: known to no schema, ignored']);
    const refuse = () => readValue(email, { value: 'a', colour: 'red' }, 'email', takingNotes('reject'));
    expect(refuse).toThrow(expect.objectContaining({ scimType: 'invalidValue', detail: 'email.colour: no schema knows this attribute' }));
    const twice = () => readValue(email, { value: 'a', Value: 'b' }, 'email', takingNotes());
    expect(twice).toThrow(expect.objectContaining({ scimType: 'invalidSyntax', detail: 'email.value: given twice' }));
  });

  test('a complex value without `value` takes no bare text', () => {
    const read = () => readSingle(name, 'Wolf', 'name', takingNotes());
    expect(read).toThrow(expect.objectContaining({ detail: 'name: takes an object' }));
  });

  test('what is read inherits nothing', () => {
    const read = readValue(email, JSON.parse('{"__proto__":{"value":"x"},"value":"a"}') as JsonValue, 'email', takingNotes());
    expect(read).toEqual({ value: 'a' });
    const prototype: unknown = Object.getPrototypeOf(read);
    expect(Reflect.ownKeys(prototype as object)).toEqual([]);
    expect(Object.getPrototypeOf(prototype)).toBeNull();
    expect(Object.isFrozen(prototype)).toBe(true);
  });
});

test('noteUnknown chooses the scimType by what is unknown', () => {
  expect(() => noteUnknown('a', takingNotes('reject'), 'invalidPath')).toThrow(expect.objectContaining({ scimType: 'invalidPath' }));
});

test('caseInsensitiveMember sees own members only', () => {
  expect(caseInsensitiveMember({ Path: 'x' }, 'path')).toBe('x');
  expect(caseInsensitiveMember({}, 'constructor')).toBeUndefined();
});
