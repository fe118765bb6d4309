import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LdapTraffic, watchLdapTraffic } from '../../test/conformance/support/ldap-traffic.ts';
import { makeCertificates } from '../../test/support/certificates.ts';
import type { OpenLdap } from '../../test/support/openldap.ts';
import { connectClients } from './bare-ldap.ts';
import type { Known } from './cases.ts';
import { HttpConnection } from './http-connection.ts';
import { groupName, OWNERS, type Owner, type Population, startPopulated } from './population.ts';
import { type ServerProcess, startDaemon, startRoute, TENANT_PATH, type TlsFolder, TOKEN } from './server-process.ts';

/** The three side by side, in front of one slapd. */
export interface Rig {
  readonly ldap: OpenLdap;
  readonly daemon: ServerProcess;
  readonly known: Known;
  /** Of the process that does a contender's work; the bare operation is done by this one. */
  readonly pids: Readonly<Record<Owner, number>>;
  readonly client: Awaited<ReturnType<typeof connectClients>>;
  readonly routeConnections: readonly HttpConnection[];
  readonly bridgeConnections: readonly HttpConnection[];
  /** A second daemon, whose LDAP is looked at; undefined with TLS, where there is nothing to be seen. */
  readonly watched: { readonly connection: HttpConnection; readonly traffic: LdapTraffic } | undefined;
  stop(): Promise<void>;
}

/**
 * @param connections to each of the HTTP servers
 * @param wantsCursors walks through all pages for the cursors in the middle and at the end
 * @param node arguments of Node.js for the daemon
 */
export async function startRig(
  population: Population,
  isTls: boolean,
  connections: number,
  wantsCursors: boolean,
  node: readonly string[] = [],
): Promise<Rig> {
  const tls = isTls ? makeTlsFolder() : undefined;
  const certificates = ['certificate', 'key', 'ca'].map((name) => `${tls?.folder}/${name}.pem`);
  const [certificate, key, ca] = certificates;
  const more = tls === undefined ? '' : `TLSCertificateFile ${certificate}\nTLSCertificateKeyFile ${key}\nTLSCACertificateFile ${ca}\n`;
  const ldap = await startPopulated(population, new Map(), more);
  const daemon = await startDaemon(ldap.url, { tls, node });
  const route = await startRoute(ldap.url, tls);
  const client = await connectClients(ldap.url, ca !== undefined && isTls ? ca : undefined);
  const open = (url: string) => Promise.all(Array.from({ length: connections }, () => HttpConnection.open(url, TOKEN)));
  const [routeConnections, bridgeConnections] = [await open(route.url), await open(daemon.url)];
  const [asker] = bridgeConnections;
  if (asker === undefined) throw new RangeError('at least one connection');
  const traffic = isTls ? undefined : await watchLdapTraffic();
  traffic?.forwardTo(ldap.slapd.port);
  const second = traffic === undefined ? undefined : await startDaemon(`ldap://127.0.0.1:${traffic.port}`);
  const connection = second === undefined ? undefined : await HttpConnection.open(second.url, TOKEN);
  return {
    ldap,
    daemon,
    known: {
      people: population.people,
      groupIds: await findGroups(asker, population.groupSizes),
      cursors: wantsCursors ? await findCursors(asker) : [],
    },
    pids: { ldap: process.pid, route: route.pid, bridge: daemon.pid },
    client,
    routeConnections,
    bridgeConnections,
    watched: traffic === undefined || connection === undefined ? undefined : { traffic, connection },
    async stop() {
      for (const each of [...routeConnections, ...bridgeConnections, connection]) each?.close();
      await Promise.all([daemon.stop(), route.stop(), second?.stop()]);
      await traffic?.close();
      await ldap.stop();
      if (tls !== undefined) rmSync(tls.folder, { recursive: true });
    },
  };
}

function makeTlsFolder(): TlsFolder {
  const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-bench-tls-'));
  const { certificate, key, ca } = makeCertificates('IP:127.0.0.1');
  for (const [name, text] of Object.entries({ certificate, key, ca })) writeFileSync(join(folder, `${name}.pem`), text);
  return { folder };
}

interface ListAnswer {
  readonly Resources: readonly { readonly id: string }[];
  readonly nextCursor?: string;
}

async function ask(connection: HttpConnection, path: string): Promise<ListAnswer> {
  const { status, body } = await connection.send({ method: 'GET', path: `${TENANT_PATH}${path}` });
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${body.toString()}`);
  return JSON.parse(body.toString()) as ListAnswer;
}

async function findGroups(connection: HttpConnection, sizes: readonly number[]): Promise<ReadonlyMap<string, string>> {
  const names = sizes.flatMap((size) => OWNERS.map((owner) => groupName(size, owner)));
  const found: [string, string][] = [];
  for (const name of names) {
    const filter = encodeURIComponent(`displayName eq "${name}"`);
    const { Resources } = await ask(connection, `/Groups?attributes=id&filter=${filter}`);
    found.push([name, Resources[0]?.id ?? '']);
  }
  return new Map(found);
}

/** Those that lead to the second page, to one in the middle, and to the last full one. */
async function findCursors(connection: HttpConnection): Promise<readonly string[]> {
  const cursors: string[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const answer: ListAnswer = await ask(connection, `/Users?count=100&cursor=${encodeURIComponent(cursor)}`);
    cursor = answer.nextCursor;
    if (cursor !== undefined) cursors.push(cursor);
  }
  return [cursors[0] ?? '', cursors[Math.floor(cursors.length / 2)] ?? '', cursors.at(-1) ?? ''];
}
