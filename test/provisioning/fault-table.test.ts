import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Entry, valuesOf } from '../../src/ldap/entry.ts';
import { type Answer, type Bridge, startBridge } from '../support/bridge.ts';
import { PEOPLE } from '../support/openldap.ts';
import { type Fault as NetworkFault, startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { createGroup, createUser, entryWithId, patch } from './support/requests.ts';

/**
 * Each fault × each SCIM operation. Whatever happens: the answer comes in time; after it a 2xx is there, a 4xx has changed nothing, and a
 * 503 is either fully there or fully not, and the log says which; and it works again without a restart.
 */

const TIMEOUT_MS = 600;
/** A request makes up to four LDAP operations one after the other; each has its own time limit. The rest is for a busy machine. */
const inTimeMs = (timeoutMs: number) => 4 * timeoutMs + 3000;
const RECOVERY_MS = 10_000;

interface Stage {
  readonly bridge: Bridge;
  readonly proxy: TcpProxy;
}

interface Fault {
  readonly name: string;
  /** It meets one request and is over: then each operation has its own. A fault that lasts meets all operations at once. */
  readonly once: boolean;
  /** The bridge's own time limit; without it, `TIMEOUT_MS`. */
  readonly timeoutMs?: number;
  begin(stage: Stage): Promise<void> | void;
  end(stage: Stage): Promise<void> | void;
  /** What may be answered: to what reads, and to what writes. */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

function network(kind: NetworkFault, reads: readonly number[], writes: readonly number[]): Fault {
  return {
    name: `network: ${JSON.stringify(kind)}`,
    once: ['cutAfter', 'halfClose', 'loseWrite', 'loseAnswerToWrite'].includes(kind.kind),
    reads,
    writes,
    begin({ proxy }) {
      proxy.set(kind);
      if (kind.kind === 'refuse') proxy.resetAll();
    },
    end({ proxy }) {
      proxy.set({ kind: 'none' });
      if (kind.kind === 'blackHole' || kind.kind === 'corrupt') proxy.resetAll();
    },
  };
}

/** slapd restarted with another configuration. */
function reconfigured(name: string, from: string | RegExp, to: string, reads: readonly number[], writes: readonly number[]): Fault {
  const change = async ({ bridge: { ldap } }: Stage, edit: (text: string) => string) => {
    const file = join(ldap.slapd.directory, 'slapd.conf');
    original ??= readFileSync(file, 'utf8');
    writeFileSync(file, edit(original));
    await ldap.slapd.restart();
  };
  let original: string | undefined;
  return {
    name: `slapd: ${name}`,
    once: false,
    reads,
    writes,
    begin: (stage) =>
      change(stage, (text) => {
        const edited = text.replace(from, to);
        if (edited === text) throw new Error(`nothing to replace in the configuration for: ${name}`);
        return edited;
      }),
    end: (stage) => change(stage, (text) => text),
  };
}

/** Each operation sleeps for longer than the server lets a search take, and for less than the bridge waits. */
function timeLimitExceeded(): Fault {
  const limits = /(moduleload +sssvlv)([^]*)time=unlimited([^]*)$/;
  const slow = '$1\nmoduleload retcode$2time=1$3overlay retcode\nretcode-parent ou=results,dc=example,dc=org\nretcode-sleep 2\n';
  const fault = reconfigured('its time limit is exceeded', limits, slow, [400, 503], [...OK, 503]);
  return {
    ...fault,
    timeoutMs: 20_000,
    async end(stage) {
      expect(stage.bridge.log.join('\n')).toContain('result 3 (timeLimitExceeded)');
      await fault.end(stage);
    },
  };
}

const OK = [200, 201, 204];

const FAULTS: readonly Fault[] = [
  network({ kind: 'delay', milliseconds: 20 }, OK, OK),
  network({ kind: 'cutAfter', bytes: 1 }, OK, OK),
  network({ kind: 'cutAfter', bytes: 40 }, OK, OK),
  network({ kind: 'halfClose' }, OK, OK),
  network({ kind: 'loseWrite' }, OK, OK),
  network({ kind: 'loseAnswerToWrite' }, OK, OK),
  network({ kind: 'swallowAnswersToWrites' }, OK, OK),
  network({ kind: 'corrupt' }, [503], [503]),
  network({ kind: 'blackHole' }, [503], [503]),
  network({ kind: 'refuse' }, [503], [503]),
  { name: 'network: all connections reset', once: true, reads: OK, writes: OK, begin: ({ proxy }) => proxy.resetAll(), end: () => {} },
  {
    name: 'slapd: SIGSTOP',
    once: false,
    reads: [503],
    writes: [503],
    begin: ({ bridge }) => void process.kill(bridge.ldap.slapd.pid ?? 0, 'SIGSTOP'),
    end: ({ bridge }) => void process.kill(bridge.ldap.slapd.pid ?? 0, 'SIGCONT'),
  },
  {
    name: 'slapd: SIGKILL',
    once: false,
    reads: [503],
    writes: [503],
    begin: ({ bridge }) => bridge.ldap.slapd.kill('SIGKILL'),
    end: ({ bridge }) => bridge.ldap.slapd.restart(),
  },
  {
    name: 'slapd: restarted under way',
    once: true,
    reads: [...OK, 503],
    writes: [...OK, 503],
    begin({ bridge }) {
      void bridge.ldap.slapd.restart();
    },
    end: ({ bridge }) => bridge.ldap.slapd.restart(),
  },
  reconfigured('takes no writes', '\nmaxsize', '\nreadonly on\nmaxsize', OK, [503]),
  // LMDB grows a map that is too small to what is used: from then on there is no page left
  reconfigured('its disk is full', /\nmaxsize .*/, '\nmaxsize 65536', OK, [...OK, 503]),
  reconfigured(
    'its limits are ours no longer',
    'size=unlimited size.pr=1000 size.prtotal=unlimited',
    'size=1 size.pr=1 size.prtotal=1',
    [200, 400, 503],
    [...OK, 503],
  ),
  timeLimitExceeded(),
  reconfigured('our account may write no longer', /(by dn.exact="cn=bridge,dc=example,dc=org") write/g, '$1 read', OK, [400, 503]),
  reconfigured('our password is another one', 'by anonymous auth', 'by anonymous none', [503], [503]),
];

/** Where an entry stands, as far as the operation changes it; the same text before and after when it changes nothing. */
type Look = (bridge: Bridge, stage: Prepared) => Promise<string>;

interface Prepared {
  readonly name: string;
  readonly user: string;
  readonly other: string;
  readonly group: string;
}

interface Operation {
  readonly name: string;
  readonly kind: 'reads' | 'writes';
  send(bridge: Bridge, prepared: Prepared): Promise<Answer>;
  readonly look: Look;
  /** What `look` shows before and after. */
  readonly before: string;
  readonly after: string;
}

const title: Look = async (bridge, { user }) => shown(await entryWithId(bridge, user), 'title');
const members: Look = async (bridge, { group }) => `${valuesIn(await entryWithId(bridge, group), 'member').length} members`;

function valuesIn(entry: Entry | undefined, attribute: string): readonly string[] {
  return entry === undefined ? [] : valuesOf(entry, attribute).map(String);
}

function shown(entry: Entry | undefined, attribute: string): string {
  return entry === undefined ? 'gone' : valuesIn(entry, attribute).join();
}

function read(name: string, path: (prepared: Prepared) => string): Operation {
  return { name, kind: 'reads', send: (bridge, prepared) => bridge.send('GET', path(prepared)), look: title, before: 'old', after: 'old' };
}

const OPERATIONS: readonly Operation[] = [
  read('GET a user', ({ user }) => `/Users/${user}`),
  read('GET a group', ({ group }) => `/Groups/${group}`),
  read('list users', () => '/Users?count=2'),
  read('find a user', ({ name }) => `/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}`),
  {
    name: 'POST a user',
    kind: 'writes',
    send: (bridge, { name }) => bridge.send('POST', '/Users', { userName: `${name}-new`, title: 'new' }),
    look: async (bridge, { name }) => shown((await bridge.ldap.adminSearch(PEOPLE, `(uid=${name}-new)`))[0], 'title'),
    before: 'gone',
    after: 'new',
  },
  {
    name: 'PUT a user',
    kind: 'writes',
    send: (bridge, { user, name }) => bridge.send('PUT', `/Users/${user}`, { userName: name, title: 'new' }),
    look: title,
    before: 'old',
    after: 'new',
  },
  {
    name: 'PATCH a user',
    kind: 'writes',
    send: (bridge, { user }) => patch(bridge, `/Users/${user}`, { op: 'replace', path: 'title', value: 'new' }),
    look: title,
    before: 'old',
    after: 'new',
  },
  {
    name: 'PATCH a user: rename',
    kind: 'writes',
    send: (bridge, { user, name }) => patch(bridge, `/Users/${user}`, { op: 'replace', path: 'userName', value: `${name}-renamed` }),
    look: async (bridge, { user }) => (shown(await entryWithId(bridge, user), 'uid').endsWith('-renamed') ? 'renamed' : 'not renamed'),
    before: 'not renamed',
    after: 'renamed',
  },
  {
    name: 'PATCH a group: add a member',
    kind: 'writes',
    send: (bridge, { group, other }) => patch(bridge, `/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: other }] }),
    look: members,
    before: '2 members',
    after: '3 members',
  },
  {
    name: 'PATCH a group: remove a member',
    kind: 'writes',
    send: (bridge, { group, user }) => patch(bridge, `/Groups/${group}`, { op: 'remove', path: `members[value eq "${user}"]` }),
    look: async (bridge, { group, name }) =>
      valuesIn(await entryWithId(bridge, group), 'member').some((dn) => dn.startsWith(`uid=${name},`)) ? 'member' : 'no member',
    before: 'member',
    after: 'no member',
  },
  {
    name: 'DELETE a user',
    kind: 'writes',
    send: (bridge, { user }) => bridge.send('DELETE', `/Users/${user}`),
    look: title,
    before: 'old',
    after: 'gone',
  },
];

async function untilReady(bridge: Bridge): Promise<void> {
  const status = () => fetch(`${bridge.adminUrl}/readyz`).then((answer) => answer.status);
  await expect.poll(status, { timeout: RECOVERY_MS, interval: 20 }).toBe(200);
}

/** How many writes the log says are of unknown outcome, and of how many it said later what became of them. */
function unsettled(bridge: Bridge): number {
  const count = (message: string) => bridge.log.filter((line) => line.includes(`"${message}"`)).length;
  return count('the outcome of a write is not known') - count('what became of a write of unknown outcome');
}

interface Outcome {
  readonly answer: Answer;
  readonly milliseconds: number;
  readonly before: string;
  readonly after: string;
}

let prepared = 0;

async function prepare(bridge: Bridge): Promise<Prepared> {
  prepared += 1;
  const name = `u${prepared}`;
  const user = await createUser(bridge, { userName: name, title: 'old' });
  const [other = '', third = ''] = await Promise.all(['other', 'third'].map((one) => createUser(bridge, { userName: `${name}-${one}` })));
  return { name, user, other, group: await createGroup(bridge, [user, third]) };
}

/** Sends operations at once while the fault lasts, and looks at the directory when it is over. */
async function underFault(stage: Stage, fault: Fault, operations: readonly Operation[]): Promise<readonly Outcome[]> {
  const { bridge } = stage;
  await untilReady(bridge);
  const rows = await Promise.all(
    operations.map(async (operation) => {
      const entries = await prepare(bridge);
      return { operation, entries, before: await operation.look(bridge, entries) };
    }),
  );
  await fault.begin(stage);
  const answers = await Promise.allSettled(
    rows.map(async ({ operation, entries }) => {
      const started = performance.now();
      const answer = await operation.send(bridge, entries);
      return { answer, milliseconds: performance.now() - started };
    }),
  );
  await fault.end(stage);
  await untilReady(bridge);
  await expect.poll(() => unsettled(bridge), { timeout: RECOVERY_MS }).toBe(0);
  return Promise.all(
    answers.map(async (answer, index) => {
      const row = rows[index];
      if (row === undefined || answer.status === 'rejected') throw new Error('a request without an answer');
      return { ...answer.value, before: row.before, after: await row.operation.look(bridge, row.entries) };
    }),
  );
}

describe.each(FAULTS)('$name', (fault) => {
  let stage: Stage;
  let outcomes: readonly Outcome[] = [];

  beforeAll(async () => {
    let port = 0;
    const proxy = await startTcpProxy({
      get port() {
        return port;
      },
    });
    const bridge = await startBridge({
      directory: `    timeout: ${fault.timeoutMs ?? TIMEOUT_MS}ms\n    connections: 2`,
      url(ldap) {
        port = ldap.slapd.port;
        return `ldap://127.0.0.1:${proxy.port}`;
      },
    });
    stage = { bridge, proxy };
  });
  afterAll(async () => {
    await stage.bridge.stop();
    await stage.proxy.close();
  });

  it.each(OPERATIONS)('× $name', async (operation) => {
    if (!fault.once && outcomes.length === 0) outcomes = await underFault(stage, fault, OPERATIONS);
    const [outcome] = fault.once ? await underFault(stage, fault, [operation]) : outcomes.slice(OPERATIONS.indexOf(operation));
    if (outcome === undefined) throw new Error('there is no outcome');

    const { before, after } = operation;
    const { status, headers, body } = outcome.answer;
    expect({ status, body }).toMatchObject({ status: expect.toBeOneOf(fault[operation.kind]) });
    expect(outcome.milliseconds).toBeLessThan(inTimeMs(fault.timeoutMs ?? TIMEOUT_MS));
    if (status === 503) expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    const promised = OK.includes(status) ? [after] : status === 503 ? [before, after] : [before];
    expect([status, outcome.before, outcome.after]).toEqual([status, before, expect.toBeOneOf(promised)]);
    // and it works again
    expect((await stage.bridge.send('GET', '/Users?count=0')).status).toBe(200);
  });
});
