import { setTimeout as sleep } from 'node:timers/promises';
import { valuesOf } from '../../src/ldap/entry.ts';
import { type OpenLdap, type OpenLdapOptions, SUFFIX, startOpenLdap } from './openldap.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** Two slapds that replicate to each other, both taking writes: `multiprovider on`, each a consumer of the other. */
export interface TwoProviders {
  readonly first: OpenLdap;
  readonly second: OpenLdap;
  /** Cuts them off from each other; who reaches them goes on to. */
  partition(): void;
  heal(): void;
  /** Waits until both hold the same, by their contextCSN. */
  inStep(): Promise<void>;
  stop(): Promise<void>;
}

const IN_STEP_TIMEOUT_MS = 20_000;
const REPLICATES = ['moduleload   syncprov', 'overlay      syncprov'] as const;

/** @param options for both of them */
export async function startTwoProviders(options: Pick<OpenLdapOptions, 'ldif' | 'logsOperations'> = {}): Promise<TwoProviders> {
  const ports = [0, 0];
  const [toFirst, toSecond] = await Promise.all([proxyTo(() => ports[0] ?? 0), proxyTo(() => ports[1] ?? 0)]);
  const first = await startOpenLdap({ ...options, variant: 'bare', configure: (text) => withReplication(text, 1, toSecond.port) });
  ports[0] = first.slapd.port;
  const second = await startOpenLdap({
    ...options,
    variant: 'bare',
    empty: true,
    configure: (text) => withReplication(text, 2, toFirst.port),
  });
  ports[1] = second.slapd.port;
  const both = [first, second];
  const csns = () =>
    Promise.all(
      both.map(async (server) => {
        const [entry] = await server.adminSearch(SUFFIX, '(objectClass=dcObject)', ['contextCSN']).catch(() => []);
        return entry === undefined ? [] : valuesOf(entry, 'contextCSN').toSorted();
      }),
    );
  const providers: TwoProviders = {
    first,
    second,
    partition() {
      for (const proxy of [toFirst, toSecond]) {
        proxy.set({ kind: 'refuse' });
        proxy.resetAll();
      }
    },
    heal() {
      for (const proxy of [toFirst, toSecond]) proxy.set({ kind: 'none' });
    },
    async inStep() {
      const until = performance.now() + IN_STEP_TIMEOUT_MS;
      for (;;) {
        const [ours = [], theirs = []] = await csns();
        if (ours.length > 0 && ours.join() === theirs.join()) return;
        if (performance.now() > until) throw new Error(`they do not replicate: ${ours.join()} and ${theirs.join()}`);
        await sleep(20);
      }
    },
    async stop() {
      await Promise.all(both.map((server) => server.stop()));
      await Promise.all([toFirst.close(), toSecond.close()]);
    },
  };
  await providers.inStep();
  return providers;
}

function proxyTo(port: () => number): Promise<TcpProxy> {
  return startTcpProxy({
    get port() {
      return port();
    },
  });
}

function withReplication(configuration: string, id: number, otherPort: number): string {
  const [module, overlay] = REPLICATES;
  const syncrepl = [
    `syncrepl rid=00${id} provider=ldap://127.0.0.1:${otherPort} type=refreshAndPersist retry="1 +"`,
    `  searchbase="${SUFFIX}" bindmethod=simple binddn="cn=admin,${SUFFIX}" credentials=admin-secret`,
  ].join('\n');
  return `serverID ${id}\n${configuration.replace('moduleload   back_mdb', `$&\n${module}`)}index entryUUID,entryCSN eq\n${syncrepl}\nmultiprovider on\n${overlay}\n`;
}
