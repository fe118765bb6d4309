import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { caseIgnoreKey } from '../../src/ldap/case-ignore.ts';
import { parsePipe } from '../../src/mapping/parse-pipe.ts';
import { transformedEncoding } from '../../src/mapping/transformed-encoding.ts';
import { runPipe, type TwoWayTransform, tableTransform } from '../../src/mapping/transforms.ts';
import { foldCase } from '../../src/scim/evaluate-filter.ts';
import { defineAttribute } from '../../src/scim/schema.ts';

const folded = defineAttribute('folded');
const exact = defineAttribute('exact', { caseExact: true });

function twoWay(pipe: string): readonly TwoWayTransform[] {
  return parsePipe(pipe, 'attributes').filter((step) => step.kind === 'twoWay');
}

describe('with a way back', () => {
  test.each([
    ['stripSuffix "@contoso.com"', 'ada@contoso.com', 'ada', 'ada@contoso.com'],
    ['stripSuffix "@contoso.com"', 'ada@CONTOSO.com', 'ada', 'ada@contoso.com'],
    ['stripSuffix "@contoso.com"', 'ada@example.org', undefined, undefined],
    ['stripSuffix "@contoso.com"', '@contoso.com', undefined, undefined],
    ['stripSuffix "@contoso.com"', 'ada@contoso.com@contoso.com', 'ada@contoso.com', 'ada@contoso.com@contoso.com'],
    ['stripPrefix "x-"', 'X-7', '7', 'x-7'],
    ['stripPrefix "x-"', 'y-7', undefined, undefined],
    ['lowercase', 'Ada ÉẞİΣ', 'ada éßİσ', 'ada éßİσ'],
    ['uppercase', 'straße ﬁ é', 'STRAßE FI É', 'STRAßE FI É'],
    ['trim', ' \tAda \n', 'Ada', 'Ada'],
    ['trim', ' \n ', undefined, undefined],
    ['postalAddress', 'Main Street 1\nBonn', 'Main Street 1$Bonn', 'Main Street 1\nBonn'],
    ['postalAddress', 'c/o $\\\nBonn', 'c/o \\24\\5C$Bonn', 'c/o $\\\nBonn'],
    ['postalAddress', '\\24', '\\5C24', '\\24'],
    ['postalAddress', 'Main Street 1\n\nBonn', undefined, undefined],
    ['trim | lowercase | stripSuffix "@contoso.com" | stripPrefix "a-"', ' A-Ada@Contoso.com ', 'ada', 'a-ada@contoso.com'],
  ])('%s: %j is stored as %j and read as %j', (pipe, sent, stored, shown) => {
    const encoding = transformedEncoding(twoWay(pipe));
    expect(encoding.encode(sent, folded)).toBe(stored);
    if (stored !== undefined) expect(encoding.decode(stored, folded)).toBe(shown);
  });

  test.each([
    ['stripSuffix "@contoso.com"', 'ada@CONTOSO.com', undefined],
    ['stripSuffix "@contoso.com"', 'ADA@contoso.com', 'ADA'],
    ['stripPrefix "x-"', 'X-7', undefined],
    ['lowercase | stripSuffix "@contoso.com"', 'ada@CONTOSO.com', 'ada'],
  ])('%s: where letter case counts, %j is stored as %j (decisions 14)', (pipe, sent, stored) => {
    expect(transformedEncoding(twoWay(pipe)).encode(sent, exact)).toBe(stored);
  });

  test.each([
    ['stripSuffix "@contoso.com"', 'ada@contoso.com', 'ada@contoso.com@contoso.com'],
    ['lowercase', 'ADA', 'ada'],
    ['trim', '  ADA ', 'ADA'],
    ['trim', '\tADA', undefined],
    ['postalAddress', 'a\\5cb$c', 'a\\b\nc'],
    ['postalAddress', 'a\nb', undefined],
    ['postalAddress', 'a\\x', undefined],
    ['postalAddress', 'a$', undefined],
  ])('%s: what others stored as %j is read as %j', (pipe, stored, shown) => {
    expect(transformedEncoding(twoWay(pipe)).decode(stored, folded)).toBe(shown);
  });

  test('octets are no text', () => {
    expect(transformedEncoding(twoWay('lowercase')).decode(Buffer.from([0xff]), folded)).toBeUndefined();
    expect(transformedEncoding(twoWay('lowercase')).encode('\ud800', folded)).toBeUndefined();
  });

  const pipes = fc
    .array(fc.constantFrom('stripSuffix "@X.y"', 'stripPrefix "a "', 'trim', 'lowercase', 'uppercase', 'postalAddress'), {
      minLength: 1,
      maxLength: 4,
    })
    .map((steps) => twoWay(steps.join(' | ')));
  const piece = fc.constantFrom('a ', 'A ', '@X.y', '@x.Y', ' ', '\n', '$', '\\', '\\24', 'ß', 'İ', 'Σ', 'ς', 'ﬁ', 'K', 'b', '');
  const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));

  test('what is stored is read, and stored again as the same', () => {
    fc.assert(
      fc.property(pipes, text, fc.boolean(), (steps, sent, caseExact) => {
        const definition = caseExact ? exact : folded;
        const encoding = transformedEncoding(steps);
        const stored = encoding.encode(sent, definition);
        fc.pre(stored !== undefined);
        const shown = encoding.decode(stored, definition);
        expect(shown).toBeDefined();
        expect(encoding.encode(shown ?? '', definition)).toBe(stored);
        if (!steps.some(({ normalises }) => normalises))
          expect(caseExact ? shown : foldCase(shown as string)).toBe(caseExact ? sent : foldCase(sent));
      }),
      { numRuns: 2000 },
    );
  });

  test('what others stored is read only if it is found by what is read', () => {
    fc.assert(
      fc.property(pipes, text, (steps, stored) => {
        const encoding = transformedEncoding(steps);
        const shown = encoding.decode(stored, folded);
        fc.pre(shown !== undefined);
        expect(caseIgnoreKey(String(encoding.encode(shown, folded)))).toBe(caseIgnoreKey(stored));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a table', () => {
  const encoding = transformedEncoding([
    tableTransform(
      new Map([
        ['Employee', 'E'],
        ['Contractor', 'C'],
      ]),
    ),
  ]);

  test('is read both ways, letter case aside', () => {
    expect(encoding.encode('Employee', folded)).toBe('E');
    expect(encoding.encode('EMPLOYEE', folded)).toBe('E');
    expect(encoding.encode('EMPLOYEE', exact)).toBeUndefined();
    expect(encoding.encode('E', folded)).toBeUndefined();
    expect(encoding.decode('c', folded)).toBe('Contractor');
    expect(encoding.decode('X', folded)).toBeUndefined();
    expect(encoding.takes).toBe('one of: Employee, Contractor');
  });

  test('may have truth values and numbers on its left', () => {
    const flags = transformedEncoding([
      tableTransform(
        new Map([
          ['true', 'Y'],
          ['false', 'N'],
        ]),
      ),
    ]);
    const flag = defineAttribute('flag', { type: 'boolean' });
    expect([flags.encode(true, flag), flags.encode(false, flag)]).toEqual(['Y', 'N']);
    expect([flags.decode('y', flag), flags.decode('N', flag), flags.decode('?', flag)]).toEqual([true, false, undefined]);
    const floors = transformedEncoding([tableTransform(new Map([['-1', 'cellar']]))]);
    const floor = defineAttribute('floor', { type: 'integer' });
    expect([floors.encode(-1, floor), floors.encode(2, floor), floors.decode('Cellar', floor)]).toEqual(['cellar', undefined, -1]);
  });
});

describe('without a way back', () => {
  test.each([
    ['before "@"', 'ada@contoso.com', ['ada']],
    ['before "@"', 'ada', ['ada']],
    ['before "@"', '@ada', []],
    ['after "@"', 'ada@contoso.com', ['contoso.com']],
    ['after "@"', 'ada', []],
    ['after "@"', 'ada@', []],
    ['ascii', 'Zoë Ångström-Łukasiewicz ß Æ ĳ 李', ['Zoe Angstrom-Lukasiewicz ss Ae ij ']],
    ['ascii', '李', []],
    ['truncate 3', 'a😀bc', ['a😀b']],
    ['replace "[^a-z]+" "-"', 'ab  c1', ['ab-c-']],
    ['replace "\\." ""', 'a.b.', ['ab']],
    ['replace "b" "$&"', 'abc', ['a$&c']],
    ['replace "^0+" ""', '0070', ['70']],
    ['split ";"', 'a;;b', ['a', 'b']],
    ['split ";" | trim | uppercase', 'a; b', ['A', 'B']],
    ['before "@" | ascii | lowercase | truncate 20', 'Zoë@contoso.com', ['zoe']],
  ])('%s of %j is %j', (pipe, text, values) => {
    expect(runPipe(text, parsePipe(pipe, 'generated'))).toEqual(values);
  });

  test('every printable ASCII character stays', () => {
    const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
    expect(runPipe(printable, parsePipe('ascii', 'generated'))).toEqual([printable]);
  });
});
