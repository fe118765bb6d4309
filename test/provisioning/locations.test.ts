import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';
import { createUsers } from './support/requests.ts';

const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';

/** Groups in two places: those called unix-… of a class of their own, all others of groupOfNames; and users in two branches. */
function inSeveralPlaces(text: string): string {
  const [before, groups] = text.split(/^groups:\n/m);
  const [location = '', after = ''] = (groups ?? '').split(/^unmapped:/m);
  const indented = location.replace(/^ {2}/gm, '    ').replace('    base:', '  - base:');
  const own = indented.replaceAll('groupOfNames', 'scimGroup').replace(", whenEmpty: 'cn=nobody,dc=example,dc=org'", '');
  const described = own.replace(/^ {2}- base: .*$/m, '$&\n    when: displayName sw "unix-"').replace(/^ +externalId: .*$/m, '');
  const placed = (before ?? '').replace(
    /^ {2}base: .*$/m,
    `$&\n  placement:\n    - { when: userType eq "Contractor", base: 'ou=disabled,dc=example,dc=org' }`,
  );
  return `${placed}groups:\n${described}\n${indented}\nunmapped:${after}`;
}

let bridge: Bridge;
const ids = new Map<string, string>();
beforeAll(async () => {
  bridge = await startBridge({ mapping: inSeveralPlaces });
  for (const displayName of ['unix-admins', 'Sales', 'unix-users', 'Buying']) {
    const { status, body } = await bridge.send('POST', '/Groups', { schemas: [GROUP_SCHEMA], displayName, externalId: `x-${displayName}` });
    expect([status, body.displayName]).toEqual([201, displayName]);
    ids.set(displayName, body.id);
  }
});
afterAll(() => bridge.stop());

const classesOf = async (cn: string) => {
  const [entry] = await bridge.ldap.adminSearch(GROUPS, `(cn=${cn})`, ['objectClass']);
  return entry?.attributes.get('objectclass');
};

describe('groups in several places', () => {
  it('are created where their condition says', async () => {
    expect(await classesOf('unix-admins')).toContain('scimGroup');
    expect(await classesOf('Sales')).toContain('groupOfNames');
  });

  it('are listed as one kind, each once', async () => {
    const { body } = await bridge.send('GET', '/Groups');
    expect(body.totalResults).toBe(4);
    expect(body.Resources.map(({ displayName }: { displayName: string }) => displayName).toSorted()).toEqual([...ids.keys()].toSorted());
    const pages: string[] = [];
    for (const startIndex of [1, 2, 3, 4]) {
      const page = await bridge.send('GET', `/Groups?startIndex=${startIndex}&count=1`);
      pages.push(...page.body.Resources.map(({ id }: { id: string }) => id));
    }
    expect(pages.toSorted()).toEqual([...ids.values()].toSorted());
  });

  it.each(['unix-admins', 'Sales'])('%s is found, read, changed and deleted by id', async (name) => {
    const found = await bridge.send('GET', `/Groups?filter=displayName eq "${name}"`.replaceAll(' ', '+'));
    expect(found.body.Resources.map(({ id }: { id: string }) => id)).toEqual([ids.get(name)]);
    const path = `/Groups/${ids.get(name)}`;
    const [member] = await createUsers(bridge, 1, `member-of-${name}-`);
    const patched = await bridge.send('PATCH', path, { Operations: [{ op: 'add', path: 'members', value: [{ value: member }] }] });
    expect(patched.status).toBe(204);
    expect((await bridge.send('GET', path)).body.members).toMatchObject([{ value: member }]);
    const put = await bridge.send('PUT', path, { schemas: [GROUP_SCHEMA], displayName: `${name}-renamed` });
    expect([put.status, put.body.displayName, put.body.members]).toEqual([200, `${name}-renamed`, undefined]);
    expect((await bridge.send('DELETE', path)).status).toBe(204);
    expect((await bridge.send('GET', path)).status).toBe(404);
  });

  it('what only one place maps has no value in the others', async () => {
    const { body } = await bridge.send('GET', '/Groups?filter=externalId+eq+%22x-Buying%22');
    expect(body.totalResults).toBe(1);
    expect((await bridge.send('GET', '/Groups?filter=externalId+eq+%22x-unix-users%22')).body.totalResults).toBe(0);
  });

  it('have one schema and one resource type', async () => {
    const schemas = await bridge.send('GET', '/Schemas');
    const [group, ...others] = schemas.body.Resources.filter(({ id }: { id: string }) => id === GROUP_SCHEMA);
    expect(others).toEqual([]);
    expect(group.attributes.map(({ name }: { name: string }) => name).toSorted()).toEqual(['displayName', 'members']);
    const types = await bridge.send('GET', '/ResourceTypes');
    expect(types.body.Resources.map(({ name }: { name: string }) => name)).toEqual(['User', 'Group']);
  });

  it('are 404 when none has the id', async () => {
    for (const method of ['GET', 'DELETE'] as const) {
      expect((await bridge.send(method, '/Groups/00000000-0000-4000-8000-000000000000')).status).toBe(404);
    }
  });

  it('take part in bulk requests', async () => {
    const { body } = await bridge.send('POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [
        { method: 'POST', path: '/Groups', bulkId: 'a', data: { displayName: 'unix-bulk' } },
        {
          method: 'PATCH',
          path: `/Groups/${ids.get('unix-users')}`,
          data: { Operations: [{ op: 'replace', path: 'displayName', value: 'unix-all' }] },
        },
      ],
    });
    expect(body.Operations.map(({ status }: { status: string }) => status)).toEqual(['201', '200']);
    expect(await classesOf('unix-bulk')).toContain('scimGroup');
    expect(await classesOf('unix-all')).toContain('scimGroup');
  });
});

describe('users in several branches', () => {
  it('are created in the branch that fits, found in all, and unique over all', async () => {
    const create = (userName: string, userType: string) =>
      bridge.send('POST', '/Users', { userName, userType, name: { familyName: 'Test' } });
    const contractor = await create('carla', 'Contractor');
    const employee = await create('erik', 'Employee');
    expect([contractor.status, employee.status]).toEqual([201, 201]);
    expect(await bridge.ldap.adminSearch('ou=disabled,dc=example,dc=org', '(uid=carla)', ['uid'])).toHaveLength(1);
    expect(await bridge.ldap.adminSearch(PEOPLE, '(uid=erik)', ['uid'])).toHaveLength(1);
    const { body } = await bridge.send('GET', '/Users?filter=userName+eq+%22carla%22+or+userName+eq+%22erik%22');
    expect(body.totalResults).toBe(2);
    expect((await bridge.send('GET', `/Users/${contractor.body.id}`)).status).toBe(200);
    expect((await create('carla', 'Employee')).status).toBe(409);
    expect((await create('erik', 'Contractor')).status).toBe(409);
  });
});
