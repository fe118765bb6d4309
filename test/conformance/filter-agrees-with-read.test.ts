import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateFilter } from '../../src/scim/evaluate-filter.ts';
import type { ScimObject } from '../../src/scim/resource.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { strictSend } from '../support/strict-client.ts';
import { randomGroups, randomUsers } from './support/random-entries.ts';
import { type RandomFilter, randomFilters } from './support/random-filters.ts';
import { SHIPPED_MAPPINGS } from './support/shipped-mappings.ts';

/**
 * The law of the lens that matters most (style page, "What flows"): a filter finds exactly the resources that show what it asks
 * for, however odd the entries are. A filter that finds the wrong person makes a client write to the wrong person.
 * FILTER_SEED=1, 2, … in the environment looks elsewhere.
 */
const SEED = Number(process.env['FILTER_SEED'] ?? 7643);
const USERS = 200;
const GROUPS = 30;
const AT_A_TIME = 8;

let bridge: Bridge;
let send: Bridge['send'];

async function list(endpoint: string, query = ''): Promise<readonly ScimObject[]> {
  const { status, body, text } = await send('GET', `/${endpoint}?count=${USERS}${query}`);
  expect(status, `${query}: ${text}`).toBe(200);
  expect(body.totalResults).toBe(body.Resources.length);
  return body.Resources;
}

function ids(resources: readonly ScimObject[]): readonly unknown[] {
  return resources.map(({ id }) => id);
}

/** What each filter finds too much and too little; filters that agree are left out. */
async function disagreements(
  endpoint: string,
  filters: readonly RandomFilter[],
  resources: readonly ScimObject[],
): Promise<readonly object[]> {
  const found: object[] = [];
  const compareNext = async (waiting: Iterator<RandomFilter>): Promise<void> => {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      const { text, filter } = next.value;
      const actual = ids(await list(endpoint, `&attributes=id&filter=${encodeURIComponent(text)}`));
      const expected = ids(resources.filter((resource) => evaluateFilter(filter, resource)));
      const tooMany = actual.filter((id) => !expected.includes(id));
      const missing = expected.filter((id) => !actual.includes(id));
      if (tooMany.length > 0 || missing.length > 0) found.push({ filter: text, tooMany, missing });
    }
  };
  const waiting = filters.values();
  await Promise.all(Array.from({ length: AT_A_TIME }, () => compareNext(waiting)));
  return found;
}

describe.each(SHIPPED_MAPPINGS)(
  'a filter finds exactly those who show what it asks for, with the mapping $name',
  ({ name, plan, bridge: options }) => {
    beforeAll(async () => {
      bridge = await startBridge({ ...options, ldif: randomUsers(name, USERS, SEED) });
      await bridge.ldap.adminAdd(randomGroups(GROUPS, USERS, SEED));
      send = await strictSend(bridge);
    });
    afterAll(() => bridge.stop());

    it('among users', async () => {
      const resources = await list('Users');
      expect(resources).toHaveLength(USERS);
      const filters = randomFilters(plan.users, resources, 300, SEED);
      expect(filters).toHaveLength(300);

      expect(await disagreements('Users', filters, resources)).toEqual([]);
    });

    it('and on pages in the middle too', async () => {
      const resources = await list('Users');
      const filters = randomFilters(plan.users, resources, 50, SEED + 1);
      for (const { text, filter } of filters) {
        const matching = ids(resources.filter((resource) => evaluateFilter(filter, resource)));
        const { body } = await send('GET', `/Users?startIndex=3&count=5&attributes=title&filter=${encodeURIComponent(text)}`);

        expect(body.totalResults, text).toBe(matching.length);
        expect(ids(body.Resources), text).toEqual(matching.slice(2, 7));
      }
    });

    it('among groups', async () => {
      const [groups] = plan.groups;
      if (groups === undefined) throw new Error('the shipped mapping has groups');
      const resources = await list('Groups');
      expect(resources).toHaveLength(GROUPS);
      const filters = randomFilters(groups, resources, 60, SEED);

      expect(await disagreements('Groups', filters, resources)).toEqual([]);
    });
  },
);
