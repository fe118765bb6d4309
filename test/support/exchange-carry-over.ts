import type { Answer, Bridge } from './bridge.ts';
import { addGiven } from './exchange-directory.ts';
import { Placeholders } from './exchange-placeholders.ts';
import type { TestDirectory } from './test-directory.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

interface Reference {
  readonly value: string;
}

/**
 * Empties both directories, lets `model` hold the entries of an LDIF text, and creates in `target` the resources that it shows then.
 *
 * @returns the placeholders of the text, standing for the ids in `target`
 */
export async function carryOver(ldif: string, model: Bridge, target: Bridge<TestDirectory>): Promise<Placeholders> {
  await Promise.all([model.ldap.reset(), target.ldap.reset()]);
  const given = new Placeholders();
  if (ldif !== '') await addGiven(model.ldap, ldif, given);
  const ids = new Map<string, string>();
  const create = async (path: string, { id, meta: _meta, groups: _groups, ...resource }: Answer['body']): Promise<void> => {
    ids.set(id, expectStatus(201, await target.send('POST', path, resource)).body.id);
  };
  const users = await everything(model, '/Users');
  for (const { [ENTERPRISE]: { manager: _manager, ...enterprise } = {}, ...user } of users)
    await create('/Users', { ...user, [ENTERPRISE]: enterprise });
  for (const { id, [ENTERPRISE]: enterprise } of users) {
    const manager = enterprise?.manager;
    if (manager === undefined) continue;
    const Operations = [{ op: 'add', path: `${ENTERPRISE}:manager`, value: ids.get(manager.value) }];
    expectStatus(200, await target.send('PATCH', `/Users/${ids.get(id)}`, { Operations }));
  }
  const groups = await everything(model, '/Groups');
  for (const { members: _members, ...group } of groups) await create('/Groups', group);
  for (const { id, members = [] } of groups) {
    if (members.length === 0) continue;
    const Operations = [{ op: 'add', path: 'members', value: members.map(({ value }: Reference) => ({ value: ids.get(value) })) }];
    expectStatus(204, await target.send('PATCH', `/Groups/${ids.get(id)}`, { Operations }));
  }
  const placeholders = new Placeholders();
  for (const [, name = ''] of ldif.matchAll(/^entryUUID: \{(.*)\}$/gim)) placeholders.bind(name, ids.get(given.fill(`{${name}}`)) ?? '');
  return placeholders;
}

async function everything(bridge: Bridge, path: string): Promise<readonly Answer['body'][]> {
  return expectStatus(200, await bridge.send('GET', `${path}?count=1000`)).body.Resources;
}

function expectStatus(status: number, answer: Answer): Answer {
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status}: ${answer.text}`);
  return answer;
}
