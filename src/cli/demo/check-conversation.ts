import type { Directory } from '../../directory/directory.ts';
import { unlessNoSuchObject } from '../../directory/directory-error.ts';
import { type Entry, valuesOf } from '../../ldap/entry.ts';
import { ANY_ENTRY } from '../../ldap/filter.ts';
import { isJsonList, isJsonObject, type JsonValue } from '../../scim/json.ts';
import type { BridgedDirectory } from './bridged-directory.ts';
import { ABSENT, CONVERSATION, type DirectoryState, type Step } from './conversation.ts';
import { findDifferences } from './find-differences.ts';
import { sendScim } from './scim-client.ts';

/** slapd's overlays let references follow after the answer (ldap.md §6): they may take so long. */
const SETTLE_MS = 2000;
const SETTLE_PAUSE_MS = 20;

/**
 * Goes through a conversation with the daemon, compares each answer and what the directory holds then with what should be, and
 * says a line for each step.
 *
 * @param say takes one line, without its end
 * @returns whether all was as it should be
 */
export async function checkConversation(
  bridged: BridgedDirectory,
  say: (line: string) => void,
  steps: readonly Step[] = CONVERSATION,
): Promise<boolean> {
  const ids = new Map<string, string>();
  let failures = 0;
  for (const step of steps) {
    const differences = await takeStep(bridged, step, ids).catch((error: unknown) => [String(error)]);
    say(`${differences.length === 0 ? 'ok    ' : 'FAILED'}  ${step.title}`);
    for (const difference of differences) say(`          ${difference}`);
    if (differences.length > 0) failures += 1;
  }
  say(failures === 0 ? `All ${steps.length} steps went as they should.` : `${failures} of ${steps.length} steps FAILED.`);
  return failures === 0;
}

/** @param ids what was remembered so far, by name; this step may add to it */
async function takeStep(bridged: BridgedDirectory, step: Step, ids: Map<string, string>): Promise<readonly string[]> {
  const { request, body } = withIds({ request: step.request, body: step.body ?? ABSENT }, ids);
  const [method = '', path = ''] = request.split(' ');
  const found = await sendScim(bridged, method, path, body === ABSENT ? undefined : body);
  // The rest has nothing to add to a wrong status but what the answer says to it.
  if (found.status !== step.status) return [`status: expected ${step.status}, found ${found.status} ${JSON.stringify(found.body)}`];
  if (step.remember !== undefined) ids.set(step.remember, idIn(found.body));
  const { answer, directory } = withIds({ answer: step.answer ?? {}, directory: step.directory ?? {} }, ids);
  return [
    ...findDifferences('answer', answer, found.body ?? {}),
    ...(await settledDifferences(bridged.directory, directory)),
    ...(await bindDifferences(bridged, step.bind)),
  ];
}

/** @throws Error for a name that nothing was remembered under */
function withIds<T>(told: T, ids: ReadonlyMap<string, string>): T {
  const text = JSON.stringify(told).replace(/\{(\w+)\}/g, (_, name: string) => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`the step that tells the id of ${name} failed`);
    return id;
  });
  return JSON.parse(text) as T;
}

/** @throws Error there is none in the answer */
function idIn(body: JsonValue | undefined): string {
  const list = isJsonObject(body) ? body['Resources'] : undefined;
  const resource = isJsonList(list) ? list[0] : body;
  const id = isJsonObject(resource) ? resource['id'] : undefined;
  if (typeof id !== 'string') throw new Error(`no id in ${JSON.stringify(body)}`);
  return id;
}

async function settledDifferences(directory: Directory, expected: DirectoryState): Promise<readonly string[]> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const differences = await directoryDifferences(directory, expected);
    if (differences.length === 0 || performance.now() > deadline) return differences;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_PAUSE_MS));
  }
}

async function directoryDifferences(directory: Directory, expected: DirectoryState): Promise<readonly string[]> {
  const differences: string[] = [];
  for (const [dn, attributes] of Object.entries(expected)) {
    const entry = await entryAt(directory, dn);
    if (attributes === ABSENT || entry === undefined) {
      if (attributes !== ABSENT) differences.push(`${dn}: is not in the directory`);
      else if (entry !== undefined) differences.push(`${dn}: is in the directory`);
      continue;
    }
    for (const [name, values] of Object.entries(attributes)) {
      const found = valuesOf(entry, name).map(String).toSorted();
      differences.push(...findDifferences(`${dn} ${name}`, values?.toSorted() ?? ABSENT, found.length === 0 ? undefined : found));
    }
  }
  return differences;
}

async function entryAt(directory: Directory, dn: string): Promise<Entry | undefined> {
  const [entry] = await unlessNoSuchObject(directory.search({ base: dn, scope: 'base', filter: ANY_ENTRY, attributes: ['*', '+'] }), []);
  return entry;
}

async function bindDifferences(bridged: BridgedDirectory, expected: Step['bind']): Promise<readonly string[]> {
  if (expected === undefined) return [];
  const { dn, password, accepted } = expected;
  return findDifferences(`bind as ${dn}`, accepted, await bridged.acceptsBind(dn, password));
}
