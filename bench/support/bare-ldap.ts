import { readFileSync } from 'node:fs';
import { Attribute, Change, Client } from 'ldapts';
import { BRIDGE_DN, BRIDGE_PASSWORD } from '../../test/support/openldap.ts';
import { PEOPLE } from '../../test/support/test-directory.ts';

/** As many connections as the bridge has by default. */
const CONNECTIONS = 4;

/** What an answer shows of a person. */
export const ATTRIBUTES = ['*', 'entryUUID', 'entryCSN', 'createTimestamp', 'modifyTimestamp'];

/**
 * Bound clients of ldapts, handed out in turn.
 *
 * @param caFile makes it StartTLS, verified with this authority
 */
export async function connectClients(url: string, caFile?: string): Promise<() => Client> {
  const clients = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const client = new Client({ url });
      if (caFile !== undefined) await client.startTLS({ ca: readFileSync(caFile), host: '127.0.0.1' });
      await client.bind(BRIDGE_DN, BRIDGE_PASSWORD);
      return client;
    }),
  );
  let turn = 0;
  return () => {
    turn = (turn + 1) % clients.length;
    const [client] = clients.slice(turn);
    if (client === undefined) throw new Error('there are no clients');
    return client;
  };
}

export async function addPerson(client: Client, name: string): Promise<void> {
  const values = { objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'scimObject'], cn: name, sn: name, uid: name };
  const more = { mail: `${name}@example.org`, displayName: name, scimExternalId: `external-${name}` };
  await client.add(`uid=${name},${PEOPLE}`, { ...values, ...more });
}

export async function setTitle(client: Client, dn: string, title: string): Promise<void> {
  await client.modify(dn, new Change({ operation: 'replace', modification: new Attribute({ type: 'title', values: [title] }) }));
}
