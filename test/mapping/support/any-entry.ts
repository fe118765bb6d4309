import fc from 'fast-check';
import { caseIgnoreKey } from '../../../src/ldap/case-ignore.ts';
import { octetKey } from '../../../src/ldap/diff.ts';
import type { Entry, LdapValue } from '../../../src/ldap/entry.ts';
import { evaluateLdapFilter } from '../../../src/ldap/evaluate-ldap-filter.ts';
import type { Lens } from '../../../src/mapping/lens.ts';
import { withValuesAt } from '../../../src/mapping/place.ts';
import { isTextLens, type ResourcePlan } from '../../../src/mapping/plan.ts';
import { newObject, type ScimObject, type ScimValue } from '../../../src/scim/resource.ts';
import type { AttributeDefinition } from '../../../src/scim/schema.ts';
import { directorySchema } from './directory-schema.ts';
import { ada, bob, context, entryOf, OUTSIDER, staff } from './plans.ts';

/** Few values of each kind, so that they meet: equal ones, equal but for spelling, special characters, placeholders. */
export const text = fc.constantFrom('a', 'A', 'b', 'B c', 'b  c', 'é', 'É', '-', 'none', 'NONE', 'a,b+c="d"', '#x', ' lead', 'Σίσυφος');
export const ascii = fc.constantFrom('a', 'A', 'b@x.example', 'B@x.example', '-');
export const phone = fc.constantFrom('+49 30 1', '+49 301', '+49-30-1', '7');
export const dateTime = fc.constantFrom('2026-01-31T08:30:00Z', '2026-01-31T09:30:00+01:00', '2025-01-01T00:00:00.5Z');
const OFF = '000001010000Z';

/** Values that a client may send for a complex attribute. */
function anyElement({ subAttributes }: AttributeDefinition): fc.Arbitrary<ScimObject> {
  const anyValue = ({ type }: AttributeDefinition): fc.Arbitrary<ScimValue> =>
    type === 'boolean' ? fc.boolean() : fc.constantFrom('a', 'A', 'b@x.example', 'work');
  const values = subAttributes.slice(0, 4).map((sub) => fc.option(anyValue(sub)));
  return fc
    .tuple(...values)
    .filter((chosen) => chosen.some((value) => value !== null))
    .map((chosen) =>
      newObject(
        subAttributes.flatMap(({ name }, index) =>
          chosen[index] === undefined || chosen[index] === null ? [] : [[name, chosen[index]] as const],
        ),
      ),
    );
}

/** What pipes and tables make something of, and what they don't. */
const piped = fc.constantFrom('a$b', 'a\\5cb$c', 'a\\x', 'x;y', ' a ', 'E', 'Y', 'n', 'ab', 'a, b', 'x', '@x.Example', 'X-a', 'bd');

const octets = fc.constantFrom<LdapValue>('a', Buffer.from([0xff]), Buffer.from([0x30, 0x82, 0x01]));
const base64 = fc.constantFrom('YQ==', '/w==', 'MIIB');

/** What may stand in an LDAP attribute. */
function storedIn(attribute: string, lens: Lens | undefined): fc.Arbitrary<LdapValue> {
  if (lens?.kind === 'text' && lens.definition.type === 'binary') return octets;
  if (lens?.kind === 'text' && lens.definition.type === 'complex') {
    return fc.oneof(
      anyElement(lens.definition).map((element) => JSON.stringify(element)),
      fc.constantFrom('{', '"x"', '{ "value" : "a" }', '{"x":1}'),
    );
  }

  if (lens !== undefined && isTextLens(lens) && !lens.showsStored) return fc.oneof(text, piped);
  if (lens?.kind === 'state')
    return fc
      .constantFrom(OFF, 'gone', 'GONE', '20260131083000Z')
      .filter((value) => value !== 'gone' || attribute !== 'pwdAccountLockedTime');
  if (lens?.definition.type === 'decimal') return fc.constantFrom('1.5', '1.50', '7', 'x');
  if (lens?.definition.type === 'dateTime') return fc.oneof(dateTime, fc.constant('x'));
  switch (directorySchema.attributeType(attribute)?.syntax) {
    case '1.3.6.1.4.1.1466.115.121.1.7':
      return fc.constantFrom('TRUE', 'FALSE');
    case '1.3.6.1.4.1.1466.115.121.1.12':
      return fc.constantFrom(ada.dn, bob.dn, staff.dn, OUTSIDER, 'CN=nobody,DC=example,DC=org', bob.dn.toUpperCase());
    case '1.3.6.1.4.1.1466.115.121.1.26':
      return ascii;
    case '1.3.6.1.4.1.1466.115.121.1.27':
      return fc.constantFrom('0', '7', '-7');
    case '1.3.6.1.4.1.1466.115.121.1.50':
    case '1.3.6.1.4.1.1466.115.121.1.22':
      return phone;
    default:
      return text;
  }
}

/** Entries that others have made: what a class demands is there, several values where the schema allows them. */
export function anyEntry(plan: ResourcePlan): fc.Arbitrary<Entry> {
  const names = new Map(
    [...plan.lenses.flatMap(({ ldap }) => ldap ?? []), 'cn', 'sn', 'labeledURI'].map((name) => [name.toLowerCase(), name]),
  );
  names.delete('userpassword');
  const demanded = new Set(['cn', 'sn', 'member', plan.rdn.toLowerCase()]);
  const attributes = [...names].map(([key, name]) => {
    const lens = plan.lenses.find((each) => each.ldap?.toLowerCase() === key);
    const values = fc.uniqueArray(storedIn(name, lens), {
      minLength: demanded.has(key) ? 1 : 0,
      maxLength: directorySchema.attributeType(name)?.singleValue === true ? 1 : 3,
      comparator: (a, b) => isEqual(name, a, b),
    });
    return fc.tuple(fc.constant(name), values);
  });
  const classes = fc.constantFrom(plan.objectClasses, plan.objectClasses.slice(0, -1));
  const naming = fc.constantFrom(plan.rdn, 'cn', `cn+${plan.rdn}`);
  return fc.tuple(fc.tuple(...attributes), classes, naming).map(([chosen, objectClass, named]) => {
    const values = Object.fromEntries(chosen.filter(([, each]) => each.length > 0));
    const rdn = [...new Set(named.split('+'))].map((type) => `${type}=${escaped(String(values[type]?.at(-1) ?? ''))}`).join('+');
    return entryOf(
      { ...values, objectClass, createTimestamp: ['20260101000000Z'], modifyTimestamp: ['20260131083000Z'] },
      `${rdn},${plan.searchBases[0]}`,
    );
  });
}

export function isEqual(attribute: string, a: LdapValue, b: LdapValue): boolean {
  const holder = entryOf({ [attribute]: [a] });
  return octetKey(a) === octetKey(b) || evaluateLdapFilter({ kind: 'equality', attribute, value: b }, holder, directorySchema) === true;
}

function escaped(value: string): string {
  return [...Buffer.from(value)].map((octet) => `\\${octet.toString(16).padStart(2, '0')}`).join('');
}

/** What a client may send for a line. */
function sentTo(plan: ResourcePlan, lens: Lens): fc.Arbitrary<ScimValue> {
  const { kind, definition, ldap = '' } = lens;
  if (isTextLens(lens) && !lens.showsStored) return shownBy(lens, ldap);
  if (kind === 'state') return fc.boolean();
  if (kind === 'reference') {
    const ids = plan.target === 'groups' ? [ada.id, bob.id, staff.id] : [ada.id, bob.id];
    return fc.constantFrom(...ids).map((value) => newObject([['value', value]]));
  }
  switch (definition.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.constantFrom(0, 7, -7);
    case 'decimal':
      return fc.constantFrom(0, 7.5, -1e3);
    case 'dateTime':
      return dateTime;
    case 'binary':
      return base64;
    case 'complex':
      return anyElement(definition);
    default:
      return storedIn(ldap, undefined).map(String);
  }
}

/** What a line shows of something that may be stored. */
function shownBy(lens: Lens, ldap: string): fc.Arbitrary<ScimValue> {
  const values = fc.uniqueArray(storedIn(ldap, lens), { minLength: 1, maxLength: 3, comparator: (a, b) => isEqual(ldap, a, b) });
  return values.map((stored) => lens.get(entryOf({ [ldap]: stored }), context)[0]).filter((value) => value !== undefined);
}

/** Whether a list can't hold two values: the directory, or a client that doesn't look at letter case, would take them for one. */
function isSame(lens: Lens, a: ScimValue, b: ScimValue): boolean {
  if (typeof a !== 'string' || typeof b !== 'string') return JSON.stringify(a) === JSON.stringify(b);
  const [one = a, other = b] = [a, b].map((value) => lens.put([value], entryOf({}), context)?.values[0]);
  const areAlike = !lens.definition.caseExact && caseIgnoreKey(String(one)) === caseIgnoreKey(String(other));
  return areAlike || isEqual(lens.ldap ?? '', one, other);
}

/** Resources with some of the mapped attributes; a list holds no two values that are the same to the directory. */
export function anyResource(plan: ResourcePlan): fc.Arbitrary<ScimObject> {
  const sent = plan.lenses.filter((lens) => isTwoWay(lens));
  const values = sent.map((lens) => {
    const single = lens.place.kind !== 'list';
    const required = lens.definition.required;
    return fc.uniqueArray(sentTo(plan, lens), {
      minLength: required ? 1 : 0,
      maxLength: single ? 1 : 3,
      comparator: (a, b) => isSame(lens, a, b),
    });
  });
  return fc
    .tuple(...values)
    .map((chosen) => sent.reduce((resource, lens, index) => withValuesAt(lens.place, resource, chosen[index] ?? []), newObject()));
}

export function isTwoWay({ kind, definition }: Lens): boolean {
  return kind !== 'constant' && kind !== 'password' && definition.mutability !== 'readOnly';
}
