import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Bridge, startBridge } from '../support/bridge.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';

interface Line {
  readonly time: string;
  readonly requestId: string;
  readonly dn?: string;
  readonly changes: readonly { readonly kind: string; readonly outcome: string; readonly attributes: Record<string, object> }[];
}

let folder: string;
let bridge: Bridge;
let seen = 0;

function startWith(audit: string): Promise<Bridge> {
  return startBridge({ service: `audit: { file: '${join(folder, 'audit.log')}', ${audit} }` });
}

/** The lines that were added since the last look. */
function newLines(): readonly Line[] {
  const all = readFileSync(join(folder, 'audit.log'), 'utf8').split('\n').slice(0, -1);
  const lines = all.slice(seen).map((line) => JSON.parse(line) as Line);
  seen = all.length;
  return lines;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function create(userName: string): Promise<string> {
  const { status, body } = await bridge.send('POST', '/Users', { userName });
  expect(status).toBe(201);
  newLines();
  return body.id;
}

describe('the audit trail', () => {
  beforeAll(async () => {
    bridge = await startWith('required: true');
  });
  afterAll(() => bridge.stop());
  beforeEach(() => {
    newLines();
  });

  const requestIdOf = ({ headers }: Answer): string | null => headers.get('x-request-id');

  it('has one line for a creation, with who, what and how it went', async () => {
    const answer = await bridge.send('POST', '/Users', { userName: 'ada', displayName: 'Ada Lovelace', password: 'open-Sesame-1' });
    const lines = newLines();

    expect(lines).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        requestId: requestIdOf(answer),
        tenant: 'contoso',
        credential: 'tests',
        address: '127.0.0.1',
        method: 'POST',
        path: '/scim/v2/Users',
        id: answer.body.id,
        dn: `uid=ada,${PEOPLE}`,
        changes: [
          {
            kind: 'add',
            dn: `uid=ada,${PEOPLE}`,
            outcome: 'done',
            attributes: expect.objectContaining({ uid: { added: ['ada'] }, displayName: { added: ['Ada Lovelace'] } }),
          },
          { kind: 'password', dn: `uid=ada,${PEOPLE}`, outcome: 'done' },
        ],
        result: { status: 201 },
        durationMs: expect.any(Number),
        ldapOperations: expect.any(Number),
      },
    ]);
  });

  it('has what was added, removed and replaced', async () => {
    const id = await create('changed');
    const set = (value: object) => bridge.send('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', value }] });
    await set({ title: 'Analyst', active: false });
    await set({ title: 'Countess' });
    const [first, second] = newLines();

    expect(first?.changes).toEqual([
      expect.objectContaining({
        kind: 'modify',
        attributes: { title: { added: ['Analyst'] }, pwdAccountLockedTime: { replaced: ['000001010000Z'] } },
      }),
    ]);
    expect(second?.changes[0]?.attributes).toEqual({ title: { added: ['Countess'], removed: ['Analyst'] } });
  });

  it('has each member who came and went', async () => {
    const [one, two] = [await create('member-one'), await create('member-two')];
    const members = [{ value: one }, { value: two }];
    const group = (await bridge.send('POST', '/Groups', { displayName: 'crew', members })).body.id;
    await bridge.send('PATCH', `/Groups/${group}`, { Operations: [{ op: 'remove', path: `members[value eq "${one}"]` }] });
    const [creation, removal] = newLines();

    expect(creation?.changes[0]?.attributes['member']).toEqual({ added: [`uid=member-one,${PEOPLE}`, `uid=member-two,${PEOPLE}`] });
    expect(removal).toMatchObject({
      dn: `cn=crew,${GROUPS}`,
      changes: [{ attributes: { member: { removed: [`uid=member-one,${PEOPLE}`] } }, outcome: 'done' }],
    });
  });

  it('has a rename, and what followed it', async () => {
    const id = await create('before');
    await bridge.send('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'userName', value: 'after' }] });

    expect(newLines()[0]?.changes[0]).toEqual({ kind: 'rename', dn: `uid=before,${PEOPLE}`, newRdn: 'uid=after', outcome: 'done' });
  });

  it('has what was refused, by whomever', async () => {
    const id = await create('taken');
    const refused = [
      await bridge.send('POST', '/Users', { userName: 'taken' }),
      await bridge.send('POST', '/Users', '{'),
      await bridge.send('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'preferredLanguage', value: 'x'.repeat(10) }] }),
      await bridge.send('DELETE', '/Users/nobody'),
    ];
    const lines = newLines();

    expect(lines.map(({ requestId }) => requestId)).toEqual(refused.map(requestIdOf));
    expect(lines[0]).toMatchObject({ result: { status: 409, scimType: 'uniqueness', detail: expect.stringContaining('in use') } });
    expect(lines[1]).toMatchObject({ changes: [], result: { status: 400, scimType: 'invalidSyntax' } });
    expect(lines[3]).toMatchObject({ id: 'nobody', changes: [], result: { status: 404 } });
  });

  it('says when the directory refused, or said nothing', async () => {
    const id = await create('refused');
    await bridge.ldap.adminAdd(`dn: cn=leaf,uid=refused,${PEOPLE}\nobjectClass: device\ncn: leaf\n`);
    await bridge.send('DELETE', `/Users/${id}`);

    expect(newLines()).toMatchObject([{ changes: [{ kind: 'delete', outcome: 'refused' }], result: { status: 409 } }]);
  });

  it('has one line for each operation of a bulk request', async () => {
    const answer = await bridge.send('POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [
        { method: 'POST', path: '/Users', bulkId: 'u', data: { userName: 'in-bulk' } },
        { method: 'POST', path: '/Groups', bulkId: 'g', data: { displayName: 'in-bulk', members: [{ value: 'bulkId:u' }] } },
        { method: 'DELETE', path: '/Users/nobody' },
        { method: 'FETCH', path: '/Users/nobody' },
      ],
    });
    const lines = newLines();

    expect(lines.map(({ requestId }) => requestId)).toEqual(Array(4).fill(requestIdOf(answer)));
    expect(lines).toMatchObject([
      { method: 'POST', path: '/Users', dn: `uid=in-bulk,${PEOPLE}`, result: { status: 201 } },
      { method: 'POST', path: '/Groups', dn: `cn=in-bulk,${GROUPS}`, result: { status: 201 } },
      { method: 'DELETE', path: '/Users/nobody', id: 'nobody', result: { status: 404 } },
      { method: 'FETCH', path: '/Bulk', result: { status: 400 } },
    ]);
    expect(answer.body.Operations.map(({ status }: { status: string }) => status)).toEqual(['201', '201', '404', '400']);
  });

  it('has nothing of what only reads, and nothing of strangers', async () => {
    await bridge.send('GET', '/Users');
    await bridge.send('POST', '/.search', {});
    await bridge.send('POST', '/Users', { userName: 'stranger' }, { authorization: 'Bearer wrong' });
    expect(newLines()).toEqual([]);
  });
});

describe('passwords and what is never returned', () => {
  beforeAll(async () => {
    seen = 0;
    rmSync(join(folder, 'audit.log'), { force: true });
    bridge = await startBridge({
      service: `audit: { file: '${join(folder, 'audit.log')}' }`,
      mapping: (text) =>
        text
          .replace(/password:.*/, 'password: { ldap: userPassword, method: plain }')
          .replace(/title: .*/, 'title: { ldap: title, returned: never }'),
    });
  });
  afterAll(() => bridge.stop());

  it('show that they were written, and not what', async () => {
    const { body } = await bridge.send('POST', '/Users', { userName: 'masked', password: 'hidden-Word-1', title: 'hidden-Title' });
    await bridge.send('PATCH', `/Users/${body.id}`, { Operations: [{ op: 'replace', value: { password: 'hidden-Word-2' } }] });
    const [creation, change] = newLines();

    expect(creation?.changes[0]?.attributes).toMatchObject({ title: { added: ['***'] }, userPassword: { added: ['***'] } });
    expect(change?.changes[0]?.attributes).toMatchObject({ userPassword: { replaced: ['***'] } });
    expect(readFileSync(join(folder, 'audit.log'), 'utf8')).not.toContain('hidden');
    expect(bridge.log.join('')).not.toContain('hidden');
  });
});

describe('without values', () => {
  beforeAll(async () => {
    seen = 0;
    rmSync(join(folder, 'audit.log'), { force: true });
    bridge = await startWith('values: names');
  });
  afterAll(() => bridge.stop());

  it('there are names only', async () => {
    await bridge.send('POST', '/Users', { userName: 'named', title: 'a-private-title' });
    expect(newLines()[0]?.changes[0]?.attributes).toEqual(expect.arrayContaining(['uid', 'title', 'objectClass']));
    expect(readFileSync(join(folder, 'audit.log'), 'utf8')).not.toContain('a-private-title');
  });
});
