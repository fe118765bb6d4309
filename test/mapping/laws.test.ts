import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { octetKey } from '../../src/ldap/diff.ts';
import { type Entry, type LdapValue, valuesOf } from '../../src/ldap/entry.ts';
import type { Lens } from '../../src/mapping/lens.ts';
import { valuesAt, withValuesAt } from '../../src/mapping/place.ts';
import { plansOf, type ResourcePlan } from '../../src/mapping/plan.ts';
import { translateFilter } from '../../src/mapping/translate-filter.ts';
import { planCreate, planUpdate } from '../../src/mapping/write-entry.ts';
import { evaluateFilter } from '../../src/scim/evaluate-filter.ts';
import { formatAttributePath } from '../../src/scim/format-filter.ts';
import type { JsonValue } from '../../src/scim/json.ts';
import { parseFilter } from '../../src/scim/parse-filter.ts';
import { readResource } from '../../src/scim/read-resource.ts';
import { newObject, type ScimObject, type ScimValue } from '../../src/scim/resource.ts';
import type { AttributeDefinition } from '../../src/scim/schema.ts';
import { takingNotes } from '../scim/support/patching.ts';
import { evaluateLdapFilter } from '../support/evaluate-ldap-filter.ts';
import { directorySchema } from './support/directory-schema.ts';
import { ada, bob, context, describePlan, entryOf, OUTSIDER, read, shippedPlan, staff, usersPlan } from './support/plans.ts';
import { carryOut } from './support/strict-directory.ts';

/** Everything that our lines can do, in one section: the shipped files use only part of it. */
const everything = usersPlan({
  attributes: {
    userName: 'uid',
    externalId: 'scimExternalId',
    'name.formatted': 'cn',
    'name.familyName': { ldap: 'sn', whenEmpty: 'None' },
    'name.honorificPrefix': { kind: 'constant', constant: 'Dr' },
    displayName: { ldap: 'displayName', whenEmpty: '-' },
    nickName: 'testTag',
    'emails[type eq "work"].value': 'mail',
    'emails[type eq "work"].primary': { kind: 'constant', constant: 'true' },
    'emails[type eq "home"].value': 'scimOtherMail',
    'emails[type eq "home"].display': 'description',
    'phoneNumbers[type eq "fax"].value': 'facsimileTelephoneNumber',
    'roles.value': 'businessCategory',
    'urn:example:scim:schemas:extension:acme:2.0:User:count': 'testCount',
    'urn:example:scim:schemas:extension:acme:2.0:User:weight': 'title',
    'urn:example:scim:schemas:extension:acme:2.0:User:hired': 'employeeType',
    'urn:example:scim:schemas:extension:acme:2.0:User:onSite': 'scimActive',
    'urn:example:scim:schemas:extension:acme:2.0:User:skills': 'carLicense',
    'urn:example:scim:schemas:extension:acme:2.0:User:id': 'employeeNumber',
    manager: { kind: 'reference', ldap: 'manager', refersTo: ['users'], unresolved: 'ignore' },
    active: { kind: 'state', ldap: 'departmentNumber', inactive: 'gone', active: 'here' },
    password: { kind: 'password', ldap: 'userPassword', method: 'plain' },
  },
  generated: {
    cn: { templates: ['{displayName}', '{userName}'], write: 'always' },
    labeledURI: { templates: ['https://people.example.org/{ldap:uid}'], write: 'once' },
  },
  section: { objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'scimObject', 'testObject'] },
  schemas: new Map([
    [
      'urn:example:scim:schemas:extension:acme:2.0:User',
      {
        extends: 'User',
        attributes: new Map([
          ['count', { type: 'integer', multiValued: false }],
          ['weight', { type: 'decimal', multiValued: false }],
          ['hired', { type: 'dateTime', multiValued: false }],
          ['onSite', { type: 'boolean', multiValued: false }],
          ['skills', { type: 'string', multiValued: true }],
          ['id', { type: 'string', multiValued: false }],
        ]),
      },
    ],
  ]),
});

const plans: readonly (readonly [name: string, plan: ResourcePlan])[] = [
  ...readdirSync('config/mappings').flatMap((file) => plansOf(shippedPlan(file)).map((plan) => [`${file} ${plan.target}`, plan] as const)),
  ['everything at once', everything],
];

const text = fc.constantFrom('a', 'A', 'b', 'B c', 'b  c', 'é', 'É', '-', 'none', 'NONE', 'a,b+c="d"', '#x', ' lead', 'Σίσυφος');
const ascii = fc.constantFrom('a', 'A', 'b@x.example', 'B@x.example', '-');
const phone = fc.constantFrom('+49 30 1', '+49 301', '+49-30-1', '7');
const dateTime = fc.constantFrom('2026-01-31T08:30:00Z', '2026-01-31T09:30:00+01:00', '2025-01-01T00:00:00.5Z');
const OFF = '000001010000Z';

/** Values that a client may send for a complex attribute. */
function anyElement({ subAttributes }: AttributeDefinition): fc.Arbitrary<ScimObject> {
  const values = subAttributes
    .slice(0, 4)
    .map((sub) => fc.option(sub.type === 'boolean' ? fc.boolean() : fc.constantFrom('a', 'A', 'b@x.example', 'work')));
  return fc
    .tuple(...values)
    .filter((chosen) => chosen.some((value) => value !== null))
    .map((chosen) =>
      newObject(subAttributes.flatMap(({ name }, index) => (chosen[index] == null ? [] : [[name, chosen[index]] as const]))),
    );
}

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
function anyEntry(plan: ResourcePlan): fc.Arbitrary<Entry> {
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
      `${rdn},${plan.base}`,
    );
  });
}

function isEqual(attribute: string, a: LdapValue, b: LdapValue): boolean {
  const holder = entryOf({ [attribute]: [a] });
  return octetKey(a) === octetKey(b) || evaluateLdapFilter({ kind: 'equality', attribute, value: b }, holder, directorySchema) === true;
}

function escaped(value: string): string {
  return [...Buffer.from(value)].map((octet) => `\\${octet.toString(16).padStart(2, '0')}`).join('');
}

/** What a client may send for a line. */
function sentTo(plan: ResourcePlan, { kind, definition, ldap = '' }: Lens): fc.Arbitrary<ScimValue> {
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

/** Resources with some of the mapped attributes; a list holds no two values that are the same to the directory. */
function anyResource(plan: ResourcePlan): fc.Arbitrary<ScimObject> {
  const sent = plan.lenses.filter((lens) => isTwoWay(lens));
  const values = sent.map((lens) => {
    const single = lens.place.kind !== 'list';
    const required = lens.definition.required;
    return fc.uniqueArray(sentTo(plan, lens), {
      minLength: required ? 1 : 0,
      maxLength: single ? 1 : 3,
      comparator: (a, b) =>
        typeof a === 'string' && typeof b === 'string' ? isEqual(lens.ldap ?? '', a, b) : JSON.stringify(a) === JSON.stringify(b),
    });
  });
  return fc
    .tuple(...values)
    .map((chosen) =>
      sent.reduce((resource, lens, index) => withValuesAt(lens.place, resource, chosen[index] ?? []), newObject() as ScimObject),
    );
}

function isTwoWay({ kind, definition }: Lens): boolean {
  return kind !== 'constant' && kind !== 'password' && definition.mutability !== 'readOnly';
}

/** A name that stands for "nothing", as the lines have it. */
const PLACEHOLDER = /^(-|none)$/i;

/** What is shown of a line when a resource was stored: placeholders are nothing. */
function shownOf(plan: ResourcePlan, lens: Lens, resource: ScimObject): readonly unknown[] {
  const values = valuesAt(lens.place, resource);
  if (lens.kind === 'reference') return values.map((value) => (value as ScimObject)['value']).toSorted();
  const usesPlaceholder =
    lens.kind === 'text' && ['sn', 'displayName'].includes(lens.ldap ?? '') && placeholderOf(plan, lens) !== undefined;
  const visible = usesPlaceholder ? values.filter((value) => String(value).toLowerCase() !== placeholderOf(plan, lens)) : values;
  return lens.place.kind === 'list' ? visible.map((value) => JSON.stringify(sorted(value))).toSorted() : visible;
}

function sorted(value: ScimValue): unknown {
  return typeof value === 'object' ? Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)) : value;
}

/** What the line writes when there is nothing, found out by asking it. */
function placeholderOf(_plan: ResourcePlan, lens: Lens): string | undefined {
  const [value] = lens.put([], entryOf({}), context)?.values ?? [];
  return typeof value === 'string' && PLACEHOLDER.test(value) ? value.toLowerCase() : undefined;
}

describe.each(plans)('%s', (_name, plan) => {
  const numRuns = 150;

  test('an LDAP attribute has one owner', () => {
    const owned = plan.lenses.filter((lens) => lens.definition.mutability !== 'readOnly').flatMap(({ ldap }) => ldap?.toLowerCase() ?? []);
    expect(owned.toSorted()).toEqual([...new Set(owned)].toSorted());
  });

  test('putting back what was read changes nothing', () => {
    fc.assert(
      fc.property(anyEntry(plan), (entry) => {
        const before = read(plan, entry);
        expectNothingToDo(plan, entry, before, before);
        // Through the wire, as an Okta client puts it back; what is required may be missing in what others made.
        fc.pre(plan.lenses.every((lens) => !lens.definition.required || valuesAt(lens.place, before).length > 0));
        const sent = readResource(JSON.parse(JSON.stringify(before)) as JsonValue, plan.resourceType, takingNotes('reject'));
        expectNothingToDo(plan, entry, before, sent);
      }),
      { numRuns },
    );
  });

  test('what is created is read', () => {
    fc.assert(
      fc.property(anyResource(plan), (resource) => {
        const { changes } = planCreate(plan, resource, context);
        const entry = carryOut(
          undefined,
          changes.map(({ change }) => change),
          directorySchema,
        );
        expectShown(plan, entry, resource);
      }),
      { numRuns },
    );
  });

  test('what is put is read, and putting it twice is putting it once', () => {
    fc.assert(
      fc.property(anyEntry(plan), anyResource(plan), (entry, resource) => {
        const before = read(plan, entry);
        // A generated value is exchanged when what it is made of changes: the client can't tell that it wants the old one.
        fc.pre(formatted(before) !== formatted(resource) || formatted(resource) === undefined);
        fc.pre(!takesAnotherSpelling(plan, entry, resource));
        const { changes, dn } = planUpdate(plan, plan.lenses, entry, before, resource, context);
        const after = carryOut(
          entry,
          changes.map(({ change }) => change),
          directorySchema,
        );
        expect(isEqual('manager', after.dn, dn)).toBe(true);
        expectShown(plan, after, resource);
        expectNothingToDo(plan, after, read(plan, after), resource);
      }),
      { numRuns },
    );
  });

  test('undoing the steps of a write brings back what was shown', () => {
    fc.assert(
      fc.property(anyEntry(plan), anyResource(plan), (entry, resource) => {
        const { changes } = planUpdate(plan, plan.lenses, entry, read(plan, entry), resource, context);
        const steps = changes.map(({ change }) => change);
        const undo = changes.flatMap((change) => change.undo ?? []).toReversed();
        const { [`schemas`]: _schemas, ...shown } = read(plan, carryOut(carryOut(entry, steps, directorySchema), undo, directorySchema));
        expect(shown).toEqual(expect.objectContaining({ id: ada.id }));
        expect({ ...shown }).toEqual(withoutSchemas(read(plan, entry)));
      }),
      { numRuns },
    );
  });

  test('a filter finds what it selects', () => {
    const found = { exact: 0, all: 0 };
    fc.assert(
      fc.property(anyFilter(plan), fc.array(anyEntry(plan), { minLength: 1, maxLength: 4 }), (filterText, entries) => {
        const filter = parseFilter(filterText, plan.resourceType);
        const match = translateFilter(filter, plan, context);
        found.all += 1;
        found.exact += match.exact ? 1 : 0;
        for (const entry of entries) {
          const resource = read(plan, entry);
          const selected = evaluateLdapFilter(match.filter, entry, directorySchema) === true;
          const wanted = evaluateFilter(filter, resource);
          const why = () =>
            `${filterText} → ${JSON.stringify(match)} on ${JSON.stringify([...entry.attributes])} shown as ${JSON.stringify(resource)}`;
          if (match.exact) expect(selected, why()).toBe(wanted);
          else if (wanted) expect(selected, why()).toBe(true);
        }
      }),
      { numRuns: 600 },
    );
    expect(found.exact / found.all).toBeGreaterThan(0.05);
  });
});

function withoutSchemas({ schemas: _schemas, ...rest }: ScimObject): object {
  return rest;
}

/** A new name that the entry has already, spelled otherwise, beside its present name: the directory keeps that spelling. */
function takesAnotherSpelling(plan: ResourcePlan, entry: Entry, resource: ScimObject): boolean {
  const sent = plan.lenses.flatMap(({ place }) => valuesAt(place, resource)).filter((value) => typeof value === 'string');
  return ['cn', plan.rdn].some((name) =>
    valuesOf(entry, name).some((value) => sent.some((each) => each !== value && isEqual(name, each, String(value)))),
  );
}

function formatted(resource: ScimObject): unknown {
  return (resource['name'] as ScimObject | undefined)?.['formatted'];
}

function expectNothingToDo(plan: ResourcePlan, entry: Entry, before: ScimObject, after: ScimObject): void {
  fc.pre(plan.lenses.every((lens) => !lens.definition.required || valuesAt(lens.place, after).length > 0));
  expect(describePlan(planUpdate(plan, plan.lenses, entry, before, after, context))).toEqual([]);
}

function expectShown(plan: ResourcePlan, entry: Entry, resource: ScimObject): void {
  const shown = read(plan, entry);
  for (const lens of plan.lenses.filter(isTwoWay)) {
    const wanted = shownOf(plan, lens, resource);
    const isFilledIn = wanted.length === 0 && plan.generated.some((line) => line.ldap === lens.ldap);
    // Nothing said about its state: an entry stays as it is.
    const isLeftAlone = lens.kind === 'state' && valuesAt(lens.place, resource).length === 0;
    if (!isFilledIn && !isLeftAlone) expect([lens.path, shownOf(plan, lens, shown)]).toEqual([lens.path, wanted]);
  }
}

/** Filters over what is mapped: each path with and without its brackets, combined. */
function anyFilter(plan: ResourcePlan): fc.Arbitrary<string> {
  const paths = new Set<string>(['id', 'meta.created', 'meta.lastModified', 'meta.version']);
  const brackets = new Map<string, Set<string>>();
  for (const { kind, place } of plan.lenses) {
    if (kind === 'password') continue;
    const { schema, isExtension, attribute, sub } = place.path;
    const whole = { schema, isExtension, attribute };
    paths.add(formatAttributePath(sub === undefined ? whole : { ...whole, sub }));
    for (const each of attribute.subAttributes) {
      const isAsked = place.kind === 'element' ? place.description.has(each) : kind === 'reference';
      if (isAsked) paths.add(formatAttributePath({ ...whole, sub: each }));
    }
    if (attribute.type !== 'complex') continue;
    const names = brackets.get(formatAttributePath(whole)) ?? new Set(attribute.subAttributes.map((each) => each.name));
    brackets.set(formatAttributePath(whole), names);
  }
  const literal = fc
    .oneof(
      text,
      ascii,
      phone,
      dateTime,
      fc.constantFrom(
        'work',
        'WORK ',
        'home',
        'fax',
        'User',
        ada.id,
        bob.id,
        staff.id,
        'True',
        'false',
        '7',
        '1.5',
        'Dr',
        '2026-01-31T08:30:00Z',
        '2026-01-31T08:30:00.5Z',
        'x',
      ),
    )
    .map((value) => JSON.stringify(value));
  const comparison = (names: readonly string[]) =>
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc
          .tuple(
            fc.constantFrom(...names),
            fc.constantFrom('eq', 'eq', 'eq', 'ne'),
            fc.oneof({ weight: 9, arbitrary: literal }, { weight: 1, arbitrary: fc.constant('null') }),
          )
          .map((parts) => parts.join(' ')),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom(...names), fc.constantFrom('co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'), literal)
          .map((parts) => parts.join(' ')),
      },
      { weight: 2, arbitrary: fc.constantFrom(...names).map((name) => `${name} pr`) },
    );
  const combined = (term: fc.Arbitrary<string>) =>
    fc.oneof(
      { weight: 3, arbitrary: term },
      { weight: 1, arbitrary: fc.tuple(term, term).map(([a, b]) => `${a} and ${b}`) },
      { weight: 1, arbitrary: fc.tuple(term, term).map(([a, b]) => `${a} or ${b}`) },
      { weight: 1, arbitrary: term.map((each) => `not (${each})`) },
      { weight: 1, arbitrary: fc.tuple(term, term).map(([a, b]) => `not (${a} or ${b})`) },
    );
  const inBrackets = [...brackets].map(([path, names]) => combined(comparison([...names])).map((inner) => `${path}[${inner}]`));
  return combined(fc.oneof({ weight: 3, arbitrary: comparison([...paths]) }, ...inBrackets)).filter((filter) => isReadable(filter, plan));
}

/** Not every operator goes with every type: what the parser refuses is no filter. */
function isReadable(filter: string, plan: ResourcePlan): boolean {
  try {
    parseFilter(filter, plan.resourceType);
    return true;
  } catch {
    return false;
  }
}
