import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BridgedDirectory, startBridgedDirectory } from '../../src/cli/demo/bridged-directory.ts';
import { checkConversation } from '../../src/cli/demo/check-conversation.ts';
import { ABSENT, type Step } from '../../src/cli/demo/conversation.ts';
import { findSlapdEngine } from '../../src/cli/demo/slapd-engine.ts';

const MARY = 'uid=mary.jones@example.org,ou=people,dc=example,dc=org';
const FIND_MARY = 'GET /Users?filter=userName+eq+%22mary.jones%40example.org%22';

let bridged: BridgedDirectory;

beforeAll(async () => {
  bridged = await startBridgedDirectory(findSlapdEngine());
});

afterAll(() => bridged.stop());

async function check(...steps: readonly Step[]): Promise<{ readonly passed: boolean; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const passed = await checkConversation(bridged, (line) => void lines.push(line), steps);
  return { passed, lines };
}

test('says what is as it should be', async () => {
  const find: Step = { title: 'finds Mary', request: FIND_MARY, status: 200, remember: 'mary' };
  const read: Step = { title: 'reads her', request: 'GET /Users/{mary}', status: 200, directory: { [MARY]: { entryUUID: ['{mary}'] } } };

  expect(await check(find, read)).toEqual({
    passed: true,
    lines: ['ok      finds Mary', 'ok      reads her', 'All 2 steps went as they should.'],
  });
});

test.concurrent.each<[string, Partial<Step>, string | RegExp]>([
  ['another status', { status: 204 }, /^ {10}status: expected 204, found 200 \{"schemas":\[/],
  ['another answer', { answer: { totalResults: 2 } }, '          answer.totalResults: expected 2, found 1'],
  ['an entry that must not be', { directory: { [MARY]: ABSENT } }, `          ${MARY}: is in the directory`],
  ['an entry that is missing', { directory: { [`cn=x,${MARY}`]: {} } }, `          cn=x,${MARY}: is not in the directory`],
  ['another value', { directory: { [MARY]: { sn: ['James'] } } }, `          ${MARY} sn[0]: expected "James", found "Jones"`],
  ['a missing attribute', { directory: { [MARY]: { mobile: ['1'] } } }, `          ${MARY} mobile: expected ["1"], found nothing`],
  ['an attribute too many', { directory: { [MARY]: { sn: ABSENT } } }, `          ${MARY} sn: expected nothing, found ["Jones"]`],
  ['a refused bind', { bind: { dn: MARY, password: 'x', accepted: true } }, `          bind as ${MARY}: expected true, found false`],
  ['an id that nobody told', { request: 'GET /Users/{jane}' }, '          Error: the step that tells the id of jane failed'],
])('finds %s', async (_, wrong, line) => {
  const { passed, lines } = await check({ title: 'goes wrong', request: FIND_MARY, status: 200, ...wrong });

  expect(passed).toBe(false);
  expect(lines).toEqual(['FAILED  goes wrong', typeof line === 'string' ? line : expect.stringMatching(line), '1 of 1 steps FAILED.']);
});
