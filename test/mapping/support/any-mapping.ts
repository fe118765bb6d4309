import fc from 'fast-check';
import { mappingFileForm } from '../../../src/config/mapping-file-form.ts';
import { compileMapping } from '../../../src/mapping/compile.ts';
import type { ResourcePlan } from '../../../src/mapping/plan.ts';
import { directorySchema } from './directory-schema.ts';
import { GROUPS, PEOPLE, silentSource } from './plans.ts';

const ACME = 'urn:example:scim:schemas:extension:acme:2.0:User';

/** What a text line may have beside its attribute. Values meet those of `any-entry.ts`. */
const textOptions = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc.constantFrom(
    { whenEmpty: '-' },
    { whenEmpty: 'none', transform: 'lowercase' },
    { caseExact: 'true' },
    { caseExact: 'true', transform: 'stripPrefix "a"' },
    { several: 'refuse' },
    { transform: 'stripSuffix "@x.Example"' },
    { transform: 'stripPrefix "X-" | lowercase' },
    { transform: 'trim' },
    { transform: 'uppercase | stripSuffix "D"' },
    { transform: 'postalAddress' },
    { values: { Employee: 'a', Contractor: 'B c', é: 'é' } },
    { transform: 'lowercase', values: { one: 'A', two: 'x' } },
  ),
);
/** And a place for one value. */
const singleOptions = fc.oneof(
  { weight: 4, arbitrary: textOptions },
  fc.constantFrom({ transform: 'split ";"' }, { transform: 'split ", " | stripPrefix "a"' }, { transform: 'trim | split ";" | uppercase' }),
);

/** Letter case is a matter of the whole attribute. */
const elementOptions = singleOptions.filter((options) => !('caseExact' in options));

const flags = fc.constantFrom({}, { values: { true: 'Y', false: 'n' } });

type Options = fc.Arbitrary<Readonly<Record<string, unknown>>>;

/** Where a line may stand, with what it may have. */
const PLACES: readonly (readonly [path: string, options: Options])[] = [
  ['externalId', singleOptions],
  ['displayName', singleOptions],
  ['nickName', singleOptions],
  ['title', singleOptions],
  ['userType', singleOptions],
  ['preferredLanguage', singleOptions],
  ['name.givenName', singleOptions],
  ['emails[type eq "work"].value', elementOptions],
  ['emails[type eq "home"].value', elementOptions],
  ['phoneNumbers[type eq "fax"].value', fc.constant({})],
  ['addresses[type eq "work"].formatted', elementOptions],
  ['addresses[type eq "work"].locality', elementOptions],
  ['roles.value', textOptions.filter((options) => !('several' in options))],
  [`${ACME}:skills`, textOptions.filter((options) => !('several' in options))],
  [`${ACME}:code`, singleOptions],
  [`${ACME}:onSite`, flags],
];

/** Each is asked of the directory in another way: without letter case, with it, one value, several, as a number, not at all. */
const ATTRIBUTES = [
  ...['title', 'description', 'carLicense', 'o', 'l', 'street', 'businessCategory', 'departmentNumber'],
  ...['displayName', 'preferredLanguage', 'employeeNumber', 'labeledURI', 'scimExternalId', 'personalTitle', 'employeeType'],
];

const templates = fc.constantFrom(
  '{userName}',
  '{displayName | before "@" | truncate 3}',
  '{nickName} ({userName | uppercase})',
  '{ldap:uid}-{title | ascii}',
  '{emails[type eq "work"].value | after "@"}',
  '{roles.value | split ";"}',
);

export interface RandomMapping {
  readonly plan: ResourcePlan;
  /** What fast-check shows of it. */
  readonly [fc.toStringMethod]: () => string;
}

/** A plan for users of a mapping file that was put together from the vocabulary. */
export const anyMapping: fc.Arbitrary<RandomMapping> = fc
  .record({
    userName: singleOptions.filter((options) => !('whenEmpty' in options) && !JSON.stringify(options).includes('split')),
    places: fc
      .shuffledSubarray([...PLACES], { minLength: 1, maxLength: 8 })
      .chain((chosen) => fc.tuple(...chosen.map(([path, options]) => options.map((each) => [path, each] as const)))),
    attributes: fc.shuffledSubarray(ATTRIBUTES, { minLength: ATTRIBUTES.length }),
    withManager: fc.boolean(),
    generated: fc.uniqueArray(fc.tuple(fc.constantFrom('cn', 'postalCode', 'st'), templates, fc.constantFrom('always', 'once')), {
      maxLength: 2,
      selector: ([ldap]) => ldap,
    }),
  })
  .map(({ userName, places, attributes, withManager, generated }) => {
    const free = new Set(attributes);
    const lines = places.map(([path, options]) => {
      const isList = /value$|skills$/.test(path) && !path.includes('[');
      const isSet = isList || JSON.stringify(options).includes('split');
      const ldap = [...free].find((name) => !isSet || directorySchema.attributeType(name)?.singleValue === false) ?? '';
      free.delete(ldap);
      return [path, { ldap: path.startsWith('phoneNumbers') ? 'facsimileTelephoneNumber' : ldap, ...options }] as const;
    });
    return {
      format: '1',
      users: {
        base: PEOPLE,
        filter: '(objectClass=inetOrgPerson)',
        id: 'entryUUID',
        rdn: 'uid',
        objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'scimObject'],
        attributes: Object.fromEntries([
          ['userName', { ldap: 'uid', required: 'true', ...userName }],
          ['name.familyName', { ldap: 'sn', whenEmpty: '-' }],
          ...lines,
          ...(withManager ? [['manager', { ldap: 'manager', refersTo: 'users' }]] : []),
        ]),
        generated: Object.fromEntries([
          ['cn', { template: ['{name.familyName}', '{userName}'], write: 'once' }],
          ...generated.map(([ldap, template, write]) => [ldap, { template: [template, '{ldap:uid}'], write }]),
        ]),
      },
      groups: {
        base: GROUPS,
        filter: '(objectClass=groupOfNames)',
        id: 'entryUUID',
        rdn: 'cn',
        objectClass: 'groupOfNames',
        attributes: { displayName: 'cn' },
      },
      schemas: {
        [ACME]: {
          extends: 'User',
          attributes: { skills: { multiValued: 'true' }, code: { caseExact: 'true' }, onSite: { type: 'boolean' } },
        },
      },
    };
  })
  .map((written) => {
    const file = mappingFileForm.parse(written);
    const messages: string[] = [];
    const result = compileMapping(file, silentSource(messages));
    if (!result.ok) throw new Error(`${messages.join('\n')}\n${JSON.stringify(written)}`);
    return { plan: result.plan.users, [fc.toStringMethod]: () => JSON.stringify(written.users, null, 1) };
  });
