import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { parse as parseYaml, stringify as stringifyYaml } from 'yaml';
import { isJsonObject, type JsonValue } from '../../src/scim/json.ts';
import { type Bridge, TOKEN } from './bridge.ts';
import type { Exchange, ExchangeStep } from './exchange.ts';
import { align } from './exchange-align.ts';
import { carryOver } from './exchange-carry-over.ts';
import { addGiven, type DirectoryState, formatState, readLdifState, takeState } from './exchange-directory.ts';
import { Placeholders } from './exchange-placeholders.ts';
import type { TestDirectory } from './test-directory.ts';

/** An exchange as it was expected and as it went, both in the same spelling: equal when they agree. */
export interface Transcript {
  readonly expected: string;
  /** Ends with the first step that went differently. */
  readonly actual: string;
}

/** slapo-refint mends references a moment after it has answered. */
const SETTLING_TIME = 2000;

/** The shipped mapping with what an exchange wants of it: maps are joined, everything else is exchanged. */
export function overlayMapping(shipped: string, overlay: string): string {
  if (overlay === '') return shipped;
  const read = (text: string) => parseYaml(text, { schema: 'failsafe' }) as JsonValue;
  return stringifyYaml(merge(read(shipped), read(overlay)), { schema: 'failsafe', lineWidth: 0 });
}

function merge(below: JsonValue | undefined, above: JsonValue): JsonValue {
  if (!isJsonObject(below) || !isJsonObject(above)) return above;
  const added = Object.entries(above).map(([name, value]) => [name, merge(below[name], value)] as const);
  return Object.fromEntries([...Object.entries(below), ...added]);
}

/**
 * Empties the directory, adds what is given, and goes through the steps.
 *
 * @param settlingTime milliseconds that the directory has to become as expected
 */
export async function runExchange(exchange: Exchange, bridge: Bridge, settlingTime = SETTLING_TIME): Promise<Transcript> {
  await bridge.ldap.reset();
  const placeholders = new Placeholders();
  await addGiven(bridge.ldap, exchange.given, placeholders);
  let before = await takeState(bridge.ldap, {});
  const expected: string[] = [];
  const actual: string[] = [];
  for (const [index, step] of exchange.steps.entries()) {
    const title = `=== ${index + 1}: ${step.request.method} ${step.request.target}`;
    const answer = await compareAnswer(step, await send(step, bridge, placeholders), placeholders);
    const directory = await compareDirectory(step, bridge, before, placeholders, settlingTime);
    expected.push(title, answer.expected, directory.expected);
    actual.push(title, answer.actual, directory.actual);
    if (answer.expected !== answer.actual || directory.expected !== directory.actual) break;
    before = directory.state;
  }
  return { expected: expected.join('\n'), actual: actual.join('\n') };
}

/**
 * The same where the directory holds things in other ways: only the answers count. What is given is taken over from `model`, the
 * OpenLDAP that the exchange was recorded with, as SCIM resources.
 *
 * @param without takes out of answers what this directory doesn't keep
 */
export async function runAnswers(
  exchange: Exchange,
  model: Bridge,
  bridge: Bridge<TestDirectory>,
  without: (body: JsonValue) => JsonValue,
): Promise<Transcript> {
  const placeholders = await carryOver(exchange.given, model, bridge);
  const expected: string[] = [];
  const actual: string[] = [];
  for (const [index, step] of exchange.steps.entries()) {
    const title = `=== ${index + 1}: ${step.request.method} ${step.request.target}`;
    const answer = await compareAnswer(step, await send(step, bridge, placeholders), placeholders, without);
    expected.push(title, answer.expected);
    actual.push(title, answer.actual);
    if (answer.expected !== answer.actual) break;
  }
  return { expected: expected.join('\n'), actual: actual.join('\n') };
}

/** What came back. `fetch` would tidy the target up, so the request is sent with less help. */
async function send({ request }: ExchangeStep, bridge: Bridge<TestDirectory>, placeholders: Placeholders): Promise<IncomingMessage> {
  const { origin } = new URL(bridge.url);
  const body = placeholders.fill(request.body);
  const headers = new Map([
    ['authorization', `Bearer ${TOKEN}`],
    ...(body === '' ? [] : ([['content-type', 'application/scim+json; charset=utf-8']] as const)),
    ...[...request.headers].map(([name, value]) => [name.toLowerCase(), value] as const),
  ]);
  const sent = httpRequest(origin, {
    method: request.method,
    path: placeholders.fill(request.target),
    headers: Object.fromEntries([...headers].filter(([, value]) => value !== '')),
  });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return answer;
}

async function compareAnswer(
  { answer }: ExchangeStep,
  response: IncomingMessage,
  placeholders: Placeholders,
  without: (body: JsonValue) => JsonValue = (body) => body,
): Promise<Transcript> {
  const text = await readText(response);
  const wanted = answer.body === '' ? undefined : without(JSON.parse(answer.body) as JsonValue);
  const received = text === '' ? undefined : without(withoutRequestId(JSON.parse(text) as JsonValue, response));
  const named = new Map([...impliedHeaders(received, response.statusCode), ...answer.headers]);
  const aligned = received === undefined ? undefined : align(wanted, received, placeholders);
  const headers = [...named].map(([name, value]) => {
    const present = String(response.headers[name.toLowerCase()]);
    return placeholders.match(value, present) ? value : placeholders.hide(present);
  });
  return {
    expected: formatAnswer(answer.status, [...named.keys()], [...named.values()], wanted),
    actual: formatAnswer(response.statusCode ?? 0, [...named.keys()], headers, aligned),
  };
}

/** What every answer has to have and no file has to repeat. */
function impliedHeaders(body: JsonValue | undefined, status: number | undefined): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  if (body !== undefined) headers.set('Content-Type', 'application/scim+json');
  if (status === 201) headers.set('Location', locationIn(body) ?? 'the location of what was created');
  return headers;
}

function locationIn(body: JsonValue | undefined): string | undefined {
  const meta = isJsonObject(body) ? body['meta'] : undefined;
  const location = isJsonObject(meta) ? meta['location'] : undefined;
  return typeof location === 'string' ? location : undefined;
}

/** An error's detail ends with the id of the request, which is made up. */
function withoutRequestId(body: JsonValue, { headers }: IncomingMessage): JsonValue {
  if (!isJsonObject(body) || typeof body['detail'] !== 'string') return body;
  return { ...body, detail: body['detail'].replace(` (request ${String(headers['x-request-id'])})`, '') };
}

function formatAnswer(status: number, names: readonly string[], values: readonly string[], body: JsonValue | undefined): string {
  const headers = names.map((name, index) => `${name}: ${values[index] ?? ''}`);
  return ['--- answer', String(status), ...headers, '', body === undefined ? '' : JSON.stringify(body, null, 2), ''].join('\n');
}

/** Looks at the directory until it is as expected, or has had the time to become so. An unchanged one is passed over in silence. */
async function compareDirectory(
  { directory }: ExchangeStep,
  bridge: Bridge,
  before: DirectoryState,
  placeholders: Placeholders,
  settlingTime: number,
): Promise<Transcript & { readonly state: DirectoryState }> {
  const wanted = directory === undefined ? before : readLdifState(directory);
  const expected = formatState(wanted);
  const deadline = Date.now() + settlingTime;
  for (;;) {
    const state = await takeState(bridge.ldap, wanted);
    const actual = formatState(align(wanted, state, placeholders) as DirectoryState);
    if (actual === expected) return { expected: '', actual: '', state };
    if (Date.now() > deadline) return { expected: `--- directory\n${expected}`, actual: `--- directory\n${actual}`, state };
  }
}
