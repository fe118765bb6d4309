import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatDiagnostics } from '../../src/config/format-diagnostics.ts';
import type { SchemaAttributeSection } from '../../src/config/mapping-file.ts';
import { readMappingFile } from '../../src/config/read-mapping-file.ts';
import { compileMapping } from '../../src/mapping/compile.ts';
import { passwordLensOf, plansOf } from '../../src/mapping/plan.ts';
import { ENTERPRISE_USER_SCHEMA as ENTERPRISE, USER_SCHEMA } from '../../src/scim/schema.ts';
import { shippedPlan, usersPlan } from './support/plans.ts';

const plan = shippedPlan('openldap.yaml');
const ACME = 'urn:example:scim:schemas:extension:acme:2.0:User';

describe('compileMapping', () => {
  test('a shipped file', () => {
    expect(plan.users).toMatchObject({ searchBases: ['ou=people,dc=example,dc=org'], id: 'entryUUID', rdn: 'uid', target: 'users' });
    expect(plan.users.lenses.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['text', 'constant', 'reference', 'state', 'password']),
    );
    expect(plansOf(plan)).toEqual([plan.users, ...plan.groups]);
    expect(passwordLensOf(plan.users)?.method).toBe('passwordModify');
  });

  test('gives the attributes the characteristics of their lines', () => {
    const { resourceType } = usersPlan({
      attributes: {
        userName: 'uid',
        externalId: { ldap: 'scimExternalId', caseExact: false },
        title: { ldap: 'title', mutability: 'immutable', returned: 'request', required: true },
        'name.givenName': { ldap: 'givenName', mutability: 'readOnly' },
        nickName: { ldap: 'description', mutability: 'writeOnly' },
        groups: { kind: 'reference', ldap: 'memberOf', refersTo: ['groups'], unresolved: 'reject', mutability: 'readOnly' },
      },
    });
    const found = (name: string) => resourceType.findAttribute(name)?.attribute;
    expect(found('userName')).toMatchObject({ required: true, mutability: 'readWrite' });
    expect(found('externalId')).toMatchObject({ caseExact: false });
    expect(found('title')).toMatchObject({ mutability: 'immutable', returned: 'request', required: true });
    expect(found('name')?.subAttributes.find(({ name }) => name === 'givenName')).toMatchObject({ mutability: 'readOnly' });
    expect(found('displayName')).toMatchObject({ mutability: 'readWrite', returned: 'default' });
  });

  test('gives attributes of own schemas the characteristics that they have there', () => {
    const badge = {
      type: 'string',
      multiValued: false,
      description: 'A number',
      required: true,
      canonicalValues: ['1', '2'],
      caseExact: true,
      mutability: 'immutable',
      returned: 'request',
      uniqueness: 'server',
    } as const;
    const attributes = new Map<string, SchemaAttributeSection>([
      ['badge', badge],
      ['pin', { type: 'string', multiValued: false, mutability: 'writeOnly' }],
      ['boss', { type: 'reference', multiValued: true, referenceTypes: ['User', 'external'] }],
      ['desk', { type: 'complex', multiValued: false, subAttributes: new Map([['number', { ...badge, type: 'string' }]]) }],
    ]);
    const { advertised, resourceType } = usersPlan({
      attributes: { userName: 'uid', [`${ACME}:badge`]: 'carLicense', [`${ACME}:desk.number`]: { ldap: 'title', mutability: 'readWrite' } },
      schemas: new Map([[ACME, { extends: 'User' as const, attributes }]]),
    });
    const found = (name: string) => resourceType.findAttribute(name, resourceType.findSchema(ACME))?.attribute;
    expect(found('badge')).toEqual({ name: 'badge', ...badge, subAttributes: [] });
    expect(found('pin')).toMatchObject({ mutability: 'writeOnly', returned: 'never' });
    expect(found('boss')).toMatchObject({ caseExact: true, referenceTypes: ['User', 'external'] });
    expect(found('desk')?.subAttributes).toEqual([{ name: 'number', ...badge, mutability: 'readWrite', subAttributes: [] }]);
    expect(advertised.find(({ id }) => id === ACME)?.attributes.map(({ name }) => name)).toEqual(['badge', 'desk']);
  });

  test('a table says which values there are', () => {
    const table = new Map([['Employee', 'E']]);
    const { resourceType } = usersPlan({ attributes: { userName: 'uid', userType: { ldap: 'employeeType', values: table } } });
    expect(resourceType.findAttribute('userType')?.attribute.canonicalValues).toEqual(['Employee']);
  });

  test('what is write-only is not returned (RFC 7643 §7)', () => {
    const { resourceType } = usersPlan({ attributes: { userName: 'uid', nickName: { ldap: 'description', mutability: 'writeOnly' } } });
    expect(resourceType.findAttribute('nickName')?.attribute).toMatchObject({ mutability: 'writeOnly', returned: 'never' });
  });

  test('what a client may read otherwise than it sent is worth a warning', () => {
    const text = `format: 1
users:
  base: ou=people,dc=example,dc=org
  filter: (objectClass=inetOrgPerson)
  id: entryUUID
  rdn: uid
  objectClass: inetOrgPerson
  attributes:
    userName: { ldap: uid, transform: 'lowercase | stripSuffix "@contoso.com"' }
    title: { ldap: title, transform: 'stripPrefix "x-"' }
`;
    const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-test-'));
    writeFileSync(join(folder, 'mapping.yaml'), text);
    const reading = readMappingFile(join(folder, 'mapping.yaml'), 'mapping.yaml');
    rmSync(folder, { recursive: true });
    const result = reading.ok ? compileMapping(reading.file, reading.source) : reading;
    expect([result.ok, formatDiagnostics(result.ok ? result.diagnostics : [])]).toEqual([
      true,
      `mapping.yaml:9:39: warning: what a client reads may differ from what it sent
  9 |     userName: { ldap: uid, transform: 'lowercase | stripSuffix "@contoso.com"' }
    |                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: trim, lowercase and uppercase are not undone: let the client send the value in the form in which it is stored`,
    ]);
  });

  test('a line without mistakes beside one with: all mistakes are told, in file order', () => {
    const lines: number[] = [];
    const users = {
      base: 'x',
      filter: '(',
      id: { ldap: 'a' },
      placement: [],
      rdn: 'uid',
      objectClass: [],
      attributes: new Map(),
      generated: new Map(),
      onDelete: { kind: 'remove' } as const,
      meta: { created: 'a', lastModified: 'b', version: 'c' },
    };
    const result = compileMapping(
      { format: 1, users, groups: [], schemas: new Map(), unmapped: 'ignore', unknown: 'ignore', protected: { below: [], matching: [] } },
      {
        file: 'x',
        report: (path, _at, message) => {
          const line = 10 - path.length;
          lines.push(line);
          return { severity: 'error', file: 'x', line, column: 1, length: 1, sourceLine: '', message };
        },
      },
    );
    expect(result.ok ? [] : result.diagnostics.map(({ line }) => line)).toEqual(lines.toSorted((a, b) => a - b));
    expect(lines.length).toBeGreaterThan(2);
  });
});

describe('advertise', () => {
  const shown = (urn: string, of = plan.users) =>
    of.advertised
      .find(({ id }) => id === urn)
      ?.attributes.flatMap(({ name, subAttributes }) =>
        subAttributes.length === 0 ? [name] : subAttributes.map((sub) => `${name}.${sub.name}`),
      );

  test('just what is mapped, from which Entra makes the paths that it offers', () => {
    expect(plan.users.advertised.map(({ id }) => id)).toEqual([USER_SCHEMA, ENTERPRISE]);
    expect(shown(USER_SCHEMA)).toEqual([
      ...[
        'userName',
        'name.formatted',
        'name.familyName',
        'name.givenName',
        'displayName',
        'title',
        'userType',
        'preferredLanguage',
        'active',
        'password',
      ],
      ...['emails.value', 'emails.type', 'emails.primary', 'phoneNumbers.value', 'phoneNumbers.type'],
      ...[
        'addresses.formatted',
        'addresses.streetAddress',
        'addresses.locality',
        'addresses.region',
        'addresses.postalCode',
        'addresses.country',
        'addresses.type',
      ],
      ...['groups.value', 'groups.$ref', 'groups.type'],
    ]);
    expect(shown(ENTERPRISE)).toEqual(['employeeNumber', 'department', 'manager.value', 'manager.$ref']);
  });

  test('the types that have a line are the canonical values', () => {
    const types = plan.users.advertised[0]?.attributes
      .filter(({ name }) => ['emails', 'phoneNumbers', 'addresses'].includes(name))
      .map(({ subAttributes }) => subAttributes.find(({ name }) => name === 'type')?.canonicalValues);
    expect(types).toEqual([['work', 'other'], ['work', 'mobile', 'fax'], ['work']]);
  });

  test('an extension without a line is left out', () => {
    const schemas = new Map([
      [ACME, { extends: 'User' as const, attributes: new Map([['badge', { type: 'string' as const, multiValued: false }]]) }],
    ]);
    expect(usersPlan({ attributes: { userName: 'uid' }, schemas }).advertised.map(({ id }) => id)).toEqual([USER_SCHEMA]);
    expect(shown(ACME, usersPlan({ attributes: { userName: 'uid', [`${ACME}:badge`]: 'carLicense' }, schemas }))).toEqual(['badge']);
  });
});
