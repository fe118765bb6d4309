import fc from 'fast-check';

/** Any Unicode scalar value; `fc.string({ unit: 'binary' })` takes a second to set itself up. */
const scalar = fc.integer({ min: 0, max: 0x10ffff - 0x800 }).map((index) => String.fromCodePoint(index < 0xd800 ? index : index + 0x800));

/** Whatever the grammars of DNs, filters and LDIF treat as special, among harmless characters. */
const special = fc.constantFrom(...' ,+"\\<>;=#:*()&|!-/\0\t\r\n', '\x7f', '\u0085', '\ufeff', 'a', 'A', '2', 'é', 'И', '😀');

/** Well-formed text of all sorts, with a weight on what is special somewhere. */
export const anyText: fc.Arbitrary<string> = fc.string({ unit: fc.oneof(special, scalar) });

/** Bytes that are not UTF-8. */
export const anyOctets: fc.Arbitrary<Buffer> = fc.uint8Array().map((octets) => Buffer.from([0xff, ...octets]));
