/**
 * `node bench/members.ts`: how many changes of one group's members a second, sixteen at a time: single LDAP modifies without a bridge in
 * front, the bridge, and the bridge without `coalesceMembers`. All side by side in one run, on a slapd without fsync.
 */
import { Attribute, Change, Client } from 'ldapts';
import { startBridge } from '../test/support/bridge.ts';
import { GROUPS, PEOPLE } from '../test/support/openldap.ts';

const SIZES = [10, 5_000, 50_000];
const AT_A_TIME = 16;
const CHANGES = 400;

const person = (name: string) => `dn: uid=${name},${PEOPLE}\nobjectClass: inetOrgPerson\nuid: ${name}\ncn: ${name}\nsn: x\n`;
const group = (size: number) => {
  const members = Array.from({ length: size }, (_, index) => `member: uid=m${index},${PEOPLE}`);
  return `dn: cn=of-${size},${GROUPS}\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: of-${size}\n${members.join('\n')}\n`;
};
const ldif = [...Array.from({ length: CHANGES }, (_, index) => person(`p${index}`)), ...SIZES.map(group)].join('\n');

/** Changes a second. */
async function rate(change: (index: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < CHANGES; index = next++) await change(index);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return Math.round((CHANGES * 1000) / (performance.now() - started));
}

async function withBridge(directory: string): Promise<ReadonlyMap<number, number>> {
  const bridge = await startBridge({ ldif, directory });
  const idsAt = async (path: string): Promise<readonly string[]> => {
    const { Resources } = (await bridge.send('GET', path)).body as { readonly Resources: readonly { readonly id: string }[] };
    return Resources.map(({ id }) => id);
  };
  const ids = await idsAt(`/Users?count=${CHANGES}&attributes=id`);
  const rates = new Map<number, number>();
  for (const size of SIZES) {
    const [id = ''] = await idsAt(`/Groups?excludedAttributes=members&filter=displayName+eq+%22of-${size}%22`);
    const path = `/Groups/${id}`;
    const add = (index: number) =>
      bridge.send('PATCH', path, { Operations: [{ op: 'add', path: 'members', value: [{ value: ids[index] }] }] });
    await add(0);
    rates.set(size, await rate(add));
  }
  await bridge.stop();
  return rates;
}

async function bare(): Promise<ReadonlyMap<number, number>> {
  const bridge = await startBridge({ ldif });
  const { ldap } = bridge;
  const client = new Client({ url: ldap.url });
  await client.bind(ldap.bindDn, ldap.bindPassword);
  const rates = new Map<number, number>();
  for (const size of SIZES) {
    const add = (index: number) => {
      const modification = new Attribute({ type: 'member', values: [`uid=p${index},${PEOPLE}`] });
      return client.modify(`cn=of-${size},${GROUPS}`, new Change({ operation: 'add', modification }));
    };
    rates.set(size, await rate(add));
  }
  await client.unbind();
  await bridge.stop();
  return rates;
}

const columns = [
  ['single modifies', await bare()],
  ['bridge', await withBridge('')],
  ['coalesceMembers: false', await withBridge('    coalesceMembers: false\n')],
] as const;
process.stdout.write(`changes of one group a second, ${AT_A_TIME} at a time\n`);
for (const size of SIZES) {
  const rates = columns.map(([name, values]) => `${name} ${values.get(size) ?? 0}`);
  process.stdout.write(`${String(size).padStart(7)} members: ${rates.join(', ')}\n`);
}
