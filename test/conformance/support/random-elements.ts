import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { LdapValue } from '../../../src/ldap/entry.ts';
import { standardSchema, USER_SCHEMA } from '../../../src/scim/schema.ts';

/** Values of `encoding: json` that are no element of anything: they are kept and not shown. */
const NO_ELEMENTS = ['skype:anna', '[1]', '{}', '{"value":', '{"primary":"perhaps"}', '{"value":{"value":["a"]}}', '{"colour":"red"}'];
const TYPES = fc.constantFrom('work', 'home', 'Work', 'other', 'mobile', 'aim', 'x');

/**
 * The elements of a list of the SCIM User, each as JSON that somebody wrote: members that are absent, in any order, in other types,
 * that nobody knows. One element at most is the primary one (RFC 7643 §2.4).
 */
export function elementsOf(attribute: string, text: fc.Arbitrary<string>, maxElements: number): fc.Arbitrary<readonly string[]> {
  const { subAttributes = [] } = standardSchema(USER_SCHEMA).attributes.find(({ name }) => name === attribute) ?? {};
  const others = subAttributes.filter(({ name }) => name !== 'primary' && name !== '$ref');
  const member = fc
    .constantFrom(...others.map(({ name }) => name))
    .chain((name) => fc.tuple(fc.constant(name), name === 'type' ? TYPES : text));
  const unknown = fc.constantFrom(['colour', 'red'] as const, ['since', 2001] as const, ['value ', 'a'] as const);
  const members = fc.uniqueArray(fc.oneof({ weight: 8, arbitrary: member }, { weight: 1, arbitrary: unknown }), {
    minLength: 1,
    maxLength: 4,
    selector: ([name]) => name,
  });
  const element = fc.tuple(members, fc.constantFrom(undefined, undefined, true, 'True', false, 'false'), fc.constantFrom('', ' '));
  return fc
    .array(fc.oneof({ weight: 8, arbitrary: element }, { weight: 1, arbitrary: fc.constantFrom(...NO_ELEMENTS) }), {
      maxLength: maxElements,
    })
    .map((list) => {
      const chosen = list.findIndex((each) => isPrimary(each));
      return list.map((each, index) => {
        if (typeof each === 'string') return each;
        const [held, primary, indent] = each;
        const isAnother = isPrimary(each) && index !== chosen;
        return JSON.stringify(
          { ...Object.fromEntries(held), ...(primary === undefined || isAnother ? {} : { primary }) },
          undefined,
          indent,
        );
      });
    });
}

function isPrimary(element: string | readonly [object, string | boolean | undefined, string]): boolean {
  return typeof element !== 'string' && String(element[1]).toLowerCase() === 'true';
}

const example = new URL('../../provisioning/support/rfc7643-8.3-enterprise-user.json', import.meta.url);
const CERTIFICATE = Buffer.from(JSON.parse(readFileSync(example, 'utf8')).x509Certificates[0].value, 'base64');
/** Of the example: an INTEGER of two octets. */
const SERIAL_NUMBER = Buffer.from([2, 2, 0x10, 0]);

/** The certificate of RFC 7643 §8.3 under one of some serial numbers: slapd reads certificates, but doesn't look at the signature. */
export const ANY_CERTIFICATE: fc.Arbitrary<LdapValue> = fc.constantFrom(0x1000, 0x1001, 0x1002, 0x7fff).map((serialNumber) => {
  const octets = Buffer.from(CERTIFICATE);
  octets.writeUInt16BE(serialNumber, octets.indexOf(SERIAL_NUMBER) + 2);
  return octets;
});
