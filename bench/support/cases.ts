import { Attribute, Change, type Client, EqualityFilter, OrFilter } from 'ldapts';
import { PEOPLE } from '../../test/support/test-directory.ts';
import { ATTRIBUTES, addPerson, setTitle } from './bare-ldap.ts';
import type { HttpRequest } from './http-connection.ts';
import { groupDn, groupName, type Owner, personDn, personId, personName } from './population.ts';
import { TENANT_PATH } from './server-process.ts';

/** One kind of request, as each of the three does it. `index` counts up from 0 and on over all rounds. */
export interface BenchCase {
  readonly name: string;
  /** What its targets are about; see `targets.ts`. */
  readonly kind: 'read' | 'post' | 'patch' | 'put' | 'unchanged' | 'members' | 'page' | 'document';
  /** Of `members`. */
  readonly groupSize?: number;
  /** Of `members`. */
  readonly removes?: boolean;
  /** The bare operation; undefined where there is none. */
  readonly ldap: ((client: Client, index: number) => Promise<unknown>) | undefined;
  readonly route: (index: number) => HttpRequest;
  readonly bridge: (index: number) => HttpRequest;
}

/** What the requests to the bridge have to know of it: groups have the ids that slapd gave them. */
export interface Known {
  readonly people: number;
  readonly groupIds: ReadonlyMap<string, string>;
  /** Of the first page by cursor, of one in the middle, and of the last one, for pages of 100. */
  readonly cursors: readonly string[];
}

const PAGE = 100;
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** Requests go to people who are far from each other: nothing is in anybody's hand from the request before. */
function pick(index: number, people: number): number {
  return (index * 7919) % people;
}

const equal = (attribute: string, value: string) => new EqualityFilter({ attribute, value });
const search = (client: Client, filter: EqualityFilter | OrFilter) =>
  client.search(PEOPLE, { filter, scope: 'sub', attributes: ATTRIBUTES });
const get = (path: string): HttpRequest => ({ method: 'GET', path: `${TENANT_PATH}${path}` });
const send = (method: string, path: string, body: object): HttpRequest => ({
  method,
  path: `${TENANT_PATH}${path}`,
  body: JSON.stringify(body),
});
const filtered = (filter: string) => get(`/Users?filter=${encodeURIComponent(filter)}`);
const patch = (path: string, op: string, attribute: string, value: unknown) =>
  send('PATCH', path, { schemas: [PATCH_OP], Operations: [{ op, path: attribute, value }] });

export function readCases({ people }: Known): readonly BenchCase[] {
  const one = (index: number) => pick(index, people);
  const byId = (client: Client, index: number) => search(client, equal('entryUUID', personId(one(index))));
  const byName = (client: Client, index: number) => search(client, equal('uid', personName(one(index))));
  const routeName = (index: number): HttpRequest => ({ method: 'GET', path: `/name/${personName(one(index))}` });
  return [
    {
      name: 'GET a user',
      kind: 'read',
      ldap: byId,
      route: (index) => ({ method: 'GET', path: `/id/${personId(one(index))}` }),
      bridge: (index) => get(`/Users/${personId(one(index))}`),
    },
    {
      name: 'filter userName eq',
      kind: 'read',
      ldap: byName,
      route: routeName,
      bridge: (index) => filtered(`userName eq "${personName(one(index))}"`),
    },
    {
      name: 'filter of two terms',
      kind: 'read',
      ldap: byName,
      route: routeName,
      bridge: (index) => filtered(`userName eq "${personName(one(index))}" and externalId eq "external-${one(index)}"`),
    },
    {
      name: 'GET /Schemas',
      kind: 'document',
      ldap: undefined,
      route: () => ({ method: 'GET', path: '/document' }),
      bridge: () => get('/Schemas'),
    },
  ];
}

export function pageCases({ people, cursors }: Known): readonly BenchCase[] {
  const start = (index: number) => (index * PAGE) % (people - PAGE);
  const ids = (index: number) => Array.from({ length: PAGE }, (_, place) => personId(start(index) + place));
  const of = (name: string, path: string): BenchCase => ({
    name,
    kind: 'page',
    ldap: (client, index) => search(client, new OrFilter({ filters: ids(index).map((id) => equal('entryUUID', id)) })),
    route: (index) => ({ method: 'POST', path: '/ids', body: JSON.stringify(ids(index)) }),
    bridge: () => get(`/Users?count=${PAGE}&${path}`),
  });
  const [first = '', middle = '', last = ''] = cursors.map(encodeURIComponent);
  return [
    of('page of 100 by index, start', 'startIndex=2'),
    of('page of 100 by index, middle', `startIndex=${Math.floor(people / 2)}`),
    of('page of 100 by index, end', `startIndex=${people - PAGE}`),
    of('page of 100 by cursor, start', `cursor=${first}`),
    of('page of 100 by cursor, middle', `cursor=${middle}`),
    of('page of 100 by cursor, end', `cursor=${last}`),
  ];
}

/** @param run makes the names of new people those of this run */
export function writeCases({ people }: Known, run: string): readonly BenchCase[] {
  const one = (index: number) => pick(index, people);
  const title = (index: number, by: string) => `Title ${by} ${index}`;
  const person = (index: number) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: personName(index),
    externalId: `external-${index}`,
    displayName: `Family${index}, Given${index}`,
    name: { givenName: `Given${index}`, familyName: `Family${index}` },
    emails: [{ type: 'work', value: `${personName(index)}@example.org`, primary: true }],
    phoneNumbers: [{ type: 'work', value: `+49 30 ${index}` }],
  });
  return [
    {
      name: 'POST a user',
      kind: 'post',
      ldap: (client, index) => addPerson(client, `${run}-a-${index}`),
      route: (index) => ({ method: 'POST', path: '/people', body: JSON.stringify({ name: `${run}-b-${index}` }) }),
      bridge: (index) => {
        const name = `${run}-c-${index}`;
        const emails = [{ type: 'work', value: `${name}@example.org` }];
        return send('POST', '/Users', { userName: name, externalId: `external-${name}`, displayName: name, emails });
      },
    },
    {
      name: 'PATCH one attribute',
      kind: 'patch',
      ldap: (client, index) => setTitle(client, personDn(one(index)), title(index, 'a')),
      route: (index) => ({
        method: 'PATCH',
        path: `/people/${personName(one(index))}`,
        body: JSON.stringify({ title: title(index, 'b') }),
      }),
      bridge: (index) => patch(`/Users/${personId(one(index))}`, 'replace', 'title', title(index, 'c')),
    },
    {
      name: 'PATCH with nothing to change',
      kind: 'unchanged',
      ldap: (client, index) => search(client, equal('entryUUID', personId(one(index)))),
      route: (index) => ({ method: 'GET', path: `/id/${personId(one(index))}` }),
      bridge: (index) => patch(`/Users/${personId(one(index))}`, 'replace', 'preferredLanguage', 'de'),
    },
    {
      name: 'PUT a user',
      kind: 'put',
      ldap: (client, index) => setTitle(client, personDn(one(index)), title(index, 'a')),
      route: (index) => ({
        method: 'PATCH',
        path: `/people/${personName(one(index))}`,
        body: JSON.stringify({ title: title(index, 'b') }),
      }),
      bridge: (index) => send('PUT', `/Users/${personId(one(index))}`, { ...person(one(index)), title: title(index, 'c') }),
    },
  ];
}

export function memberCases({ people, groupIds }: Known, groupSizes: readonly number[]): readonly BenchCase[] {
  return groupSizes.flatMap((size) => {
    const id = (owner: Owner) => groupIds.get(groupName(size, owner)) ?? '';
    const of = (removes: boolean): BenchCase => ({
      name: `${removes ? 'remove one member from' : 'add one member to'} a group of ${size}`,
      kind: 'members',
      groupSize: size,
      removes,
      ldap: (client, index) => {
        const modification = new Attribute({ type: 'member', values: [personDn(index % people)] });
        return client.modify(groupDn(size, 'ldap'), new Change({ operation: removes ? 'delete' : 'add', modification }));
      },
      route: (index) => ({
        method: 'PATCH',
        path: `/groups/${groupName(size, 'route')}`,
        body: JSON.stringify({ operation: removes ? 'delete' : 'add', member: personDn(index % people) }),
      }),
      bridge: (index) => patch(`/Groups/${id('bridge')}`, removes ? 'remove' : 'add', 'members', [{ value: personId(index % people) }]),
    });
    return [of(false), of(true)];
  });
}
