import { expect } from 'vitest';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../../../src/scim/json.ts';
import type { Answer, Bridge } from '../../support/bridge.ts';
import type { MappingName } from './shipped-mappings.ts';

/** A request of an example. `${name}` stands for the id, `${name.version}` for the entity tag of what was created before. */
export interface ExampleRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it stands. */
  readonly body?: JsonValue;
}

/** What an answer must show; `<text>` stands for any text that isn't empty, `${answer}` for the id in the answer. */
export interface ExpectedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Members that the body has, with what they hold; lists as a whole. It may have others. */
  readonly body?: JsonObject;
  /** Members that the body doesn't have. */
  readonly absent?: readonly string[];
  /** Of a list: the values of a member of its resources, in any order. */
  readonly members?: Readonly<Record<string, readonly string[]>>;
  /** Of a list: the members that its resources have, and no others. */
  readonly only?: readonly string[];
}

/** An example of an RFC: a file of its own, named by the section. */
export interface Example {
  readonly section: string;
  readonly what: string;
  /** The mapping files with which it answers so; left out: all that we ship. */
  readonly mappings?: readonly MappingName[];
  /** Resources that are there before, under the names by which the rest refers to them. */
  readonly given?: readonly { readonly as: string; readonly request: ExampleRequest }[];
  readonly request: ExampleRequest;
  readonly answer: ExpectedAnswer & {
    /** What a GET says afterwards. */
    readonly then?: ExpectedAnswer & { readonly path: string };
  };
}

/** Empties the directory, creates what is given, sends the request and holds the answer against what is expected. */
export async function runExample({ given = [], request, answer }: Example, bridge: Bridge, send: Bridge['send']): Promise<void> {
  await bridge.ldap.reset();
  const names = new Map<string, string>();
  for (const { as, request: creation } of given) {
    const created = await sendRequest(creation, names, send);
    expect(created.status, created.text).toBe(201);
    remember(names, as, created);
  }
  const answered = await sendRequest(request, names, send);
  remember(names, 'answer', answered);
  compare(answered, answer, names);
  if (answer.then !== undefined) compare(await send('GET', fill(answer.then.path, names)), { status: 200, ...answer.then }, names);
}

function sendRequest(
  { method, path, headers = {}, body }: ExampleRequest,
  names: ReadonlyMap<string, string>,
  send: Bridge['send'],
): Promise<Answer> {
  const filled = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value, names)]));
  return send(method, fill(path, names), body === undefined ? undefined : fillAll(body, names), filled);
}

function remember(names: Map<string, string>, name: string, { body }: Answer): void {
  if (typeof body?.id !== 'string') return;
  names.set(name, body.id);
  if (typeof body.meta?.version === 'string') names.set(`${name}.version`, body.meta.version);
}

function compare({ status, headers, body, text }: Answer, expected: ExpectedAnswer, names: ReadonlyMap<string, string>): void {
  expect(status, text).toBe(expected.status);
  for (const [name, value] of Object.entries(expected.headers ?? {})) expect(headers.get(name), name).toEqual(toMatcher(value, names));
  if (expected.body !== undefined) expect(body).toMatchObject(toMatcher(expected.body, names) as object);
  for (const name of expected.absent ?? []) expect(body).not.toHaveProperty([name]);
  const resources: readonly JsonObject[] = body?.Resources ?? [];
  for (const [name, values] of Object.entries(expected.members ?? {})) {
    const shown = resources.map((resource) => JSON.stringify(resource[name]));
    expect(shown.toSorted()).toEqual(values.map((value) => JSON.stringify(value)));
  }
  for (const resource of expected.only === undefined ? [] : resources)
    expect(Object.keys(resource).toSorted()).toEqual(expected.only?.toSorted());
}

function fill(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(/\$\{([\w.]+)\}/g, (whole, name: string) => names.get(name) ?? whole);
}

function fillAll(json: JsonValue, names: ReadonlyMap<string, string>): JsonValue {
  return JSON.parse(fill(JSON.stringify(json), names)) as JsonValue;
}

function toMatcher(json: JsonValue, names: ReadonlyMap<string, string>): unknown {
  if (typeof json === 'string') return json === '<text>' ? expect.stringMatching(/./) : fill(json, names);
  if (isJsonList(json)) return json.map((each) => toMatcher(each, names));
  if (isJsonObject(json)) return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, toMatcher(value, names)]));
  return json;
}
