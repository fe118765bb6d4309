import type { Plan } from '../../src/mapping/plan.ts';
import { type GivenResource, readGivenResource } from '../../src/rehearsal/given-resource.ts';
import type { JsonValue } from '../../src/scim/json.ts';
import type { Answer } from './bridge.ts';

type Send = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** What was answered to the writes of a cycle, by status. */
export type CycleAnswers = Record<number, number>;

/**
 * Sends what Entra sends in a first cycle: for each resource the look by its matching paths, then the create or the PATCH; managers and members
 * afterwards, for those that are there.
 */
export async function sendFirstCycle(
  send: Send,
  plan: Plan,
  input: readonly object[],
  matching: Readonly<Record<GivenResource['target'], readonly string[]>>,
  inFlight = 1,
): Promise<CycleAnswers> {
  const answers: CycleAnswers = {};
  const write = async (method: string, path: string, body: unknown): Promise<Answer> => {
    const answer = await send(method, path, body);
    answers[answer.status] = (answers[answer.status] ?? 0) + 1;
    return answer;
  };
  const given = input.map((json, index) => readGivenResource(json as JsonValue, index + 1, plan));
  const ids = new Map<string, string>();
  const done = new Map<GivenResource, string>();
  for (const target of ['users', 'groups'] as const) {
    const endpoint = target === 'users' ? '/Users' : '/Groups';
    await eachOf(
      given.filter((each) => each.target === target),
      inFlight,
      async (resource) => {
        const found = await match(send, endpoint, resource, matching[target]);
        if (found.length > 1) return;
        const { members: _members, id: _id, ...body } = input[resource.line - 1] as Record<string, unknown>;
        const manager = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
        if (body[manager] !== undefined) delete body[manager];
        const operations = resource.values.map(({ path, value }) => ({ op: 'Replace', path, value }));
        const [known] = found;
        const answer = await (known === undefined
          ? write('POST', endpoint, body)
          : write('PATCH', `${endpoint}/${known}`, { Operations: operations }));
        const id = known ?? answer.body?.id;
        if (answer.status >= 300 || typeof id !== 'string') return;
        for (const alias of resource.aliases) ids.set(alias.toLowerCase(), id);
        done.set(resource, `${endpoint}/${id}`);
      },
    );
  }
  await eachOf(given, inFlight, async (resource) => {
    const there = done.get(resource);
    for (const { path, isList, names } of there === undefined ? [] : resource.references) {
      const known = names.flatMap((name) => ids.get(name.toLowerCase()) ?? []);
      if (known.length === 0) continue;
      const value = isList ? known.map((each) => ({ value: each })) : known[0];
      await write('PATCH', there ?? '', { Operations: [{ op: isList ? 'Add' : 'Replace', path, value }] });
    }
  });
  return answers;
}

/** All of them, so many at a time. */
async function eachOf<T>(items: readonly T[], inFlight: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (const item of waiting) await work(item);
    }),
  );
}

async function match(send: Send, endpoint: string, resource: GivenResource, paths: readonly string[]): Promise<readonly string[]> {
  for (const path of paths) {
    const value = resource.values.find((each) => each.path === path)?.value;
    if (typeof value !== 'string') continue;
    const filter = encodeURIComponent(`${path} eq ${JSON.stringify(value)}`);
    const { body } = await send('GET', `${endpoint}?attributes=id&filter=${filter}`);
    if (body.Resources.length > 0) return body.Resources.map(({ id }: { id: string }) => id);
  }
  return [];
}
