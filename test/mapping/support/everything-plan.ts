import { usersPlan } from './plans.ts';

/** Everything that our lines can do, in one section: the shipped files use only part of it. */
export const everything = usersPlan({
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
    cn: { templates: ['{displayName}', '{userName}'], places: [], write: 'always' },
    labeledURI: { templates: ['https://people.example.org/{ldap:uid}'], places: [], write: 'once' },
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
