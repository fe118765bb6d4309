import { randomUUID } from 'node:crypto';
import { Client } from 'ldapts';
import { expect } from 'vitest';
import { type Entry, type LdapValue, valuesOf } from '../../../src/ldap/entry.ts';
import type { Answer, Bridge } from '../../support/bridge.ts';
import { GROUPS, PEOPLE } from '../../support/openldap.ts';

export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** One operation of a PATCH. */
export interface Operation {
  readonly op: string;
  readonly path?: string;
  readonly value?: unknown;
}

export function patch(bridge: Bridge, path: string, ...operations: readonly Operation[]): Promise<Answer> {
  return bridge.send('PATCH', path, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations });
}

/** The id of a new user. */
export async function createUser(bridge: Bridge, user: object = {}): Promise<string> {
  const { status, body } = await bridge.send('POST', '/Users', { userName: `user-${randomUUID()}`, ...user });
  expect({ status, body }).toMatchObject({ status: 201 });
  return String(body.id);
}

/** The ids of new users called `<prefix>0`, `<prefix>1` and so on. */
export function createUsers(bridge: Bridge, count: number, prefix: string): Promise<readonly string[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => createUser(bridge, { userName: `${prefix}${index}` })));
}

/** The id of a new group with these members. */
export async function createGroup(bridge: Bridge, ids: readonly string[] = [], displayName = `group-${randomUUID()}`): Promise<string> {
  const members = ids.map((value) => ({ value }));
  const { status, body } = await bridge.send('POST', '/Groups', { displayName, members });
  expect({ status, body }).toMatchObject({ status: 201 });
  return String(body.id);
}

/** Matches of a filter on `/Users` or `/Groups`. */
export function find(bridge: Bridge, endpoint: 'Users' | 'Groups', filter: string): Promise<Answer> {
  return bridge.send('GET', `/${endpoint}?filter=${encodeURIComponent(filter)}`);
}

/** The ids that a filter finds. */
export async function findIds(bridge: Bridge, endpoint: 'Users' | 'Groups', filter: string): Promise<readonly string[]> {
  const { status, body } = await find(bridge, endpoint, filter);
  expect({ filter, status, body }).toMatchObject({ filter, status: 200 });
  expect(body.totalResults).toBe(body.Resources.length);
  return body.Resources.map(({ id }: { id: string }) => id);
}

/** The entry with a SCIM id, with its user attributes and those operational ones that are named; undefined when there is none. */
export async function entryWithId(bridge: Bridge, id: string, ...operational: readonly string[]): Promise<Entry | undefined> {
  const [entry] = await bridge.ldap.adminSearch('dc=example,dc=org', `(entryUUID=${id})`, ['*', ...operational]);
  return entry;
}

/** The attributes of an entry as a plain object, names in lower case; without those named. */
export function attributesOf(entry: Entry | undefined, ...without: readonly string[]): Record<string, readonly LdapValue[]> {
  return Object.fromEntries([...(entry?.attributes ?? [])].filter(([name]) => !without.includes(name)));
}

/** The values of a group's `member` attribute, sorted. */
export async function memberDns(bridge: Bridge, groupId: string): Promise<readonly string[]> {
  const entry = await entryWithId(bridge, groupId);
  return (entry === undefined ? [] : valuesOf(entry, 'member')).map(String).toSorted();
}

/** The ids of a group's members as SCIM shows them, sorted. */
export async function memberIds(bridge: Bridge, groupId: string): Promise<readonly string[]> {
  const { body } = await bridge.send('GET', `/Groups/${groupId}`);
  return (body.members ?? []).map(({ value }: { value: string }) => value).toSorted();
}

/** Everything below ou=people and ou=groups, to see that nothing has changed. */
export function snapshot(bridge: Bridge): Promise<readonly Entry[]> {
  return Promise.all([PEOPLE, GROUPS].map((base) => bridge.ldap.adminSearch(base, '(objectClass=*)', ['*', 'entryUUID', 'entryCSN']))).then(
    (found) => found.flat(),
  );
}

export async function canBind(bridge: Bridge, dn: string, password: string): Promise<boolean> {
  const client = new Client({ url: bridge.ldap.url });
  try {
    await client.bind(dn, password);
    return true;
  } catch {
    return false;
  } finally {
    await client.unbind();
  }
}
