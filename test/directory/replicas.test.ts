import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectDirectory, type LdapDirectory } from '../../src/directory/ldapts-directory.ts';
import type { LdapFilter } from '../../src/ldap/filter.ts';
import { type RecordingLog, recordingLog } from '../support/directory-log.ts';
import { BRIDGE_DN, BRIDGE_PASSWORD, type OpenLdap, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { startTwoProviders, type TwoProviders } from '../support/two-providers.ts';

const ANY: LdapFilter = { kind: 'present', attribute: 'objectClass' };

let providers: TwoProviders;
let directory: LdapDirectory;
let log: RecordingLog;
let added = 0;

function byName(uid: string) {
  const filter: LdapFilter = { kind: 'equality', attribute: 'uid', value: uid };
  return { base: PEOPLE, scope: 'subtree', filter, attributes: ['uid'], mayLag: true } as const;
}

function newName(): string {
  added += 1;
  return `r${added}`;
}

async function add(uid: string): Promise<void> {
  const attributes = [
    { name: 'objectClass', values: ['account'] },
    { name: 'uid', values: [uid] },
  ];
  await directory.write({ kind: 'add', dn: `uid=${uid},${PEOPLE}`, attributes });
}

/** How many searches for people a server has had since its mark. */
async function searches(server: OpenLdap): Promise<number> {
  return (await server.operations()).filter(({ kind, dn }) => kind === 'SRCH' && dn === PEOPLE).length;
}

/** Waits until the replica answers for one that it holds. */
async function untilUsed(uid: string): Promise<void> {
  await providers.second.mark();
  const used = async () => {
    await directory.search(byName(uid));
    return searches(providers.second);
  };
  await expect.poll(used, { timeout: 20_000, interval: 20 }).toBeGreaterThan(0);
}

function connectTo(replica: OpenLdap): LdapDirectory {
  log = recordingLog();
  return connectDirectory(
    {
      urls: [providers.first.url],
      replicas: [replica.url],
      bindDn: BRIDGE_DN,
      bindPassword: BRIDGE_PASSWORD,
      timeoutMs: 4000,
      connections: 1,
    },
    log,
  );
}

beforeAll(async () => {
  providers = await startTwoProviders({ logsOperations: true });
});

beforeEach(async () => {
  directory = connectTo(providers.second);
  await directory.facts();
});

afterEach(async () => {
  await directory.close();
  providers.heal();
  await providers.second.slapd.restart();
  await providers.inStep();
});

afterAll(() => providers.stop());

describe('a replica that is in step', () => {
  it('answers what may lag, and nothing else', async () => {
    const uid = newName();
    await add(uid);
    await untilUsed(uid);
    await Promise.all([providers.first.mark(), providers.second.mark()]);
    expect(await directory.search(byName(uid))).toHaveLength(1);
    expect((await directory.searchFirst(byName(uid), 5)).entries).toHaveLength(1);
    expect([await searches(providers.first), await searches(providers.second)]).toEqual([0, 2]);

    const { mayLag: _, ...current } = byName(uid);
    expect(await directory.search(current)).toHaveLength(1);
    expect([await searches(providers.first), await searches(providers.second)]).toEqual([1, 2]);
  });

  it('is not believed when it finds nothing: others may have written it a moment ago', async () => {
    const uid = newName();
    await add(uid);
    await untilUsed(uid);
    providers.partition();
    const theirs = newName();
    await providers.first.adminAdd(`dn: uid=${theirs},${PEOPLE}\nobjectClass: account\nuid: ${theirs}\n`);

    expect(await directory.search(byName(theirs))).toHaveLength(1);
    expect((await directory.searchFirst(byName(theirs), 1)).entries).toHaveLength(1);
  });
});

describe('a replica that lags', () => {
  it('does not answer: what was written through us is read at once', async () => {
    const uid = newName();
    await add(uid);
    await untilUsed(uid);
    providers.partition();
    await directory.write({ kind: 'delete', dn: `uid=${uid},${PEOPLE}` });
    // the replica still has it, and would say so
    expect(await directory.search(byName(uid))).toEqual([]);
    const next = newName();
    await add(next);
    expect(await directory.search(byName(next))).toHaveLength(1);

    providers.heal();
    await providers.inStep();
    await untilUsed(next);
    expect(await directory.search(byName(uid))).toEqual([]);
  });
});

describe('a replica that is away', () => {
  it('is missed by nobody', async () => {
    const uid = newName();
    await add(uid);
    await untilUsed(uid);
    await providers.second.slapd.kill('SIGKILL');

    expect(await directory.search(byName(uid))).toHaveLength(1);
  });
});

describe('while the provider is away', () => {
  it('a replica that was in step goes on answering for what it holds, and says of nothing that it does not exist', async () => {
    const uid = newName();
    await add(uid);
    await untilUsed(uid);
    await providers.first.slapd.kill('SIGKILL');
    expect(await directory.search(byName(uid))).toHaveLength(1);
    await expect(directory.search(byName('nobody'))).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(add(newName())).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await directory.search(byName(uid))).toHaveLength(1);
    await providers.first.slapd.restart();
  });
});

describe('a replica that does not say how far it is', () => {
  it('is never asked, and the log says so', async () => {
    const alone = await startOpenLdap({ logsOperations: true });
    await directory.close();
    directory = connectTo(alone);
    await directory.facts();
    const remarks = async () => {
      expect(await directory.search({ base: PEOPLE, scope: 'base', filter: ANY, attributes: [], mayLag: true })).toHaveLength(1);
      return log.lines.filter(({ message }) => message.startsWith('a replica is not used'));
    };
    await expect.poll(remarks, { interval: 20 }).toHaveLength(1);
    expect(await searches(alone)).toBe(0);
    await directory.close();
    await alone.stop();
  });
});
