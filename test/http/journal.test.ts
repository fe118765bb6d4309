import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SettledWrite } from '../../src/journal/journaled-write.ts';
import { readUndoJournal } from '../../src/state/read-undo-journal.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';
import { refuseSecretsIn } from '../support/secret-scanner.ts';

/** What the journal keeps of each request: enough to take it back, and nothing secret. */

const PASSWORD = 'correct horse battery';

let state: string;
let bridge: Bridge;
beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-state-'));
  bridge = await startBridge({ service: `stateDirectory: ${state}\naudit: { file: /dev/null }` });
});
afterAll(async () => {
  await bridge.stop();
  rmSync(state, { recursive: true });
});

/** The writes of one request, in their order. */
async function writesOf(id: string): Promise<readonly SettledWrite[]> {
  const writes: SettledWrite[] = [];
  for await (const write of readUndoJournal(join(state, 'journal'))) if (write.request === id) writes.push(write);
  return writes;
}

async function request(method: string, path: string, body?: unknown) {
  const answer = await bridge.send(method, path, body);
  return { ...answer, writes: await writesOf(answer.headers.get('x-request-id') ?? '') };
}

const replace = (value: object) => ({ Operations: [{ op: 'replace', value }] });
const members = (op: string, ...ids: readonly string[]) => ({
  Operations: [{ op, path: 'members', value: ids.map((value) => ({ value })) }],
});

const create = async (userName: string, more: object = {}): Promise<string> =>
  (await bridge.send('POST', '/Users', { userName, name: { familyName: userName }, ...more })).body.id;

const createGroup = async (displayName: string, ...ids: readonly string[]): Promise<string> =>
  (await bridge.send('POST', '/Groups', { displayName, members: ids.map((value) => ({ value })) })).body.id;

it('a creation: the entry, its id, and that it would go', async () => {
  const { status, body, writes } = await request('POST', '/Users', { userName: 'new', name: { familyName: 'New' }, password: PASSWORD });
  expect(status).toBe(201);
  const [write, ...others] = writes;
  expect(others.map(({ change }) => change.kind)).toEqual(['password']);
  const dn = `uid=new,${PEOPLE}`;
  expect(write).toMatchObject({ tenant: 'contoso', directory: 'corp', target: 'users', id: body.id, after: dn, outcome: 'done' });
  expect(write?.undo).toEqual({ kind: 'delete', dn });
  expect(write?.before).toBeUndefined();
  expect(others[0]?.undo).toBeUndefined();
});

it('an update: what was there before, attribute by attribute', async () => {
  const id = await create('updated', { title: 'Before' });
  const { writes } = await request('PATCH', `/Users/${id}`, replace({ title: 'After', nickName: 'Up' }));
  expect(writes).toMatchObject([
    {
      id,
      outcome: 'done',
      undo: {
        kind: 'modify',
        modifications: expect.arrayContaining([{ operation: 'replace', attribute: 'title', values: ['Before'] }]),
      },
    },
  ]);
});

it('a rename: both names, and who is to follow', async () => {
  const id = await create('renamed');
  const group = await createGroup('of-renamed', id);
  const { writes } = await request('PATCH', `/Users/${id}`, replace({ userName: 'renamed2' }));
  const rename = writes.find(({ change }) => change.kind === 'rename');
  expect(rename).toMatchObject({
    before: `uid=renamed,${PEOPLE}`,
    after: `uid=renamed2,${PEOPLE}`,
    undo: { kind: 'rename', newRdn: 'uid=renamed' },
    references: { kind: 'follow', holders: [] },
  });
  expect((await bridge.send('GET', `/Groups/${group}`)).body.members).toMatchObject([{ value: id }]);
});

it('members: the change of the list and no more, and only what was a change', async () => {
  const [one, two, three] = [await create('m1'), await create('m2'), await create('m3')];
  const group = await createGroup('members', one);
  const added = await request('PATCH', `/Groups/${group}`, members('add', one, two, three));
  const [last] = added.writes.filter(({ outcome }) => outcome === 'done');
  expect(last?.undo).toMatchObject({
    modifications: [{ operation: 'delete', attribute: 'member', values: [`uid=m2,${PEOPLE}`, `uid=m3,${PEOPLE}`] }],
  });
  const { writes } = await request('PATCH', `/Groups/${group}`, members('remove', two));
  expect(writes).toMatchObject([
    { id: group, undo: { modifications: [{ operation: 'add', attribute: 'member', values: [`uid=m2,${PEOPLE}`] }] } },
  ]);
});

it('members that many requests change at a time: each its own', async () => {
  const ids = await Promise.all(Array.from({ length: 30 }, (_, index) => create(`many${index}`)));
  const group = await createGroup('many', ids[0] ?? '');
  const answers = await Promise.all(ids.map((id) => request('PATCH', `/Groups/${group}`, members('add', id))));
  const added = answers.map(({ writes }) =>
    writes.filter(({ outcome }) => outcome === 'done').flatMap(({ change }) => (change.kind === 'modify' ? change.modifications : [])),
  );
  expect(added.map((modifications) => modifications.flatMap(({ values }) => values))).toEqual(
    ids.map((_, index) => (index === 0 ? [] : [`uid=many${index},${PEOPLE}`])),
  );
});

it('a deletion: the whole entry, also what nobody mapped, and who named it; no password', async () => {
  const id = await create('deleted', { title: 'Here', password: PASSWORD });
  const managed = await create('managed', {
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { manager: { value: id } },
  });
  await createGroup('of-deleted', id, managed);
  await bridge.ldap.adminModify(`uid=deleted,${PEOPLE}`, { operation: 'add', attribute: 'carLicense', values: ['ABC 123'] });
  const { writes } = await request('DELETE', `/Users/${id}`);
  const [write, ...follow] = writes;
  expect(write).toMatchObject({ id, change: { kind: 'delete' }, undo: { kind: 'add', dn: `uid=deleted,${PEOPLE}` } });
  const attributes = write?.undo?.kind === 'add' ? write.undo.attributes : [];
  const values = Object.fromEntries(attributes.map((each) => [each.name.toLowerCase(), each.values]));
  expect(values).toMatchObject({ title: ['Here'], carlicense: ['ABC 123'], uid: ['deleted'] });
  expect(Object.keys(values)).not.toContain('userpassword');
  expect(Object.keys(values)).not.toContain('entryuuid');
  expect(write?.references?.holders).toEqual(
    expect.arrayContaining([
      { target: 'users', dn: `uid=managed,${PEOPLE}`, attribute: 'manager', value: `uid=deleted,${PEOPLE}` },
      { target: 'groups', dn: `cn=of-deleted,${GROUPS}`, attribute: 'member', value: `uid=deleted,${PEOPLE}` },
    ]),
  );
  expect(follow.every(({ follows }) => follows === true)).toBe(true);
});

it('no password is in it', () => {
  const files = readdirSync(join(state, 'journal'));
  const lines = files.flatMap((name) => readFileSync(join(state, 'journal', name), 'utf8').split('\n'));
  expect(lines.length).toBeGreaterThan(50);
  refuseSecretsIn(lines, new Set([PASSWORD, bridge.ldap.bindPassword]));
  expect(lines.filter((line) => /userPassword"|\{(?:SSHA|ARGON2|CRYPT)\}/i.test(line) && !line.includes('"withheld"'))).toEqual([]);
});

describe('a journal that cannot be written', () => {
  const refused = async (required: boolean) => {
    const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-state-'));
    const limited = await startBridge({
      service: `stateDirectory: ${folder}\njournal: { required: ${required} }\naudit: { file: /dev/null }`,
    });
    const journal = join(folder, 'journal');
    rmSync(journal, { recursive: true });
    writeFileSync(journal, '');
    return { limited, folder, journal };
  };

  it('stops all writing while it is required, and no reading', async () => {
    const { limited, folder, journal } = await refused(true);
    const body = { userName: 'unnoted', name: { familyName: 'x' } };
    const answer = await limited.send('POST', '/Users', body);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60']);
    expect(answer.body.detail).toContain('journal');
    expect(await limited.ldap.adminSearch(PEOPLE, '(uid=*)')).toEqual([]);
    expect((await limited.send('GET', '/Users')).body.totalResults).toBe(0);
    rmSync(journal);
    mkdirSync(journal);
    expect((await limited.send('POST', '/Users', body)).status).toBe(201);
    await limited.stop();
    rmSync(folder, { recursive: true });
  });

  it('is said loudly, and stops nothing, while it is not required', async () => {
    const { limited, folder } = await refused(false);
    expect((await limited.send('POST', '/Users', { userName: 'unnoted', name: { familyName: 'x' } })).status).toBe(201);
    const line = limited.log.map((each) => JSON.parse(each)).find(({ msg }) => msg.startsWith('a write may be missing in the journal'));
    expect(line).toMatchObject({ level: 50, tenant: 'contoso' });
    await limited.stop();
    rmSync(folder, { recursive: true });
  });
});

it('is not kept without a state directory, nor with "retention: none"', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-state-'));
  const silent = await startBridge({ service: `stateDirectory: ${folder}\njournal: { retention: none }\naudit: { file: /dev/null }` });
  await silent.send('POST', '/Users', { userName: 'x', name: { familyName: 'x' } });
  expect(readdirSync(folder)).not.toContain('journal');
  await silent.stop();
  execFileSync('rm', ['-r', folder]);
});
