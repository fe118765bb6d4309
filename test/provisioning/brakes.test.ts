import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Budgets } from '../../src/mapping/cost.ts';
import { Brakes } from '../../src/provisioning/brakes.ts';
import { openBrakeCounter } from '../../src/state/brake-counter.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { PEOPLE } from '../support/openldap.ts';
import { createGroup, createUsers, patch } from './support/requests.ts';

const MINUTE = 60_000;

/** Brakes with a clock that the test sets. */
function brakesWith(most: Budgets['most'], folder?: string) {
  const clock = { now: 1_000_000 };
  const errors: object[] = [];
  const log = { info: () => undefined, warn: () => undefined, error: (fields: object) => void errors.push(fields) };
  const counter = openBrakeCounter(folder, 'contoso');
  const brakes = new Brakes({
    budgets: { windowMs: MINUTE, most },
    counter,
    population: () => Promise.resolve(50),
    log,
    heldBack: () => undefined,
    now: () => clock.now,
  });
  return { brakes, clock, errors };
}

const refusal = (retryAfter: number) => expect.objectContaining({ status: 503, retryAfter });

describe('Brakes', () => {
  it('let the budget through, and hold the rest until the window has passed', async () => {
    const { brakes, clock, errors } = brakesWith({ deletes: { count: 2 } });
    await brakes.take({ deletes: 1 });
    clock.now += 20_000;
    await brakes.take({ deletes: 1 });
    await expect(brakes.take({ deletes: 1 })).rejects.toEqual(refusal(40));
    await expect(brakes.take({ deletes: 1 })).rejects.toEqual(refusal(40));
    await brakes.take({ updates: 1 });
    expect(errors).toEqual([{ brake: 'deletes', most: 2, retryAfter: 40 }]);
    clock.now += 40_000;
    await brakes.take({ deletes: 2 });
  });

  it('count what comes at the same time one after the other', async () => {
    const { brakes } = brakesWith({ disables: { percent: 10 } });
    const taken = await Promise.allSettled(Array.from({ length: 20 }, () => brakes.take({ disables: 1 })));
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });

  it('hold when a scope of 10,000 users is emptied at once', async () => {
    const { brakes, errors } = brakesWith({ disables: { count: 100 }, deletes: { count: 50 } });
    const users = Array.from({ length: 10_000 }, (_, index) => index);
    const disabled = await Promise.allSettled(users.map(() => brakes.take({ disables: 1 })));
    const deleted = await Promise.allSettled(users.map(() => brakes.take({ deletes: 1 })));
    expect([disabled, deleted].map((all) => all.filter(({ status }) => status === 'fulfilled').length)).toEqual([100, 50]);
    expect(errors).toHaveLength(2);
  });

  it('let nothing through in part', async () => {
    const { brakes } = brakesWith({ memberRemovals: { count: 10 } });
    await brakes.take({ memberRemovals: 8 });
    await expect(brakes.take({ memberRemovals: 3 })).rejects.toEqual(refusal(60));
    await brakes.take({ memberRemovals: 2 });
  });

  it('get back what was not done', async () => {
    const { brakes } = brakesWith({ creates: { count: 1 } });
    await brakes.take({ creates: 1 });
    brakes.giveBack({ creates: 1 });
    await brakes.take({ creates: 1 });
    await expect(brakes.take({ creates: 1 })).rejects.toEqual(refusal(60));
  });

  it('are released for one window, and say how far they are', async () => {
    const { brakes, clock } = brakesWith({ deletes: { count: 0 }, renames: { count: 7 } });
    await expect(brakes.take({ deletes: 1 })).rejects.toEqual(expect.objectContaining({ status: 503 }));
    expect((await brakes.status()).holding).toEqual(['deletes']);
    brakes.release();
    for (let each = 0; each < 5; each += 1) await brakes.take({ deletes: 1 });
    expect(await brakes.status()).toMatchObject({
      releasedUntil: new Date(clock.now + MINUTE).toISOString(),
      counts: { deletes: { counted: 5, most: 0 }, renames: { counted: 0, most: 7 } },
      holding: [],
    });
    clock.now += MINUTE;
    await expect(brakes.take({ deletes: 1 })).rejects.toEqual(expect.objectContaining({ status: 503 }));
  });

  it('remember across a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'brakes-'));
    try {
      await brakesWith({ deletes: { count: 1 } }, folder).brakes.take({ deletes: 1 });
      await expect(brakesWith({ deletes: { count: 1 } }, folder).brakes.take({ deletes: 1 })).rejects.toEqual(refusal(60));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a tenant with brakes', () => {
  let bridge: Bridge;

  beforeAll(async () => {
    const brakes = 'brakes: { window: 1h, disables: 10%, deletes: 3, renames: 1, memberRemovals: 4 }';
    bridge = await startBridge({ mapping: (text) => `${text}\n${brakes}\n` });
  });
  afterAll(() => bridge.stop());

  const statusesOf = (answers: readonly { readonly status: number }[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  };
  const off = (id: string) => patch(bridge, `/Users/${id}`, { op: 'Replace', path: 'active', value: 'False' });

  it('loses no more than the budget when a scope is emptied', async () => {
    const ids = await createUsers(bridge, 60, 'scope');
    const disabled = await Promise.all(ids.map(off));
    const deleted = await Promise.all(ids.map((id) => bridge.send('DELETE', `/Users/${id}`)));

    expect(statusesOf(disabled)).toEqual({ 200: 6, 503: 54 });
    expect(disabled.find(({ status }) => status === 503)?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(statusesOf(deleted)).toEqual({ 204: 3, 503: 57 });
    expect(await bridge.ldap.adminSearch(PEOPLE, '(uid=scope*)')).toHaveLength(57);
    expect(bridge.log.filter((line) => line.includes('a brake holds'))).toHaveLength(2);
    expect((await bridge.send('POST', '/Users', { userName: 'still-created' })).status).toBe(201);
    expect((await bridge.send('GET', '/Users?count=1')).status).toBe(200);
  });

  it('counts members who go, by whatever verb, and what failed not at all', async () => {
    const ids = await createUsers(bridge, 6, 'member');
    const group = await createGroup(bridge, ids);
    const remove = (...gone: readonly string[]) =>
      patch(bridge, `/Groups/${group}`, { op: 'remove', path: 'members', value: gone.map((value) => ({ value })) });
    expect((await remove(ids[0] ?? '')).status).toBe(204);
    expect((await bridge.send('PUT', `/Groups/${group}`, { displayName: 'put', members: [] })).status).toBe(503);
    expect((await remove(...ids.slice(1, 4))).status).toBe(204);
    expect((await remove(ids[4] ?? '')).status).toBe(503);
    expect((await bridge.send('GET', `/Groups/${group}`)).body.members).toHaveLength(2);
  });

  it('lets an operator see and release them', async () => {
    const admin = async (method: string, path: string, body?: string) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${bridge.adminUrl}${path}`, { method, ...(body === undefined ? {} : { body, headers }) });
      return { status: response.status, body: await response.json().catch(() => undefined) };
    };
    expect(await admin('GET', '/brakes')).toMatchObject({
      status: 200,
      body: { contoso: { counts: { deletes: { counted: 3, most: 3 } }, holding: expect.arrayContaining(['deletes', 'disables']) } },
    });
    expect((await admin('POST', '/brakes/release', '{"tenant":"fabrikam"}')).status).toBe(404);
    expect((await fetch(`${bridge.adminUrl}/brakes/release`, { method: 'POST' })).status).toBe(415);
    expect(await admin('POST', '/brakes/release', '{}')).toEqual({ status: 200, body: { released: ['contoso'] } });
    const [{ id }] = (await bridge.send('GET', '/Users?count=1')).body.Resources;
    expect((await bridge.send('DELETE', `/Users/${id}`)).status).toBe(204);
  });
});
