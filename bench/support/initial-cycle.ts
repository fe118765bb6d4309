import type { HttpConnection } from './http-connection.ts';
import { measure, type Round } from './measure.ts';
import type { Rig } from './rig.ts';
import { TENANT_PATH } from './server-process.ts';

const IN_FLIGHT = 16;
const MEMBERS = 100;

/** Entra's first cycle: each user is looked for and created, then each group, and then its members are added one by one. */
export async function initialCycle(
  { bridgeConnections, pids }: Rig,
  users: number,
  groups: number,
): Promise<{ readonly [step: string]: Round }> {
  const ids: string[] = [];
  const ask = async (lane: number, method: string, path: string, body?: object): Promise<{ readonly id?: string }> => {
    const connection: HttpConnection | undefined = bridgeConnections[lane];
    const answer = await connection?.send({
      method,
      path: `${TENANT_PATH}${path}`,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer === undefined || answer.status >= 300) throw new Error(`${method} ${path}: ${answer?.status} ${answer?.body.toString()}`);
    return answer.body.length === 0 ? {} : (JSON.parse(answer.body.toString()) as { readonly id?: string });
  };
  const look = (lane: number, endpoint: string, filter: string) => ask(lane, 'GET', `/${endpoint}?filter=${encodeURIComponent(filter)}`);
  const createUser = async (index: number, lane: number): Promise<void> => {
    const userName = `cycle-${index}`;
    await look(lane, 'Users', `userName eq "${userName}"`);
    const emails = [{ type: 'work', value: `${userName}@example.org` }];
    ids.push((await ask(lane, 'POST', '/Users', { userName, externalId: userName, displayName: userName, emails })).id ?? '');
  };
  const createGroup = async (index: number, lane: number): Promise<void> => {
    const displayName = `cycle-${index}`;
    await look(lane, 'Groups', `displayName eq "${displayName}"`);
    const { id } = await ask(lane, 'POST', '/Groups', { displayName, externalId: displayName });
    for (let member = 0; member < MEMBERS; member += 1) {
      const value = [{ value: ids[(index * MEMBERS + member) % ids.length] }];
      await ask(lane, 'PATCH', `/Groups/${id}`, { Operations: [{ op: 'add', path: 'members', value }] });
    }
  };
  return {
    users: await measure(createUser, IN_FLIGHT, { requests: users }, pids.bridge),
    'groups with members': await measure(createGroup, IN_FLIGHT, { requests: groups }, pids.bridge),
  };
}
