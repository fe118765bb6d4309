import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/ldap/change.ts';
import { makeEntry } from '../../src/ldap/entry.ts';
import { formatChanges, formatEntry, PASSWORD_ATTRIBUTES } from '../../src/ldap/format-ldif.ts';

const dn = 'uid=ada,ou=people,dc=example,dc=org';
const assertion = { kind: 'equality', attribute: 'entryCSN', value: 'x)\n' } as const;

describe('formatChanges', () => {
  test.each<[string, readonly Change[], readonly string[]]>([
    ['no change', [], []],
    [
      'an add',
      [
        {
          kind: 'add',
          dn,
          attributes: [
            { name: 'objectClass', values: ['top', 'person'] },
            { name: 'sn', values: ['Lovelace'] },
          ],
        },
      ],
      [`dn: ${dn}`, 'changetype: add', 'objectClass: top', 'objectClass: person', 'sn: Lovelace', ''],
    ],
    [
      'a modify',
      [
        {
          kind: 'modify',
          dn,
          modifications: [
            { operation: 'replace', attribute: 'title', values: ['Countess'] },
            { operation: 'delete', attribute: 'mail', values: [] },
            { operation: 'add', attribute: 'cn;lang-de', values: ['a', 'b'] },
          ],
        },
      ],
      [
        `dn: ${dn}`,
        'changetype: modify',
        'replace: title',
        'title: Countess',
        '-',
        'delete: mail',
        '-',
        'add: cn;lang-de',
        'cn;lang-de: a',
        'cn;lang-de: b',
        '-',
        '',
      ],
    ],
    [
      'a modify under conditions',
      [{ kind: 'modify', dn, modifications: [], assertion, permissive: true }],
      [
        String.raw`# only while (entryCSN=x\29\0a)`,
        '# adding a value that is there succeeds (permissive modify)',
        `dn: ${dn}`,
        'changetype: modify',
        '',
      ],
    ],
    [
      'a rename, a move and a delete in their order',
      [
        { kind: 'rename', dn, newRdn: 'uid=countess', assertion },
        { kind: 'rename', dn, newRdn: 'uid=ada', newSuperior: 'ou=gone,dc=example,dc=org' },
        { kind: 'delete', dn, assertion },
      ],
      [
        String.raw`# only while (entryCSN=x\29\0a)`,
        `dn: ${dn}`,
        'changetype: modrdn',
        'newrdn: uid=countess',
        'deleteoldrdn: 1',
        '',
        `dn: ${dn}`,
        'changetype: modrdn',
        'newrdn: uid=ada',
        'deleteoldrdn: 1',
        'newsuperior: ou=gone,dc=example,dc=org',
        '',
        String.raw`# only while (entryCSN=x\29\0a)`,
        `dn: ${dn}`,
        'changetype: delete',
        '',
      ],
    ],
    [
      'a password change, without the password and in one line',
      [{ kind: 'password', dn: 'cn=a\nb', newPassword: 'correct horse' }],
      [String.raw`# password modify (RFC 3062) for cn=a\0ab`, ''],
    ],
    [
      'passwords among the attributes, masked',
      [{ kind: 'add', dn, attributes: [{ name: 'userPassword;x-a', values: ['s3cret', Buffer.from([0xff])] }] }],
      [`dn: ${dn}`, 'changetype: add', 'userPassword;x-a: ********', 'userPassword;x-a: ********', ''],
    ],
  ])('%s', (_what, changes, lines) => {
    expect(formatChanges(changes)).toBe(lines.join('\n'));
  });
});

describe('a value is printed as', () => {
  test.each<[string, string | Buffer, string]>([
    ['text', 'Ada: <Countess>', 'cn: Ada: <Countess>'],
    ['nothing', '', 'cn:'],
    ['a leading blank', ' Ada', 'cn:: IEFkYQ=='],
    ['a trailing blank', 'Ada ', 'cn:: QWRhIA=='],
    ['a single blank', ' ', 'cn:: IA=='],
    ['a leading colon', ':Ada', 'cn:: OkFkYQ=='],
    ['a leading <', '<Ada', 'cn:: PEFkYQ=='],
    ['a line break', 'a\nb', 'cn:: YQpi'],
    ['a line that could begin a record', 'a\n\ndn: cn=b', 'cn:: YQoKZG46IGNuPWI='],
    ['a control character', '\x1b[2J', 'cn:: G1sySg=='],
    ['Cyrillic', 'Иван', 'cn:: 0JjQstCw0L0='],
    ['an emoji', '😀', 'cn:: 8J+YgA=='],
    ['bytes', Buffer.from([0xff, 0]), 'cn:: /wA='],
    ['bytes that are text', Buffer.from('Ada'), 'cn:: QWRh'],
  ])('%s', (_what, value, line) => {
    expect(formatEntry(makeEntry('', [{ name: 'cn', values: [value] }]))).toBe(`dn:\n${line}\n`);
  });
});

test('a DN that is not ASCII is printed as base64', () => {
  expect(formatEntry(makeEntry('cn=é', []))).toBe('dn:: Y249w6k=\n');
});

test('the caller says what is secret', () => {
  const entry = makeEntry('', [
    { name: 'userPassword', values: ['s3cret'] },
    { name: 'pin', values: ['1234'] },
  ]);
  const both = new Set([...PASSWORD_ATTRIBUTES, 'pin']);
  expect(formatEntry(entry, { secretAttributes: both })).toBe('dn:\nuserpassword: ********\npin: ********\n');
  expect(formatEntry(entry, { secretAttributes: new Set() })).toBe('dn:\nuserpassword: s3cret\npin: 1234\n');
});

test.each([
  [76, `cn: ${'x'.repeat(72)}\n ${'x'.repeat(75)}\n ${'x'.repeat(3)}`],
  [154, `cn: ${'x'.repeat(150)}`],
  [153, `cn: ${'x'.repeat(149)}\n x`],
])('a line is folded at column %i', (foldAt, lines) => {
  expect(formatEntry(makeEntry('', [{ name: 'cn', values: ['x'.repeat(150)] }]), { foldAt })).toBe(`dn:\n${lines}\n`);
});
