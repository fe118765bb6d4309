import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LdapDirectory } from '../../src/directory/ldapts-directory.ts';
import { connectDirectory } from '../../src/directory/ldapts-directory.ts';
import type { Change } from '../../src/ldap/change.ts';
import { type Entry, valuesOf } from '../../src/ldap/entry.ts';
import type { LdapFilter } from '../../src/ldap/filter.ts';
import type { RecordingLog } from '../support/directory-log.ts';
import { recordingLog } from '../support/directory-log.ts';
import { GROUPS, type OpenLdap, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { type Fault, startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const TIMEOUT_MS = 1000;

const ANNA = `uid=anna,${PEOPLE}`;
const BERT = `uid=bert,${PEOPLE}`;
const TEAM = `cn=team,${GROUPS}`;
const LDIF = `dn: ${ANNA}
objectClass: inetOrgPerson
uid: anna
cn: Anna
sn: A
title: one

dn: ${TEAM}
objectClass: groupOfNames
cn: team
member: ${ANNA}
`;

let server: OpenLdap;
let proxy: TcpProxy;
let log: RecordingLog;
let directory: LdapDirectory;

async function entryAt(dn: string): Promise<Entry | undefined> {
  return (await server.adminSearch(dn, '(objectClass=*)', ['*', '+']).catch(() => []))[0];
}

/** That nobody has written to the entry since now. */
async function unchanged(dn: string): Promise<LdapFilter> {
  const entry = await entryAt(dn);
  return { kind: 'equality', attribute: 'entryCSN', value: entry === undefined ? '' : (valuesOf(entry, 'entryCSN')[0] ?? '') };
}

interface Row {
  readonly name: string;
  readonly change: () => Promise<Change>;
  /** What the directory holds once it is done. */
  readonly isDone: () => Promise<boolean>;
}

const ROWS: readonly Row[] = [
  {
    name: 'an add',
    change: () =>
      Promise.resolve({
        kind: 'add',
        dn: BERT,
        attributes: [
          { name: 'objectClass', values: ['inetOrgPerson'] },
          { name: 'uid', values: ['bert'] },
          { name: 'cn', values: ['Bert'] },
          { name: 'sn', values: ['B'] },
          { name: 'userPassword', values: ['secret-of-bert'] },
          { name: 'jpegPhoto', values: [Buffer.from([0xff, 0xd8, 0xff])] },
        ],
      }),
    isDone: async () => (await entryAt(BERT)) !== undefined,
  },
  {
    name: 'a modify guarded by the version',
    change: async () => ({
      kind: 'modify',
      dn: ANNA,
      modifications: [
        { operation: 'delete', attribute: 'title', values: ['one'] },
        { operation: 'add', attribute: 'title', values: ['two'] },
        { operation: 'replace', attribute: 'facsimileTelephoneNumber', values: ['+49 30 1234'] },
      ],
      assertion: await unchanged(ANNA),
    }),
    isDone: async () => {
      const entry = await entryAt(ANNA);
      return entry !== undefined && valuesOf(entry, 'title').join() === 'two' && valuesOf(entry, 'facsimileTelephoneNumber').length === 1;
    },
  },
  {
    name: 'a modify of members, guarded by the name only',
    change: () =>
      Promise.resolve({
        kind: 'modify',
        dn: TEAM,
        modifications: [{ operation: 'add', attribute: 'member', values: [BERT, `uid=C\\2c D,${PEOPLE}`] }],
        assertion: { kind: 'equality', attribute: 'cn', value: 'team' },
      }),
    isDone: async () => {
      const entry = await entryAt(TEAM);
      return entry !== undefined && valuesOf(entry, 'member').length === 3;
    },
  },
  {
    name: 'a rename',
    change: async () => ({ kind: 'rename', dn: ANNA, newRdn: 'uid=anne', assertion: await unchanged(ANNA) }),
    isDone: async () => (await entryAt(ANNA)) === undefined && (await entryAt(`uid=anne,${PEOPLE}`)) !== undefined,
  },
  {
    name: 'a rename of the case only',
    change: async () => ({ kind: 'rename', dn: ANNA, newRdn: 'uid=Anna', assertion: await unchanged(ANNA) }),
    isDone: async () => (await entryAt(ANNA))?.dn === `uid=Anna,${PEOPLE}`,
  },
  {
    name: 'a delete',
    change: async () => ({ kind: 'delete', dn: ANNA, assertion: await unchanged(ANNA) }),
    isDone: async () => (await entryAt(ANNA)) === undefined,
  },
];

/** How the log calls what became of it, and how often it was written in the end. */
const LOST: readonly (readonly [fault: Fault, outcome: string])[] = [
  [{ kind: 'loseAnswerToWrite' }, 'done'],
  [{ kind: 'loseWrite' }, 'sentAgain'],
];

beforeAll(async () => {
  server = await startOpenLdap({ logsOperations: true });
  proxy = await startTcpProxy({ port: server.slapd.port });
});

beforeEach(async () => {
  await server.reset();
  await server.adminAdd(LDIF);
  log = recordingLog();
  const { bindDn, bindPassword } = server;
  const urls = [`ldap://127.0.0.1:${proxy.port}`];
  directory = connectDirectory({ urls, bindDn, bindPassword, timeoutMs: TIMEOUT_MS, connections: 2 }, log);
  await directory.facts();
});

afterEach(async () => {
  proxy.set({ kind: 'none' });
  await directory.close();
});

afterAll(async () => {
  await proxy.close();
  await server.stop();
});

describe.each(ROWS)('$name', ({ change, isDone }) => {
  it.each(LOST)('whose connection is lost (%j) happens once and is a success', async (fault, outcome) => {
    const written = await change();
    await server.mark();
    proxy.set(fault);
    await directory.write(written, ['cn']);

    expect(await isDone()).toBe(true);
    const writes = (await server.operations()).filter(({ kind }) => ['ADD', 'MOD', 'MODRDN', 'DEL'].includes(kind));
    expect(writes).toHaveLength(1);
    expect(log.lines).toContainEqual({
      level: 'warn',
      message: 'the answer to a write was lost; the entry told what became of it',
      fields: { dn: written.dn, operation: written.kind, outcome },
    });
  });

  it('whose answer never comes is a success when it was done', async () => {
    const written = await change();
    proxy.set({ kind: 'swallowAnswersToWrites' });
    await directory.write(written, ['cn']);

    expect(await isDone()).toBe(true);
  });

  it('that can not be looked after is of unknown outcome, and the log says later which it was', async () => {
    const written = await change();
    proxy.set({ kind: 'blackHole' });
    await expect(directory.write(written)).rejects.toMatchObject({ name: 'DirectoryError', kind: 'unknownOutcome', dn: written.dn });
    proxy.set({ kind: 'none' });
    proxy.resetAll();

    const said = () => log.lines.filter(({ message }) => message === 'what became of a write of unknown outcome');
    await expect
      .poll(said, { timeout: 10_000 })
      .toEqual([{ level: 'warn', message: expect.anything(), fields: { dn: written.dn, operation: written.kind, outcome: 'notDone' } }]);
    expect(await isDone()).toBe(false);
    expect(JSON.stringify(log.lines)).not.toContain('secret-of-bert');
  });
});

describe('a write that others overtook while its answer was lost', () => {
  it('is a conflict, and who reads again finds out', async () => {
    const written: Change = {
      kind: 'modify',
      dn: ANNA,
      modifications: [{ operation: 'replace', attribute: 'title', values: ['ours'] }],
      assertion: { kind: 'equality', attribute: 'title', value: 'one' },
    };
    proxy.set({ kind: 'loseWrite' });
    const others = connectDirectory(
      { urls: [server.url], bindDn: server.bindDn, bindPassword: server.bindPassword, timeoutMs: 5000, connections: 1 },
      recordingLog(),
    );
    await others.write({ ...written, modifications: [{ operation: 'replace', attribute: 'title', values: ['theirs'] }] });

    await expect(directory.write(written)).rejects.toMatchObject({ kind: 'refused', code: 122 });
    await others.close();
  });

  it('is never a success for an entry that somebody else added', async () => {
    await server.adminAdd(`dn: ${BERT}\nobjectClass: inetOrgPerson\nuid: bert\ncn: Another\nsn: Person\n`);
    const written = (await ROWS[0]?.change()) as Change;
    proxy.set({ kind: 'loseAnswerToWrite' });

    await expect(directory.write(written)).rejects.toMatchObject({ name: 'DirectoryError', kind: 'unknownOutcome' });
  });
});

describe('a password', () => {
  it('can not be read: its outcome stays unknown, and it is not sent again', async () => {
    await server.mark();
    proxy.set({ kind: 'loseAnswerToWrite' });
    await expect(directory.write({ kind: 'password', dn: ANNA, newPassword: 'a-new-password' })).rejects.toMatchObject({
      kind: 'unknownOutcome',
    });
    expect((await server.operations()).filter(({ kind }) => kind === 'EXT')).toHaveLength(1);
  });

  it('in a modify is proven by what is beside it', async () => {
    const assertion = await unchanged(ANNA);
    proxy.set({ kind: 'loseAnswerToWrite' });
    await directory.write({
      kind: 'modify',
      dn: ANNA,
      modifications: [
        { operation: 'replace', attribute: 'userPassword', values: ['a-new-password'] },
        { operation: 'replace', attribute: 'title', values: ['two'] },
      ],
      assertion,
    });
    expect(await server.adminSearch(ANNA, '(userPassword=*)')).toHaveLength(1);
  });
});
