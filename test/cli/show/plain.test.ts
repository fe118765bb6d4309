import { describe, expect, it } from 'vitest';
import { formatFlat, formatSettings, formatTable, toPlain } from '../../../src/cli/show/plain.ts';

describe('toPlain', () => {
  it.each([
    ['a map', new Map([['a', new Map([['b', true]])]]), { a: { b: true } }],
    ['flags', { bit: 2n, initial: 512n }, { bit: '0x2', initial: '0x200' }],
    ['what is not there', { a: undefined, b: 'x' }, { b: 'x' }],
    ['a duration', { timeout: 10_000 }, { timeout: '10s' }],
    ['a point in time', { expires: 0 }, { expires: '1970-01-01T00:00:00.000Z' }],
    ['an address', { host: '::1', port: 8080 }, '[::1]:8080'],
    ['a network', { address: '10.0.0.0', prefix: 8 }, '10.0.0.0/8'],
    ['where a secret is kept', { kind: 'secret', secret: { kind: 'env', name: 'TOKEN' } }, { env: 'TOKEN' }],
    ['a hash', { kind: 'hash', sha256: '0123456789abcdef' }, 'sha256:01234567…'],
  ])('%s', (_what, value, plain) => {
    expect(toPlain(value)).toEqual(plain);
  });
});

describe('a line of text', () => {
  it.each([
    [[], 'none'],
    [['a', 'b'], 'a, b'],
    [{ below: [], matching: ['(a=b)'] }, '{ below: none, matching: [(a=b)] }'],
    [{ base: 'ou=a,dc=b' }, "{ base: 'ou=a,dc=b' }"],
    ['ou=a,dc=b', 'ou=a,dc=b'],
  ])('of %j', (plain, text) => {
    expect(formatFlat(plain)).toBe(text);
  });

  it('is broken up where it would be too long', () => {
    const long = Array.from({ length: 30 }, (_, index) => `item${index}`);
    expect(formatSettings({ short: 'a', long })).toMatch(/^short {2}a\nlong\n {2}- item0\n {2}- item1\n/);
  });
});

describe('formatTable', () => {
  it('puts columns under each other, without blanks at the end', () => {
    expect(
      formatTable(
        [
          ['a', 'bb', ''],
          ['aaa', 'b', 'c'],
        ],
        '  ',
      ),
    ).toBe('  a    bb\n  aaa  b   c\n');
  });
});
