import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LdapTraffic, watchLdapTraffic } from '../conformance/support/ldap-traffic.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';
import { createUser, findIds, memberIds, patch } from './support/requests.ts';

/** So many of the members really exist; the others are names of nobody, which cost the directory and us as much. */
const PEOPLE_COUNT = 12_000;
const SIZES = [10, 1_000, 100_000] as const;

let bridge: Bridge;
let traffic: LdapTraffic;
const groups = new Map<number, string>();

beforeAll(async () => {
  const people = Array.from(
    { length: PEOPLE_COUNT },
    (_, index) => `dn: uid=p${index},${PEOPLE}\nobjectClass: inetOrgPerson\nuid: p${index}\ncn: p${index}\nsn: p\n`,
  );
  const ldif = SIZES.map((size) => {
    const members = Array.from({ length: size }, (_, index) => `member: uid=p${index},${PEOPLE}`);
    return `dn: cn=of-${size},${GROUPS}\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: of-${size}\n${members.join('\n')}\n`;
  });
  traffic = await watchLdapTraffic();
  const url = ({ slapd }: Bridge['ldap']): string => {
    traffic.forwardTo(slapd.port);
    return `ldap://127.0.0.1:${traffic.port}`;
  };
  bridge = await startBridge({ url, logsOperations: true, ldif: [...people, ...ldif].join('\n') });
  for (const size of SIZES) groups.set(size, (await findIds(bridge, 'Groups', `displayName eq "of-${size}"`))[0] ?? '');
}, 120_000);
afterAll(async () => {
  await bridge.stop();
  await traffic.close();
});

const change = (op: string, ...ids: readonly string[]) => ({ op, path: 'members', value: ids.map((value) => ({ value })) });

describe('a group, however large', () => {
  it('costs the same LDAP operations and bytes to be changed', { timeout: 120_000 }, async () => {
    const user = await createUser(bridge);
    const costs: unknown[] = [];
    for (const [size, id] of groups) {
      await patch(bridge, `/Groups/${id}`, change('remove', user));
      traffic.take();
      expect((await patch(bridge, `/Groups/${id}`, change('add', user))).status).toBe(204);
      expect((await patch(bridge, `/Groups/${id}`, change('remove', user))).status).toBe(204);
      // The name of the group stands in its modify and in the guard; the message id may have got a byte longer.
      const named = 2 * String(size).length;
      costs.push(
        traffic.take().map(({ operation, octets }) => [operation, Math.round((octets - (operation === 'modify' ? named : 0)) / 10)]),
      );
    }
    expect(costs[0]).toEqual(['search', 'modify', 'search', 'modify'].map((operation) => [operation, expect.any(Number)]));
    expect(new Set(costs.map((each) => JSON.stringify(each))).size).toBe(1);
  });

  it('takes a thousand members at once by a handful of searches and one modify', { timeout: 120_000 }, async () => {
    const { body } = await bridge.send('GET', '/Users?startIndex=1001&count=1000&attributes=id');
    const ids = body.Resources.map(({ id }: { id: string }) => id);
    const created = await bridge.send('POST', '/Groups', { displayName: 'thousand' });
    await patch(bridge, `/Groups/${created.body.id}`, change('add', ids[0]));
    await bridge.ldap.mark();
    expect((await patch(bridge, `/Groups/${created.body.id}`, change('add', ...ids))).status).toBe(204);
    const kinds = (await bridge.ldap.operations()).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'MOD')).toHaveLength(1);
    expect(kinds.length).toBeLessThanOrEqual(11);
    expect(await memberIds(bridge, created.body.id)).toEqual([...ids].toSorted());
  });

  it('is created with thousands, and replaced by the difference alone', { timeout: 120_000 }, async () => {
    const { body } = await bridge.send('GET', '/Users?count=1000&attributes=id');
    const pages = await Promise.all(
      [1, 1001, 2001, 3001, 4001, 5001].map((startIndex) => bridge.send('GET', `/Users?startIndex=${startIndex}&count=1000&attributes=id`)),
    );
    expect(body.totalResults).toBeGreaterThan(6000);
    const ids: readonly string[] = pages.flatMap((page) => page.body.Resources.map(({ id }: { id: string }) => id));
    const members = ids.map((value) => ({ value }));
    const created = await bridge.send('POST', '/Groups?excludedAttributes=members', { displayName: 'thousands', members });
    expect(created.status).toBe(201);
    expect(await memberIds(bridge, created.body.id)).toEqual([...ids].toSorted());
    const put = { displayName: 'thousands', members: members.slice(1) };
    await bridge.ldap.mark();
    expect((await bridge.send('PUT', `/Groups/${created.body.id}?excludedAttributes=members`, put)).status).toBe(200);
    expect((await bridge.ldap.operations()).filter(({ kind }) => kind === 'MOD')).toHaveLength(1);
    expect(await memberIds(bridge, created.body.id)).toEqual(ids.slice(1).toSorted());
  });

  it('is read without keeping others waiting', { timeout: 120_000 }, async () => {
    const id = groups.get(100_000) ?? '';
    const progress = { done: false, others: 0 };
    const reading = bridge.send('GET', `/Groups/${id}`).finally(() => (progress.done = true));
    while (!progress.done) {
      expect((await bridge.send('GET', '/ServiceProviderConfig')).status).toBe(200);
      progress.others += 1;
    }
    const { status, body } = await reading;
    expect([status, body.members.length]).toEqual([200, PEOPLE_COUNT]);
    // As many as fit between the searches: with one block of work there would be next to none.
    expect(progress.others).toBeGreaterThan(20);
    expect(await findIds(bridge, 'Groups', `id eq "${id}" and members eq "${body.members[7].value}"`)).toEqual([id]);
  });
});
