import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { createGroup, createUser, ENTERPRISE, patch } from './support/requests.ts';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';

let bridge: Bridge;
let anna: string;
let group: string;

beforeAll(async () => {
  bridge = await startBridge({ logsOperations: true });
  anna = await createUser(bridge, {
    userName: 'anna',
    name: { formatted: 'Anna Lind', givenName: 'Anna', familyName: 'Lind' },
    title: 'Boss',
    emails: [
      { type: 'work', value: 'w@example.org' },
      { type: 'other', value: 'o@example.org' },
    ],
    [ENTERPRISE]: { department: 'IT', employeeNumber: '1' },
  });
  group = await createGroup(bridge, [anna], 'group');
});
afterAll(() => bridge.stop());

/** What is left of a resource: names, those of sub-attributes behind a dot. */
function namesIn(resource: object): readonly string[] {
  return Object.entries(resource)
    .flatMap(([name, value]) => (['name', ENTERPRISE].includes(name) ? Object.keys(value as object).map((sub) => `${name}.${sub}`) : name))
    .toSorted();
}

describe('attributes and excludedAttributes', () => {
  const EVERYTHING = [
    'active',
    'emails',
    'groups',
    'id',
    'meta',
    'name.familyName',
    'name.formatted',
    'name.givenName',
    'schemas',
    'title',
    'userName',
    `${ENTERPRISE}.department`,
    `${ENTERPRISE}.employeeNumber`,
  ];
  const without = (...names: readonly string[]) => EVERYTHING.filter((name) => !names.includes(name));

  const TABLE: readonly (readonly [query: string, shown: readonly string[]])[] = [
    ['', EVERYTHING],
    ['attributes=', EVERYTHING],
    ['attributes=,', EVERYTHING],
    ['attributes=userName', ['id', 'schemas', 'userName']],
    ['attributes=USERNAME, Title', ['id', 'schemas', 'title', 'userName']],
    ['attributes=nobody', ['id', 'schemas']],
    ['attributes=password', ['id', 'schemas']],
    ['attributes=name.givenName', ['id', 'name.givenName', 'schemas']],
    [`attributes=${CORE}:name.givenName`, ['id', 'name.givenName', 'schemas']],
    [
      `attributes=${CORE}`,
      ['active', 'emails', 'groups', 'id', 'name.familyName', 'name.formatted', 'name.givenName', 'schemas', 'title', 'userName'],
    ],
    [`attributes=${ENTERPRISE}:department`, ['id', 'schemas', `${ENTERPRISE}.department`]],
    [`attributes=${ENTERPRISE}`, ['id', 'schemas', `${ENTERPRISE}.department`, `${ENTERPRISE}.employeeNumber`]],
    ['attributes=department', ['id', 'schemas', `${ENTERPRISE}.department`]],
    ['attributes=emails[type eq "work"]', ['emails', 'id', 'schemas']],
    ['attributes=meta', ['id', 'meta', 'schemas']],
    ['excludedAttributes=nobody', EVERYTHING],
    ['excludedAttributes=id,schemas', EVERYTHING],
    ['excludedAttributes=title,GROUPS', without('title', 'groups')],
    ['excludedAttributes=name.givenName', without('name.givenName')],
    [`excludedAttributes=${ENTERPRISE}`, without(`${ENTERPRISE}.department`, `${ENTERPRISE}.employeeNumber`)],
    ['attributes=userName,title&excludedAttributes=title', ['id', 'schemas', 'userName']],
  ];

  it.each(TABLE)('?%s', async (query, shown) => {
    const encoded = query.replaceAll(/[^=&,]+/g, encodeURIComponent);
    const { status, body } = await bridge.send('GET', `/Users/${anna}?${encoded}`);
    const listed = await bridge.send('GET', `/Users?${encoded}`);

    expect([status, namesIn(body)]).toEqual([200, [...shown].toSorted()]);
    expect(listed.body.Resources).toEqual([body]);
    expect(body.schemas).toEqual(shown.some((name) => name.startsWith(ENTERPRISE)) ? [CORE, ENTERPRISE] : [CORE]);
  });

  it('shows a sub-attribute of each element', async () => {
    const { body } = await bridge.send('GET', `/Users/${anna}?attributes=emails.value`);

    expect(body.emails).toEqual([{ value: 'w@example.org' }, { value: 'o@example.org' }]);
  });

  it('narrows the answers to writes too, and not what is written', async () => {
    const created = await bridge.send('POST', '/Users?attributes=userName', { userName: 'bert', title: 'T' });
    const { id } = created.body;
    const patched = await bridge.send('PATCH', `/Users/${id}?attributes=userName`, {
      Operations: [{ op: 'add', path: 'displayName', value: 'B' }],
    });
    const put = await bridge.send('PUT', `/Users/${id}?excludedAttributes=name,meta`, { userName: 'bert', title: 'U', displayName: 'B' });

    expect([created.status, namesIn(created.body)]).toEqual([201, ['id', 'schemas', 'userName']]);
    expect(created.headers.get('location')).toBe(`https://scim.example.org/scim/v2/Users/${id}`);
    expect([patched.status, namesIn(patched.body)]).toEqual([200, ['id', 'schemas', 'userName']]);
    expect([put.status, namesIn(put.body)]).toEqual([200, ['active', 'displayName', 'id', 'schemas', 'title', 'userName']]);
    expect((await bridge.send('GET', `/Users/${id}`)).body).toMatchObject({ title: 'U', displayName: 'B' });
  });

  it('of a group leaves the key out, and answers a PATCH with 204 unless something is asked for', async () => {
    const { body } = await bridge.send('GET', '/Groups?excludedAttributes=members&filter=displayName+eq+%22group%22');
    expect(Object.keys(body.Resources[0])).not.toContain('members');

    const operation = { op: 'replace', path: 'externalId', value: 'e' };
    expect((await patch(bridge, `/Groups/${group}`, operation)).status).toBe(204);
    const asked = await patch(bridge, `/Groups/${group}?attributes=externalId`, operation);
    expect([asked.status, asked.body]).toEqual([
      200,
      { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], id: group, externalId: 'e' },
    ]);
    const rest = await patch(bridge, `/Groups/${group}?excludedAttributes=members`, { op: 'remove', path: 'members' });
    expect([rest.status, Object.keys(rest.body)]).toEqual([200, ['schemas', 'id', 'displayName', 'externalId', 'meta']]);
    await patch(bridge, `/Groups/${group}`, { op: 'add', path: 'members', value: anna });
  });
});

describe('what is asked of the directory', () => {
  const META = ['entryUUID', 'createTimestamp', 'modifyTimestamp', 'entryCSN'];

  async function attributesAskedFor(path: string): Promise<readonly string[]> {
    await bridge.ldap.mark();
    expect((await bridge.send('GET', path)).status).toBe(200);
    const [search] = await bridge.ldap.operations();
    return search?.attributes ?? [];
  }

  it.each([
    ['attributes=userName', [...META, 'uid']],
    ['attributes=userName,name.givenName', [...META, 'uid', 'givenName']],
    ['attributes=USERNAME,nobody,urn:example:x:y', [...META, 'uid']],
    ['attributes=nobody', META],
    ['attributes=id', META],
    ['attributes=meta', META],
    ['attributes=emails[type eq "work"]', [...META, 'mail', 'scimOtherMail']],
    ['attributes=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department', [...META, 'departmentNumber']],
    ['attributes=urn:ietf:params:scim:schemas:core:2.0:User:title', [...META, 'title']],
    ['attributes=name', [...META, 'cn', 'givenName', 'sn']],
    ['attributes=name&excludedAttributes=name.formatted', [...META, 'givenName', 'sn']],
  ])('?%s', async (query, attributes) => {
    const wanted = query.replaceAll(/[^=&,]+/g, encodeURIComponent);

    expect(await attributesAskedFor(`/Users/${anna}?${wanted}`)).toEqual(attributes);
    // uid may have several values: whether the first one is meant is seen only when it is read.
    const filtered = await attributesAskedFor(`/Users?${wanted}&count=1&filter=userName+eq+%22anna%22`);
    expect(filtered).toEqual([...new Set([...attributes, 'uid'])]);
  });

  it('leaves out what is excluded', async () => {
    const whole = await attributesAskedFor(`/Users/${anna}`);
    const less = await attributesAskedFor(`/Users/${anna}?excludedAttributes=groups,emails,nobody,id`);

    expect(less).toEqual(whole.filter((name) => !['memberOf', 'mail', 'scimOtherMail'].includes(name)));
  });

  it('never asks for a password', async () => {
    expect(await attributesAskedFor(`/Users/${anna}`)).not.toContain('userPassword');
    expect(await attributesAskedFor(`/Users/${anna}?attributes=password,userName`)).toEqual([...META, 'uid']);
  });
});
