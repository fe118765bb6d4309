import { Attribute, Change } from 'ldapts';
import type { BenchCase } from './cases.ts';
import type { HttpConnection, HttpRequest } from './http-connection.ts';
import { type Length, measure, median, type Round, type Send } from './measure.ts';
import { groupDn, OWNERS, type Owner, personDn } from './population.ts';
import type { Rig } from './rig.ts';

/** Where a comparison was made. */
export interface Setting {
  readonly people: number;
  readonly durable: boolean;
  readonly tls: boolean;
  readonly inFlight: number;
}

/** One case: the medians of the rounds of each of the three, and their ratios. */
export interface Comparison extends Setting {
  readonly name: string;
  readonly kind: BenchCase['kind'];
  readonly groupSize?: number;
  readonly medians: Readonly<Partial<Record<Owner, Round>>>;
  /** Throughput of the bridge by that of the bare operation and of the route: the median of the ratios of each round. */
  readonly toLdap: number | undefined;
  readonly toRoute: number | undefined;
  /** p99 of the bridge by that of the route. */
  readonly p99ToRoute: number | undefined;
  /** Of one request to the bridge; undefined where it could not be seen. */
  readonly operations: number | undefined;
  readonly octets: number | undefined;
}

const WARM_UP: Length = { milliseconds: 100 };
const COUNTED = 10;

/** Alternating rounds of the three. */
export async function compare(rig: Rig, each: BenchCase, setting: Setting, rounds: number, length: Length): Promise<Comparison> {
  const contenders = OWNERS.filter((owner) => owner !== 'ldap' || each.ldap !== undefined);
  const next = new Map<Owner, number>();
  const run = async (owner: Owner, howLong: Length): Promise<Round> => {
    const first = each.kind === 'members' ? 0 : (next.get(owner) ?? 0);
    const send = senderOf(rig, each, owner);
    if (each.removes === true) await setMembers(rig, each, owner, 'add', requestsOf(howLong));
    const round = await measure((index, lane) => send(first + index, lane), setting.inFlight, howLong, rig.pids[owner]);
    if (each.removes === false) await setMembers(rig, each, owner, 'delete', requestsOf(howLong));
    next.set(owner, first + round.requests);
    return round;
  };
  const measured = new Map<Owner, Round[]>(contenders.map((owner) => [owner, []]));
  for (const owner of contenders) await run(owner, each.kind === 'members' ? { requests: setting.inFlight } : WARM_UP);
  for (let round = 0; round < rounds; round += 1) {
    for (const owner of contenders) measured.get(owner)?.push(await run(owner, length));
  }
  const [ldap = [], route = [], bridge = []] = OWNERS.map((owner) => measured.get(owner));
  return {
    ...setting,
    name: each.name,
    kind: each.kind,
    ...(each.groupSize === undefined ? {} : { groupSize: each.groupSize }),
    medians: Object.fromEntries([...measured].map(([owner, all]) => [owner, mediansOf(all)])),
    toLdap: ratio(bridge, ldap, 'perSecond'),
    toRoute: ratio(bridge, route, 'perSecond'),
    p99ToRoute: ratio(bridge, route, 'p99'),
    ...(await countLdap(rig, each, next.get('bridge') ?? 0)),
  };
}

function senderOf({ client, routeConnections, bridgeConnections }: Rig, each: BenchCase, owner: Owner): Send {
  if (owner === 'ldap') return async (index) => each.ldap?.(client(), index);
  const [connections, request] = owner === 'route' ? [routeConnections, each.route] : [bridgeConnections, each.bridge];
  return (index, lane) => sendWell(connections[lane], request(index));
}

async function sendWell(connection: HttpConnection | undefined, request: HttpRequest): Promise<void> {
  if (connection === undefined) throw new RangeError('more in flight than connections');
  const { status, body } = await connection.send(request);
  if (status >= 300) throw new Error(`${request.method} ${request.path}: ${status} ${body.toString()}`);
}

function requestsOf(length: Length): number {
  if (!('requests' in length)) throw new TypeError('changes of members are counted');
  return length.requests;
}

/** Puts into a group who is to be removed from it, or takes out again who was added. */
async function setMembers({ client, known }: Rig, { groupSize = 0 }: BenchCase, owner: Owner, operation: 'add' | 'delete', count: number) {
  const values = Array.from({ length: count }, (_, index) => personDn(index % known.people));
  await client().modify(groupDn(groupSize, owner), new Change({ operation, modification: new Attribute({ type: 'member', values }) }));
}

/** What one request costs in LDAP, as the second daemon sends it: the same for each but for a few octets of names. */
async function countLdap(rig: Rig, each: BenchCase, next: number): Promise<Pick<Comparison, 'operations' | 'octets'>> {
  if (rig.watched === undefined) return { operations: undefined, octets: undefined };
  const { connection, traffic } = rig.watched;
  const from = each.kind === 'members' ? 0 : next;
  if (each.removes === true) await setMembers(rig, each, 'bridge', 'add', COUNTED + 1);
  await sendWell(connection, each.bridge(from));
  traffic.take();
  for (let index = 1; index <= COUNTED; index += 1) await sendWell(connection, each.bridge(from + index));
  const requests = traffic.take();
  if (each.removes === false) await setMembers(rig, each, 'bridge', 'delete', COUNTED + 1);
  const octets = requests.reduce((sum, request) => sum + request.octets + request.answeredOctets, 0);
  return { operations: requests.length / COUNTED, octets: octets / COUNTED };
}

function ratio(of: readonly Round[], to: readonly Round[], key: 'perSecond' | 'p99'): number | undefined {
  const ratios = of.flatMap((round, index) => {
    const other = to[index];
    return other === undefined ? [] : [round[key] / other[key]];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}

function mediansOf(rounds: readonly Round[]): Round {
  const of = (key: keyof Round): number => median(rounds.flatMap((round) => round[key] ?? []));
  const known = (key: keyof Round): number | undefined => (rounds.some((round) => round[key] === undefined) ? undefined : of(key));
  return {
    requests: of('requests'),
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    processorMicroseconds: known('processorMicroseconds'),
    residentMegabytes: known('residentMegabytes'),
  };
}
