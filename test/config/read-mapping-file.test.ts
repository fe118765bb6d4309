import { describe, expect, test } from 'vitest';
import { readMappingFile } from '../../src/config/read-mapping-file.ts';

const path = `${import.meta.dirname}/good/mapping.yaml`;

function readGood() {
  const reading = readMappingFile(path);
  if (!reading.ok) throw new Error(JSON.stringify(reading.diagnostics));
  return reading;
}

describe('readMappingFile', () => {
  test('gives every line its kind and its defaults, in file order', () => {
    const { users } = readGood().file;
    expect([...users.attributes]).toEqual([
      ['userName', { kind: 'text', ldap: 'uid', required: true }],
      ['externalId', { kind: 'text', ldap: '01234' }],
      ['name.familyName', { kind: 'text', ldap: 'sn', whenEmpty: '-', mutability: 'readWrite', returned: 'always', caseExact: false }],
      ['emails[type eq "work"].value', { kind: 'text', ldap: 'mail' }],
      ['emails[type eq "work"].primary', { kind: 'constant', constant: 'true' }],
      [
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager',
        { kind: 'reference', ldap: 'manager', refersTo: ['users'], unresolved: 'ignore' },
      ],
      ['groups', { kind: 'reference', ldap: 'memberOf', refersTo: ['groups'], unresolved: 'reject', mutability: 'readOnly' }],
      ['active', { kind: 'state', ldap: 'pwdAccountLockedTime', inactive: '000001010000Z' }],
      ['password', { kind: 'password', ldap: 'userPassword', method: 'passwordModify' }],
    ]);
    const once = { kind: 'template', unique: false, write: 'once' };
    expect([...users.generated]).toEqual([
      ['cn', { kind: 'template', templates: ['{displayName}', '{userName}'], places: [[0], [1]], unique: false, write: 'always' }],
      ['gecos', { kind: 'template', templates: ['{userName}'], places: [[]], unique: false, write: 'always' }],
      ['labeledURI', { ...once, templates: ['https://people.example.org/{ldap:uid}'], places: [['template']] }],
      ['employeeNumber', { ...once, templates: ['{userName}'], places: [['template']], unique: true }],
      ['userPassword', { kind: 'random', random: 32 }],
      ['uidNumber', { kind: 'number', allocate: { from: 20_000, to: 59_999 }, counter: 'cn=uidNext,ou=scim,dc=example,dc=org' }],
    ]);
    expect(users).toMatchObject({
      filter: '(objectClass=inetOrgPerson)',
      objectClass: ['top', 'person', 'inetOrgPerson'],
      onDelete: { kind: 'remove' },
    });
    expect(users.meta).toEqual({ created: 'createTimestamp', lastModified: 'modifyTimestamp', version: 'modifyTimestamp' });
  });

  test('reads groups, schemas and policies', () => {
    const { file } = readGood();
    expect(file).toMatchObject({ format: 1, unmapped: 'reject', unknown: 'ignore' });
    const [groups] = file.groups;
    expect(groups).toEqual({
      at: ['groups'],
      placement: [],
      base: 'ou=groups,dc=example,dc=org',
      filter: '(objectClass=groupOfNames)',
      id: { ldap: 'entryUUID' },
      rdn: 'cn',
      objectClass: ['groupOfNames'],
      attributes: new Map<string, unknown>([
        ['displayName', { kind: 'text', ldap: 'cn' }],
        [
          'members',
          {
            kind: 'reference',
            ldap: 'member',
            refersTo: ['users', 'groups'],
            whenEmpty: 'cn=nobody,dc=example,dc=org',
            unresolved: 'reject',
          },
        ],
        ['active', { kind: 'state', ldap: 'status', inactive: 'no', active: 'TRUE' }],
      ]),
      generated: new Map(),
      onDelete: { kind: 'remove' },
      meta: { created: 'createTimestamp', lastModified: 'modifyTimestamp', version: 'entryCSN' },
    });
    expect([...file.schemas]).toEqual([
      [
        'urn:example:scim:schemas:extension:acme:2.0:User',
        {
          extends: 'User',
          attributes: new Map([
            ['badge', { type: 'string', multiValued: false, description: 'Number printed on the access badge' }],
            ['shifts', { type: 'integer', multiValued: true }],
          ]),
        },
      ],
    ]);
  });

  test('says why a file cannot be read', () => {
    expect(readMappingFile('no/such/file.yaml')).toEqual({
      ok: false,
      unreadable: 'no such file',
      diagnostics: [
        {
          severity: 'error',
          file: 'no/such/file.yaml',
          line: 1,
          column: 1,
          length: 1,
          sourceLine: '',
          message: 'cannot be read: no such file',
        },
      ],
    });
    expect(readMappingFile(import.meta.dirname)).toMatchObject({ ok: false, unreadable: 'it is a directory' });
  });
});

describe('its source', () => {
  const { source } = readGood();

  test('points at keys and values', () => {
    expect(source.report(['users', 'attributes', 'userName'], 'key', 'x')).toMatchObject({
      line: 9,
      column: 5,
      length: 8,
      severity: 'error',
    });
    expect(source.report(['users', 'attributes', 'userName', 'ldap'], 'value', 'x')).toMatchObject({ line: 9, column: 23, length: 3 });
    expect(source.report(['users', 'objectClass', 1], 'value', 'x', { severity: 'warning' })).toMatchObject({
      line: 7,
      column: 22,
      length: 6,
      severity: 'warning',
    });
  });

  test('points at the nearest ancestor of what is not there', () => {
    expect(source.report(['users', 'meta', 'created'], 'value', 'x')).toMatchObject({ line: 25, column: 3, length: 4 });
    expect(source.report(['brakes', 'window'], 'value', 'x')).toMatchObject({ line: 1, column: 1, length: 6 });
  });

  test('points into a value, quoted or not', () => {
    expect(source.report(['users', 'filter'], 'value', 'x', { offset: 1, length: 11 })).toMatchObject({ line: 4, column: 12, length: 11 });
    const template = ['users', 'generated', 'labeledURI', 'template'];
    expect(source.report(template, 'value', 'x', { offset: 27, length: 10 })).toMatchObject({ line: 21, column: 57, length: 10 });
  });
});
