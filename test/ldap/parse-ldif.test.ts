import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Modification } from '../../src/ldap/change.ts';
import { makeEntry } from '../../src/ldap/entry.ts';
import { formatChanges, formatEntry } from '../../src/ldap/format-ldif.ts';
import { type LdifEntry, type LdifRecord, LdifSyntaxError, parseLdif } from '../../src/ldap/parse-ldif.ts';
import { anyOctets, anyText } from './support/any-text.ts';
import { thrownBy } from './support/thrown-by.ts';

const entry = (...attributes: LdifEntry['attributes']): LdifEntry => ({ kind: 'entry', dn: 'cn=a', attributes });

describe('parseLdif reads', () => {
  test.each<[string, string, readonly LdifRecord[]]>([
    ['nothing', '', []],
    ['only comments', '# one\n\n# two\n two, continued\n', []],
    ['only a version', 'version: 1\n', []],
    ['a version and an entry', 'version: 1\ndn: cn=a\ncn: a\n', [entry({ name: 'cn', values: ['a'] })]],
    ['a version by itself', 'version: 1\n\ndn: cn=a\n', [entry()]],
    ['a comment before the version', '# hello\n\nversion: 1\ndn: cn=a\n', [entry()]],
    ['Windows line ends', 'dn: cn=a\r\ncn: a\r\n\r\ndn: cn=a\r\n', [entry({ name: 'cn', values: ['a'] }), entry()]],
    ['several blank lines', '\n\ndn: cn=a\n\n\n\ndn: cn=a\n\n', [entry(), entry()]],
    ['folded lines', 'dn: c\n n=\n a\ncn: a\n  b\n', [entry({ name: 'cn', values: ['a b'] })]],
    ['comments between lines', '# a\ndn: cn=a\n# b\n #c\ncn: a\n', [entry({ name: 'cn', values: ['a'] })]],
    [
      'base64',
      'dn:: Y249YQ==\ncn:: w6k=\nphoto:: /9g=\n',
      [entry({ name: 'cn', values: ['é'] }, { name: 'photo', values: [Buffer.from([0xff, 0xd8])] })],
    ],
    ['UTF-8 as it is', 'dn: cn=a\ncn: Иван 😀\n', [entry({ name: 'cn', values: ['Иван 😀'] })]],
    ['empty values', 'dn: cn=a\ncn:\nsn: \n', [entry({ name: 'cn', values: [''] }, { name: 'sn', values: [''] })]],
    ['blanks around a value', 'dn: cn=a\ncn:   a \nsn:a\n', [entry({ name: 'cn', values: ['a '] }, { name: 'sn', values: ['a'] })]],
    ['colons in a value', 'dn: cn=a\nlabeledURI: http://x:1\n', [entry({ name: 'labeledURI', values: ['http://x:1'] })]],
    [
      'an attribute on several lines',
      'dn: cn=a\ncn: a\nsn: s\nCN: b\n',
      [entry({ name: 'cn', values: ['a', 'b'] }, { name: 'sn', values: ['s'] })],
    ],
    ['names that objects have', 'dn: cn=a\nconstructor: a\n', [entry({ name: 'constructor', values: ['a'] })]],
    ['options and OIDs', 'dn: cn=a\n2.5.4.3;lang-de: a\n', [entry({ name: '2.5.4.3;lang-de', values: ['a'] })]],
    ['no DN syntax of its own', 'dn: <GUID=1>\n', [{ kind: 'entry', dn: '<GUID=1>', attributes: [] }]],
    ['an add', 'DN: cn=a\nChangeType: Add\ncn: a\n', [{ kind: 'add', dn: 'cn=a', attributes: [{ name: 'cn', values: ['a'] }] }]],
    ['a delete', 'dn: cn=a\nchangetype: delete\n', [{ kind: 'delete', dn: 'cn=a' }]],
    [
      'a modify',
      'dn: cn=a\nchangetype: modify\nadd: cn\ncn: b\nCN: c\n-\ndelete: sn\n-\nReplace: l\nl:: w6k=\n',
      [
        {
          kind: 'modify',
          dn: 'cn=a',
          modifications: [
            { operation: 'add', attribute: 'cn', values: ['b', 'c'] },
            { operation: 'delete', attribute: 'sn', values: [] },
            { operation: 'replace', attribute: 'l', values: ['é'] },
          ],
        },
      ],
    ],
    [
      'a rename and a move',
      'dn: cn=a\nchangetype: modrdn\nnewrdn: cn=b\ndeleteoldrdn: 1\n\ndn: cn=a\nchangetype: moddn\nnewrdn: cn=b\ndeleteoldrdn: 1\nnewsuperior: dc=x\n',
      [
        { kind: 'rename', dn: 'cn=a', newRdn: 'cn=b' },
        { kind: 'rename', dn: 'cn=a', newRdn: 'cn=b', newSuperior: 'dc=x' },
      ],
    ],
  ])('%s', (_what, text, records) => {
    expect(parseLdif(text)).toEqual(records);
  });
});

describe('parseLdif refuses', () => {
  const change = (type: string, ...lines: readonly string[]): string => ['dn: cn=a', `changetype: ${type}`, ...lines].join('\n');
  test.each([
    ['a record without dn', '\n# x\n\ncn: a\n', 4, 'begins with "dn:"'],
    ['a line without colon', 'dn: cn=a\n\ndn: cn=a\ncn\n', 4, 'a name, a colon and a value'],
    ['a line without name', 'dn: cn=a\n: x', 2, 'a name, a colon and a value'],
    ['a blank before the colon', 'dn: cn=a\ncn : x', 2, 'a name, a colon and a value'],
    ['a continuation of nothing', 'dn: cn=a\n\n cn: a', 3, 'a name, a colon and a value'],
    ['the first line of a folded one', 'dn: cn=a\ncn\n a\nsn: s', 2, 'a name, a colon and a value'],
    ['another version', 'version: 2\ndn: cn=a', 1, 'version 1'],
    ['bad base64', 'dn: cn=a\ncn:: a', 2, 'not base64'],
    ['base64 with other characters', 'dn: cn=a\ncn:: YW!h', 2, 'not base64'],
    ['a DN of bytes', 'dn:: /w==', 1, 'must be UTF-8'],
    ['a URL', 'dn: cn=a\ncn:< file:///etc/passwd', 2, 'not read from URLs'],
    ['a control', 'dn: cn=a\ncontrol: 1.2.3 true\nchangetype: delete', 2, '"control" has no place'],
    ['a missing blank line', 'dn: cn=a\ncn: a\ndn: cn=b', 3, '"dn" has no place'],
    ['a late changetype', 'dn: cn=a\ncn: a\nchangetype: add', 3, '"changetype" has no place'],
    ['a dash in an entry', 'dn: cn=a\ncn: a\n-', 3, '"-" has no place'],
    ['an unknown change type', change('increment'), 2, 'change type'],
    ['a delete with more', change('delete', 'cn: a'), 3, 'end of the record'],
    ['an unknown modification', change('modify', 'increment: uidNumber'), 3, '"add:", "delete:" or "replace:"'],
    ['a modification of no attribute', change('modify', 'add: c n'), 3, 'must name an attribute'],
    ['a value of another attribute', change('modify', 'add: cn', 'sn: b'), 4, 'a value of "cn" or "-"'],
    ['two dashes', change('modify', 'add: cn', 'cn: b', '-', '-'), 6, '"add:", "delete:" or "replace:"'],
    ['a rename to nothing', change('modrdn'), 2, '"newrdn:"'],
    ['a rename without deleteoldrdn', change('modrdn', 'newrdn: cn=b'), 3, '"deleteoldrdn: 1"'],
    ['a rename that keeps the old value', change('modrdn', 'newrdn: cn=b', 'deleteoldrdn: 0'), 4, '"deleteoldrdn: 1"'],
    ['a rename with something else', change('modrdn', 'newrdn: cn=b', 'deleteoldrdn: 1', 'cn: x'), 5, '"newsuperior:"'],
    ['a move with more', change('modrdn', 'newrdn: cn=b', 'deleteoldrdn: 1', 'newsuperior: dc=x', 'cn: x'), 6, 'end of the record'],
  ])('%s', (_what, text, line, reason) => {
    const error = thrownBy(() => parseLdif(text));
    expect(error).toBeInstanceOf(LdifSyntaxError);
    expect(error).toMatchObject({ line, reason: expect.stringContaining(reason) });
  });
});

describe('what was formatted is read back', () => {
  const value = fc.oneof(anyText, anyOctets);
  const name = fc.constantFrom('cn', 'sn', 'cn;lang-de', '2.5.4.3', 'userPassword', 'constructor');
  const attributes = fc.uniqueArray(fc.record({ name, values: fc.array(value, { minLength: 1, maxLength: 3 }) }), {
    maxLength: 4,
    selector: (attribute) => attribute.name,
  });
  const operation = fc.constantFrom('add', 'delete', 'replace');
  const modification: fc.Arbitrary<Modification> = fc.record({ operation, attribute: name, values: fc.array(value, { maxLength: 3 }) });
  const change: fc.Arbitrary<Exclude<LdifRecord, LdifEntry>> = fc.oneof(
    fc.record({ kind: fc.constant('add'), dn: anyText, attributes }),
    fc.record({ kind: fc.constant('modify'), dn: anyText, modifications: fc.array(modification, { maxLength: 4 }) }),
    fc.record({ kind: fc.constant('rename'), dn: anyText, newRdn: anyText }),
    fc.record({ kind: fc.constant('rename'), dn: anyText, newRdn: anyText, newSuperior: anyText }),
    fc.record({ kind: fc.constant('delete'), dn: anyText }),
  );
  const format = fc.record({ secretAttributes: fc.constant(new Set<string>()), foldAt: fc.integer({ min: 1, max: 80 }) });

  test('changes', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), format, (changes, how) => {
        expect(parseLdif(formatChanges(changes, how))).toEqual(changes);
      }),
    );
  });

  test('entries', () => {
    fc.assert(
      fc.property(anyText, attributes, format, (dn, list, how) => {
        const original = makeEntry(dn, list);
        const [read] = parseLdif(formatEntry(original, how));
        expect(read?.kind === 'entry' && makeEntry(read.dn, read.attributes)).toEqual(original);
      }),
    );
  });
});

test('200,000 values and a long value are read in linear time', { timeout: 2_000 }, () => {
  const values = Array.from({ length: 200_000 }, (_, index) => `v${index}`);
  const [read] = parseLdif(`dn: cn=a\n${values.map((value) => `cn: ${value}\n`).join('')}sn: ${'x\n '.repeat(200_000)}`);
  expect(read?.kind === 'entry' && read.attributes.map((attribute) => attribute.values.length)).toEqual([200_000, 1]);
});
