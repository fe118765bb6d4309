import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { canBind, ENTERPRISE } from './support/requests.ts';

const CORE_USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const CORE_GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const BASE = 'https://scim.example.org/scim/v2';
const LIST = ['urn:ietf:params:scim:api:messages:2.0:ListResponse'];

interface Attribute {
  readonly name: string;
  readonly type: string;
  readonly multiValued: boolean;
  readonly canonicalValues?: readonly string[];
  readonly subAttributes?: readonly Attribute[];
}

let bridge: Bridge;

beforeAll(async () => {
  bridge = await startBridge();
});
afterAll(() => bridge.stop());

async function schema(id: string): Promise<{ readonly id: string; readonly name: string; readonly attributes: readonly Attribute[] }> {
  const { status, body } = await bridge.send('GET', `/Schemas/${id}`);
  expect(status).toBe(200);
  return body;
}

/** Names as Microsoft's discovery test flattens them to mappable paths (entra-scim-client §4). */
function mappable(attributes: readonly Attribute[], prefix = ''): readonly string[] {
  return attributes.flatMap((attribute): readonly string[] => {
    const { name, type, multiValued, subAttributes = [] } = attribute;
    if (name === 'manager' || name === 'members') return [`${prefix}${name}`];
    if (type !== 'complex') return type === 'reference' ? [] : [`${prefix}${name}`];
    const values = subAttributes.filter((sub) => !['complex', 'reference'].includes(sub.type));
    if (!multiValued) return values.map((sub) => `${prefix}${name}.${sub.name}`);
    const types = subAttributes.find((sub) => sub.name === 'type')?.canonicalValues;
    const others = values.filter((sub) => sub.name !== 'type');
    return (types ?? []).flatMap((each) => others.map((sub) => `${prefix}${name}[type eq "${each}"].${sub.name}`));
  });
}

describe('/Schemas', () => {
  it('is a list of what is mapped, each schema once', async () => {
    const { status, body } = await bridge.send('GET', '/Schemas');
    const { Resources, ...list } = body;

    expect([status, list]).toEqual([200, { schemas: LIST, totalResults: 3, startIndex: 1, itemsPerPage: 3 }]);
    expect(Resources.map(({ id }: { id: string }) => id)).toEqual([CORE_USER, ENTERPRISE, CORE_GROUP]);
    for (const resource of Resources) {
      expect(resource).toMatchObject({
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
        name: expect.stringMatching(/./),
        description: expect.stringMatching(/./),
        meta: { resourceType: 'Schema', location: `${BASE}/Schemas/${resource.id}` },
      });
      expect((await bridge.send('GET', `/Schemas/${resource.id}`)).body).toEqual(resource);
    }
  });

  it('holds no null, and each attribute all of RFC 7643 §7 in its letter case', async () => {
    const { text, body } = await bridge.send('GET', '/Schemas');
    const check = (attribute: Attribute) => {
      expect(attribute).toMatchObject({
        name: expect.stringMatching(/^\$?[A-Za-z][\w-]*$/),
        type: expect.stringMatching(/^(string|boolean|decimal|integer|dateTime|reference|complex|binary)$/),
        multiValued: expect.any(Boolean),
        description: expect.stringMatching(/./),
        required: expect.any(Boolean),
        caseExact: expect.any(Boolean),
        mutability: expect.stringMatching(/^(readOnly|readWrite|immutable|writeOnly)$/),
        returned: expect.stringMatching(/^(always|never|default|request)$/),
        uniqueness: expect.stringMatching(/^(none|server|global)$/),
      });
      expect(attribute.type === 'complex').toBe((attribute.subAttributes?.length ?? 0) > 0);
      for (const sub of attribute.subAttributes ?? []) check(sub);
    };

    expect(text).not.toContain('null');
    for (const { attributes } of body.Resources) for (const attribute of attributes) check(attribute);
  });

  it('lets Entra offer just the paths that the mapping file has', async () => {
    const user = await schema(CORE_USER);
    const enterprise = await schema(ENTERPRISE);
    const group = await schema(CORE_GROUP);

    expect(mappable(user.attributes).toSorted()).toEqual(
      [
        'active',
        'addresses[type eq "work"].country',
        'addresses[type eq "work"].formatted',
        'addresses[type eq "work"].locality',
        'addresses[type eq "work"].postalCode',
        'addresses[type eq "work"].region',
        'addresses[type eq "work"].streetAddress',
        'displayName',
        'emails[type eq "other"].primary',
        'emails[type eq "other"].value',
        'emails[type eq "work"].primary',
        'emails[type eq "work"].value',
        'name.familyName',
        'name.formatted',
        'name.givenName',
        'password',
        'phoneNumbers[type eq "fax"].value',
        'phoneNumbers[type eq "mobile"].value',
        'phoneNumbers[type eq "work"].value',
        'preferredLanguage',
        'title',
        'userName',
        'userType',
        ...mappable(user.attributes.filter(({ name }) => name === 'groups')),
      ].toSorted(),
    );
    expect(mappable(enterprise.attributes, `${ENTERPRISE}:`).toSorted()).toEqual(
      ['department', 'employeeNumber', 'manager'].map((name) => `${ENTERPRISE}:${name}`),
    );
    expect(mappable(group.attributes).toSorted()).toEqual(['displayName', 'members']);
  });

  it('is true: required attributes are demanded, read-only ones ignored, passwords never shown', async () => {
    const { attributes } = await schema(CORE_USER);
    const of = (name: string) => attributes.find((attribute) => attribute.name === name);

    expect(of('userName')).toMatchObject({ required: true, uniqueness: 'server', caseExact: false });
    expect(of('password')).toMatchObject({ mutability: 'writeOnly', returned: 'never' });
    expect(of('groups')).toMatchObject({ mutability: 'readOnly' });
    // Common attributes are part of every resource, and of no schema (RFC 7643 §3.1).
    expect([of('id'), of('externalId'), of('meta')]).toEqual([undefined, undefined, undefined]);
  });

  it.each([CORE_USER.toUpperCase(), encodeURIComponent(ENTERPRISE)])('finds %s by id', async (id) => {
    expect((await bridge.send('GET', `/Schemas/${id}`)).status).toBe(200);
  });

  it.each(['nobody', 'urn:ietf:params:scim:schemas:core:2.0:Role', '__proto__', '%E2%82'])('does not find %s', async (id) => {
    const { status, body } = await bridge.send('GET', `/Schemas/${id}`);
    expect([status, body.status]).toEqual([404, '404']);
  });
});

describe('/ResourceTypes', () => {
  it('is a list of users and groups', async () => {
    const { status, body } = await bridge.send('GET', '/ResourceTypes');

    expect(status).toBe(200);
    expect(body).toEqual({
      schemas: LIST,
      totalResults: 2,
      startIndex: 1,
      itemsPerPage: 2,
      Resources: [
        {
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
          id: 'User',
          name: 'User',
          description: expect.stringMatching(/./),
          endpoint: '/Users',
          schema: CORE_USER,
          schemaExtensions: [{ schema: ENTERPRISE, required: false }],
          meta: { resourceType: 'ResourceType', location: `${BASE}/ResourceTypes/User` },
        },
        {
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
          id: 'Group',
          name: 'Group',
          description: expect.stringMatching(/./),
          endpoint: '/Groups',
          schema: CORE_GROUP,
          schemaExtensions: [],
          meta: { resourceType: 'ResourceType', location: `${BASE}/ResourceTypes/Group` },
        },
      ],
    });
    for (const resource of body.Resources) expect((await bridge.send('GET', `/ResourceTypes/${resource.id}`)).body).toEqual(resource);
    expect((await bridge.send('GET', '/ResourceTypes/Device')).status).toBe(404);
  });
});

describe('/ServiceProviderConfig', () => {
  it('promises what works, and nothing more', async () => {
    const { status, body } = await bridge.send('GET', '/ServiceProviderConfig');

    expect(status).toBe(200);
    expect(body).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
      patch: { supported: true },
      bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 1_048_576 },
      filter: { supported: true, maxResults: 1000 },
      changePassword: { supported: true },
      sort: { supported: true },
      etag: { supported: true },
      pagination: {
        cursor: true,
        index: true,
        defaultPaginationMethod: 'index',
        defaultPageSize: 100,
        maxPageSize: 1000,
        cursorTimeout: 3600,
      },
      authenticationSchemes: [
        {
          type: 'oauthbearertoken',
          name: expect.stringMatching(/./),
          description: expect.stringMatching(/./),
          specUri: expect.stringMatching(/^https:/),
          primary: true,
        },
      ],
      meta: { resourceType: 'ServiceProviderConfig', location: `${BASE}/ServiceProviderConfig` },
    });
  });
});

describe('what is promised', () => {
  it('works: each promise is tried', async () => {
    const { id } = (await bridge.send('POST', '/Users', { userName: 'promised-b', password: 'first password' })).body;
    await bridge.send('POST', '/Users', { userName: 'promised-a' });
    const patched = await bridge.send('PATCH', `/Users/${id}`, {
      Operations: [{ op: 'replace', path: 'password', value: 'second password' }],
    });
    const tag = patched.headers.get('etag') ?? '';
    const bulk = await bridge.send('POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [
        { method: 'GET', path: `/Users/${id}` },
        { method: 'PATCH', path: `/Users/${id}`, data: { Operations: [] } },
      ],
    });
    const sorted = await bridge.send('GET', '/Users?sortBy=userName');
    const cursor = await bridge.send('GET', '/Users?cursor&count=1');

    expect(await canBind(bridge, 'uid=promised-b,ou=people,dc=example,dc=org', 'second password')).toBe(true);
    expect((await bridge.send('GET', `/Users/${id}`, undefined, { 'if-none-match': tag })).status).toBe(304);
    expect((await bridge.send('DELETE', `/Users/${id}`, undefined, { 'if-match': 'W/"other"' })).status).toBe(412);
    expect([bulk.status, bulk.body.Operations.length]).toEqual([200, 2]);
    expect(sorted.body.Resources.map(({ userName }: { userName: string }) => userName)).toEqual(['promised-a', 'promised-b']);
    expect([cursor.status, typeof cursor.body.nextCursor]).toEqual([200, 'string']);
  });
});

describe('all of them', () => {
  it.each(['/Schemas', '/ResourceTypes', '/ServiceProviderConfig'])('%s takes no filter, only GET, and needs the token', async (path) => {
    expect((await bridge.send('GET', `${path}?filter=id+pr`)).status).toBe(403);
    expect((await bridge.send('GET', `${path}?aadOptscim062020`)).status).toBe(200);
    const posted = await bridge.send('POST', path, {});
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'HEAD, GET']);
    expect((await bridge.send('GET', path, undefined, { authorization: 'Bearer wrong' })).status).toBe(401);
  });

  it('need no directory', async () => {
    const offline = await startBridge({ url: () => 'ldap://127.0.0.1:9' });
    try {
      for (const path of ['/Schemas', '/ResourceTypes', '/ServiceProviderConfig'])
        expect((await offline.send('GET', path)).status).toBe(200);
    } finally {
      await offline.stop();
    }
  });
});

it('a file without groups and password has neither, anywhere', async () => {
  const small = await startBridge({
    mapping: (text) => text.replace(/^groups:[\s\S]*?(?=^unmapped:)/m, '').replace(/^ {4}(groups|password):.*$/gm, ''),
  });
  try {
    const types = (await small.send('GET', '/ResourceTypes')).body;
    expect(types.Resources.map(({ id }: { id: string }) => id)).toEqual(['User']);
    expect((await small.send('GET', '/Schemas')).text).not.toMatch(/"groups"|"password"|core:2.0:Group"/);
    expect((await small.send('GET', '/ServiceProviderConfig')).body.changePassword).toEqual({ supported: false });
    expect((await small.send('GET', '/Groups')).status).toBe(404);
    expect((await small.send('POST', '/Users', { userName: 'x', password: 'long enough' })).status).toBe(201);
  } finally {
    await small.stop();
  }
});
