import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { octetKey } from '../../src/ldap/diff.ts';
import { type Entry, type LdapValue, makeEntry, valuesOf } from '../../src/ldap/entry.ts';
import { parseLdapSchema } from '../../src/ldap/schema.ts';
import { type EncodingName, encodingFor, otherEncodingsFor, typesOf } from '../../src/mapping/encodings.ts';
import type { LensContext } from '../../src/mapping/lens.ts';
import { type TextLens, textLens } from '../../src/mapping/lenses/text.ts';
import { NO_REFERENCES } from '../../src/mapping/reference-table.ts';
import { parseDateTime } from '../../src/scim/date-time.ts';
import { newObject, type ScimValue } from '../../src/scim/resource.ts';
import { type AttributeDefinition, defineAttribute, standardSchema, USER_SCHEMA } from '../../src/scim/schema.ts';

const addresses = attributeOf('addresses');
const DEFINITIONS: Readonly<Record<EncodingName, AttributeDefinition>> = {
  text: defineAttribute('text'),
  boolean: defineAttribute('boolean', { type: 'boolean' }),
  integer: defineAttribute('integer', { type: 'integer' }),
  decimal: defineAttribute('decimal', { type: 'decimal' }),
  dateTime: defineAttribute('dateTime', { type: 'dateTime' }),
  generalizedTime: defineAttribute('generalizedTime', { type: 'dateTime' }),
  base64: defineAttribute('base64', { type: 'binary', caseExact: true }),
  guid: defineAttribute('guid'),
  json: addresses,
};
const NAMES = Object.keys(DEFINITIONS) as readonly EncodingName[];

const SYNTAX = '1.3.6.1.4.1.1466.115.121.1';
const EQUALITIES: Readonly<Record<EncodingName, string>> = {
  text: `EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15`,
  boolean: `EQUALITY booleanMatch SYNTAX ${SYNTAX}.7`,
  integer: `EQUALITY integerMatch SYNTAX ${SYNTAX}.27`,
  decimal: `EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15`,
  dateTime: `EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX}.15`,
  generalizedTime: `EQUALITY generalizedTimeMatch SYNTAX ${SYNTAX}.24`,
  base64: `EQUALITY octetStringMatch SYNTAX ${SYNTAX}.40`,
  guid: `EQUALITY octetStringMatch SYNTAX ${SYNTAX}.40`,
  json: `EQUALITY caseExactMatch SYNTAX ${SYNTAX}.15`,
};
const types = NAMES.map((name, index) => `( 1.3.6.1.4.1.32473.9.${index} NAME '${name}' ${EQUALITIES[name]} )`);
const certificate = `( 2.5.4.36 NAME 'userCertificate' EQUALITY certificateExactMatch SYNTAX ${SYNTAX}.8 )`;
const context: LensContext = { schema: parseLdapSchema([...types, certificate], []), references: NO_REFERENCES };

function attributeOf(name: string): AttributeDefinition {
  const found = standardSchema(USER_SCHEMA).attributes.find((each) => each.name === name);
  if (found === undefined) throw new Error(`the User has no ${name}`);
  return found;
}

function decode(name: EncodingName, stored: LdapValue): ScimValue | undefined {
  return encodingFor(DEFINITIONS[name].type, name)?.decode(stored, DEFINITIONS[name]);
}

function encode(name: EncodingName, value: ScimValue): LdapValue | undefined {
  return encodingFor(DEFINITIONS[name].type, name)?.encode(value, DEFINITIONS[name]);
}

function lensOf(name: EncodingName, kind: 'single' | 'list', ldap: string = name): TextLens {
  const definition = DEFINITIONS[name];
  const encoding = encodingFor(definition.type, name);
  if (encoding === undefined) throw new Error(`${name} doesn't go with ${definition.type}`);
  const path = { schema: standardSchema(USER_SCHEMA), isExtension: false, attribute: definition };
  return textLens({ path: name, source: [], place: { kind, path }, definition, ldap, encoding, whenEmpty: undefined });
}

function entryOf(name: string, values: readonly LdapValue[]): Entry {
  return makeEntry('uid=ada,dc=example,dc=org', [{ name, values }]);
}

function bytes(...octets: readonly number[]): Buffer {
  return Buffer.from(octets);
}

describe('boolean, integer and decimal', () => {
  test.each<readonly [EncodingName, LdapValue, ScimValue | undefined]>([
    ['boolean', 'TRUE', true],
    ['boolean', 'FALSE', false],
    ['boolean', 'true', undefined],
    ['boolean', bytes(0xff), undefined],
    ['integer', '007', 7],
    ['integer', '-12', -12],
    ['integer', '1e3', 1000],
    ['integer', '1.5', undefined],
    ['integer', '0x10', undefined],
    ['integer', ' 7', undefined],
    ['integer', '9007199254740993', undefined],
    ['decimal', '1.50', 1.5],
    ['decimal', '-1e-3', -0.001],
    ['decimal', '1e999', undefined],
    ['decimal', 'NaN', undefined],
    ['decimal', '', undefined],
  ])('%s: what is stored as %o is shown as %o', (name, stored, shown) => {
    expect(decode(name, stored)).toBe(shown);
  });

  test('other types are no values of theirs', () => {
    expect(encode('boolean', 'TRUE')).toBeUndefined();
    expect(encode('integer', 1.5)).toBeUndefined();
    expect(encode('integer', '1')).toBeUndefined();
    expect(encode('decimal', true)).toBeUndefined();
    expect(encode('text', 1)).toBeUndefined();
    expect(encode('text', '')).toBeUndefined();
    expect(encode('text', '\ud800')).toBeUndefined();
  });
});

describe('generalizedTime', () => {
  test.each([
    ['2026-01-31T08:30:00Z', '20260131083000Z', '2026-01-31T08:30:00Z'],
    ['2026-01-31T08:30:00', '20260131083000Z', '2026-01-31T08:30:00Z'],
    ['2026-01-31T08:30:00+01:00', '20260131073000Z', '2026-01-31T07:30:00Z'],
    ['2026-01-31T23:30:00.123456789-08:00', '20260201073000.123456789Z', '2026-02-01T07:30:00.123456789Z'],
    ['2026-01-31T08:30:00.500Z', '20260131083000.5Z', '2026-01-31T08:30:00.5Z'],
    ['2026-01-31T08:30:00.000Z', '20260131083000Z', '2026-01-31T08:30:00Z'],
    ['1969-12-31T23:59:59.75Z', '19691231235959.75Z', '1969-12-31T23:59:59.75Z'],
    ['2026-12-31T24:00:00Z', '20270101000000Z', '2027-01-01T00:00:00Z'],
  ])('%s is stored as %s and read as %s: the same instant', (sent, stored, shown) => {
    expect(encode('generalizedTime', sent)).toBe(stored);
    expect(decode('generalizedTime', stored)).toBe(shown);
    expect(parseDateTime(shown)).toBe(parseDateTime(sent));
  });

  test.each(['2026-02-30T00:00:00Z', 'yesterday', '20260131083000Z', '9999-12-31T23:30:00-01:00', '0001-01-01T00:00:00+14:00'])(
    '%s can not be stored',
    (sent) => {
      expect(encode('generalizedTime', sent)).toBeUndefined();
    },
  );

  test.each([
    ['20260131083000+0100', '2026-01-31T07:30:00Z'],
    ['20260131083000,250Z', '2026-01-31T08:30:00.25Z'],
    ['2026013108Z', '2026-01-31T08:00:00Z'],
    ['2026-01-31T08:30:00Z', undefined],
    ['00001231000000Z', undefined],
    ['x', undefined],
  ])('what others stored as %s is read as %s', (stored, shown) => {
    expect(decode('generalizedTime', stored)).toBe(shown);
  });

  test('a fraction of a million zeros takes no time', () => {
    const zeros = '0'.repeat(1_000_000);
    expect(encode('generalizedTime', `2026-01-31T08:30:00.${zeros}1Z`)).toBe(`20260131083000.${zeros}1Z`);
  });
});

describe('base64', () => {
  test.each<readonly [string, LdapValue, string]>([
    ['/w==', bytes(0xff), '/w=='],
    ['/w', bytes(0xff), '/w=='],
    ['/x==', bytes(0xff), '/w=='],
    ['YWRh', 'ada', 'YWRh'],
    ['AAAA', '\0\0\0', 'AAAA'],
  ])('%s stands for octets %o, which are read as %s', (sent, stored, shown) => {
    expect(encode('base64', sent)).toEqual(stored);
    expect(decode('base64', stored)).toBe(shown);
  });

  test.each(['', '=', 'A', 'AA=', 'AAAAA', 'AA==AA==', 'A A=', '_w==', '/w==\n'])('%o is none', (sent) => {
    expect(encode('base64', sent)).toBeUndefined();
  });

  test('octets that are no text are no values of the other encodings', () => {
    for (const name of NAMES.filter((each) => each !== 'base64')) expect([name, decode(name, bytes(0xff))]).toEqual([name, undefined]);
  });
});

describe('json', () => {
  test('the members stand in the order of the schema, whatever order they were sent in', () => {
    const turned = newObject([
      ['type', 'work'],
      ['primary', true],
      ['locality', 'Hollywood'],
      ['formatted', 'a\nb'],
    ]);
    expect(encode('json', turned)).toBe('{"formatted":"a\\nb","locality":"Hollywood","type":"work","primary":true}');
  });

  test.each([
    ['{"locality":"Bonn"}', { locality: 'Bonn' }],
    [' { "Locality" : "Bonn", "planet": "Earth", "type": null } ', { locality: 'Bonn' }],
    ['{"primary":"True"}', { primary: true }],
    ['{}', undefined],
    ['{"planet":"Earth"}', undefined],
    ['{"primary":"perhaps"}', undefined],
    ['{"locality":{"a":1}}', undefined],
    ['{"locality":"a","LOCALITY":"b"}', undefined],
    ['{"__proto__":{"locality":"Bonn"}}', undefined],
    ['[{"locality":"Bonn"}]', undefined],
    ['"Bonn"', undefined],
    ['null', undefined],
    ['Bonn', undefined],
    ['{"locality":"Bonn"', undefined],
    ['[{"a":'.repeat(100_000), undefined],
  ])('what others stored as %.40s is read as %o', (stored, shown) => {
    expect(decode('json', stored)).toEqual(shown);
  });
});

describe('which goes with which', () => {
  test('a line that says nothing means what the type implies', () => {
    const implied = (['string', 'reference', 'boolean', 'integer', 'decimal', 'dateTime', 'binary', 'complex'] as const).map((type) => [
      type,
      encodingFor(type, undefined)?.name,
    ]);
    expect(Object.fromEntries(implied)).toEqual({
      string: 'text',
      reference: 'text',
      boolean: 'boolean',
      integer: 'integer',
      decimal: 'decimal',
      dateTime: 'dateTime',
      binary: 'base64',
      complex: undefined,
    });
  });

  test('an encoding for another type is none', () => {
    expect(encodingFor('string', 'json')).toBeUndefined();
    expect(encodingFor('boolean', 'base64')).toBeUndefined();
    expect(encodingFor('reference', 'base64')?.name).toBe('base64');
    expect(typesOf('json')).toEqual(['complex']);
    expect(otherEncodingsFor('dateTime')).toEqual(['generalizedTime']);
    expect(otherEncodingsFor('boolean')).toEqual([]);
  });
});

/** What a client may send; equal values in several spellings among them. */
const SENT: Readonly<Record<EncodingName, fc.Arbitrary<ScimValue>>> = {
  // This directory can't hold a text twice that differs in case only.
  text: fc.constantFrom('a', 'b', 'c d', 'é'),
  boolean: fc.boolean(),
  integer: fc.constantFrom(0, 7, -7, Number.MAX_SAFE_INTEGER),
  decimal: fc.constantFrom(0, 1.5, -1e21),
  dateTime: fc.constantFrom('2026-01-31T08:30:00Z', '2026-01-31T09:30:00+01:00'),
  generalizedTime: fc.constantFrom(
    '2026-01-31T08:30:00Z',
    '2026-01-31T09:30:00.0+01:00',
    '2026-01-31T08:30:00.5Z',
    '2026-01-31T08:30:00.50Z',
  ),
  base64: fc.oneof(
    fc.constantFrom('/w==', '/w', '/x==', 'YWRh', 'AAAA'),
    fc.uint8Array({ minLength: 1, maxLength: 9 }).map((octets) => Buffer.from(octets).toString('base64')),
  ),
  guid: fc.constantFrom(
    '60293bd6-624e-432c-938f-e439996aee68',
    '60293BD6-624E-432C-938F-E439996AEE68',
    '61616161-6161-6161-6161-616161616161',
  ),
  json: fc
    .record(
      { type: fc.constantFrom('work', 'home'), locality: fc.string({ minLength: 1, maxLength: 3 }), primary: fc.boolean() },
      { requiredKeys: ['type'] },
    )
    .map((members) => newObject(Object.entries(members))),
};

/** What others may have stored beside that. */
const STRANGE: Readonly<Record<EncodingName, readonly LdapValue[]>> = {
  text: [bytes(0xff), bytes(0xfe)],
  boolean: ['maybe'],
  integer: ['1.5', '07', 'x'],
  decimal: ['1.50', 'x'],
  dateTime: ['x'],
  generalizedTime: ['x', '20260131093000+0100', '20260131083000,50Z'],
  base64: [bytes(0xff), 'ada'],
  guid: [bytes(0xff), 'x'],
  json: ['x', '{ "type" : "work" }', '{"planet":"Earth"}', bytes(0xff)],
};

describe.each(NAMES)('the laws of a lens over %s', (name) => {
  const stored = fc.uniqueArray(
    fc.oneof(
      SENT[name].map((value) => encode(name, value) ?? ''),
      fc.constantFrom(...STRANGE[name]),
    ),
    { maxLength: 4, selector: octetKey },
  );

  describe.each(['single', 'list'] as const)('for a %s place', (kind) => {
    const lens = lensOf(name, kind);
    const wanted = fc.array(SENT[name], { minLength: 1, maxLength: kind === 'single' ? 1 : 3 });
    /** Equal values have equal keys. */
    const keys = (values: readonly ScimValue[]) => new Set(values.map((value) => octetKey(encode(name, value) ?? '')));

    test('putting back what is shown leaves the attribute as it is', () => {
      fc.assert(
        fc.property(stored, (values) => {
          const entry = entryOf(name, values);
          const shown = lens.get(entry, context);
          fc.pre(kind === 'list' || shown.length > 0);
          expect(lens.put(shown, entry, context)?.values.toSorted(byKey)).toEqual(values.toSorted(byKey));
        }),
      );
    });

    test('what is put is shown, put twice it is put once, and what is not shown stays', () => {
      fc.assert(
        fc.property(stored, wanted, (values, sent) => {
          const put = lens.put(sent, entryOf(name, values), context);
          const after = entryOf(name, put?.values ?? []);
          expect(keys(lens.get(after, context))).toEqual(keys(sent));
          expect(lens.put(sent, after, context)?.values.toSorted(byKey)).toEqual(valuesOf(after, name).toSorted(byKey));
          if (kind === 'list') {
            const kept = values.filter((value) => decode(name, value) === undefined);
            expect(put?.values).toEqual(expect.arrayContaining(kept));
          }
        }),
      );
    });
  });
});

function byKey(a: LdapValue, b: LdapValue): number {
  return octetKey(a) < octetKey(b) ? -1 : 1;
}

describe('filters', () => {
  test.each<readonly [EncodingName, ScimValue & (string | number | boolean), object]>([
    ['boolean', true, { filter: { kind: 'equality', attribute: 'boolean', value: 'TRUE' }, exact: true }],
    ['integer', 7, { filter: { kind: 'equality', attribute: 'integer', value: '7' }, exact: true }],
    ['integer', 7.5, { filter: { kind: 'or', filters: [] }, exact: true }],
    [
      'generalizedTime',
      '2026-01-31T08:30:00Z',
      { filter: { kind: 'equality', attribute: 'generalizedTime', value: '20260131083000Z' }, exact: true },
    ],
    ['generalizedTime', 'soon', { filter: { kind: 'or', filters: [] }, exact: true }],
    ['base64', '/w==', { filter: { kind: 'equality', attribute: 'base64', value: bytes(0xff) }, exact: true }],
    // Read as /w==, which is another text: found, and left out when it is checked.
    ['base64', '/w', { filter: { kind: 'equality', attribute: 'base64', value: bytes(0xff) }, exact: false }],
    ['base64', 'no base64!', { filter: { kind: 'or', filters: [] }, exact: true }],
    ['decimal', 7, { filter: { kind: 'present', attribute: 'decimal' }, exact: false }],
    ['dateTime', '2026-01-31T08:30:00Z', { filter: { kind: 'present', attribute: 'dateTime' }, exact: false }],
    ['json', 'Bonn', { filter: { kind: 'present', attribute: 'json' }, exact: false }],
    ['json', true, { filter: { kind: 'present', attribute: 'json' }, exact: false }],
  ])('%s eq %o', (name, value, match) => {
    expect(lensOf(name, 'list').match('eq', value, context)).toEqual(match);
  });

  test('other operators are decided on the resource', () => {
    for (const name of NAMES) expect(lensOf(name, 'list').match('co', 'x', context)).toMatchObject({ exact: false });
  });

  test('presence is enough where everything that is stored is shown', () => {
    const exact = NAMES.filter((name) => lensOf(name, 'list').matchPresent(context).exact);
    expect(exact).toEqual(['text', 'base64']);
  });

  test('a certificate is no assertion of certificateExactMatch: who has one is looked at', () => {
    const lens = lensOf('base64', 'list', 'userCertificate;binary');
    expect(lens.match('eq', '/w==', context)).toEqual({ filter: { kind: 'present', attribute: 'userCertificate;binary' }, exact: false });
  });
});

describe('attribute options', () => {
  test('are part of the name, in any case and any order', () => {
    const lens = lensOf('text', 'single', 'cn;lang-de;x-old');
    const entry = entryOf('CN;X-OLD;lang-DE', ['Köln']);
    expect(lens.get(entry, context)).toEqual(['Köln']);
    expect(lens.get(entryOf('cn', ['Cologne']), context)).toEqual([]);
  });

  test('say nothing of the type', () => {
    const lens = lensOf('base64', 'list', 'userCertificate;binary');
    const entry = entryOf('userCertificate;binary', [bytes(0x30, 0x82)]);
    expect(lens.get(entry, context)).toEqual(['MII=']);
    expect(lens.put(['/w=='], entry, context)).toEqual({ values: [bytes(0xff)], style: 'values' });
  });
});
