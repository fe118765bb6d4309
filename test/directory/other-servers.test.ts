import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDirectory, type LdapDirectory } from '../../src/directory/ldapts-directory.ts';
import type { Change } from '../../src/ldap/change.ts';
import { valuesOf } from '../../src/ldap/entry.ts';
import { formatGuid } from '../../src/ldap/guid.ts';
import { octetsOf } from '../../src/ldap/octets.ts';
import { start389ds } from '../support/389ds.ts';
import { FIRST_START_MS, hasContainerEngine, skippedWithoutEngine } from '../support/container-engine.ts';
import { recordingLog } from '../support/directory-log.ts';
import { startSamba } from '../support/samba.ts';
import { type ContainerDirectory, GROUPS, PEOPLE } from '../support/test-directory.ts';

function connect({ url, bindDn, bindPassword }: ContainerDirectory): LdapDirectory {
  return connectDirectory({ urls: [url], bindDn, bindPassword, timeoutMs: 10_000, connections: 2 }, recordingLog());
}

const PRESENT = { kind: 'present', attribute: 'objectClass' } as const;

describe.skipIf(!hasContainerEngine).each([
  { name: '389 DS', start: start389ds },
  { name: 'Samba', start: startSamba },
])(`$name in a container${skippedWithoutEngine}`, ({ start }) => {
  let ldap: ContainerDirectory;

  beforeAll(async () => {
    ldap = await start();
  }, FIRST_START_MS);
  afterAll(() => ldap?.stop());

  it('lets the bridge in, and nobody with another password', async () => {
    expect(await ldap.accepts(ldap.bindDn, ldap.bindPassword)).toBe(true);
    expect(await ldap.accepts(ldap.bindDn, 'Another-Secret1')).toBe(false);
  });

  it('forgets what a test left behind', async () => {
    await ldap.adminAdd(`dn: ou=team,${PEOPLE}\nobjectClass: organizationalUnit\nou: team\n`);
    await ldap.adminAdd(`dn: ou=part,ou=team,${PEOPLE}\nobjectClass: organizationalUnit\nou: part\n`);
    expect(await ldap.adminSearch(PEOPLE, '(ou=part)')).toHaveLength(1);
    await ldap.reset();
    expect(await ldap.adminSearch(PEOPLE)).toHaveLength(1);
    expect(await ldap.adminSearch(GROUPS)).toHaveLength(1);
  });
});

describe.skipIf(!hasContainerEngine)(`the directory room on 389 DS${skippedWithoutEngine}`, () => {
  let ldap: ContainerDirectory;
  let directory: LdapDirectory;

  beforeAll(async () => {
    ldap = await start389ds();
    directory = connect(ldap);
    await ldap.adminAdd(`dn: uid=ada,${PEOPLE}\nobjectClass: inetOrgPerson\nuid: ada\ncn: Ada\nsn: L\n`);
  }, FIRST_START_MS);
  afterAll(async () => {
    await directory?.close();
    await ldap?.stop();
  });

  it('knows whom it talks to', async () => {
    const facts = await directory.facts();
    expect(facts).toMatchObject({ server: '389ds', dnAttribute: 'entryDN', supportsAssertion: false, supportsPostRead: true });
    expect(facts.schema.allows(['scimObject'], 'scimExternalId')).toBe(true);
  });

  it('finds entries by their names', async () => {
    const filter = { kind: 'equality', attribute: 'entryDN', value: `uid=ada,${PEOPLE}` } as const;
    expect(await directory.search({ base: PEOPLE, scope: 'subtree', filter, attributes: [] })).toHaveLength(1);
  });

  it('says in the words of RFC 4511 what went wrong', async () => {
    const modifications = [{ operation: 'replace', attribute: 'displayName', values: ['a', 'b'] }] as const;
    await expect(directory.write({ kind: 'modify', dn: `uid=ada,${PEOPLE}`, modifications })).rejects.toMatchObject({ code: 19 });
  });
});

describe.skipIf(!hasContainerEngine)(`the directory room on Samba${skippedWithoutEngine}`, () => {
  let ldap: ContainerDirectory;
  let directory: LdapDirectory;
  const ada = `CN=Ada,${PEOPLE}`;
  const team = `CN=Team,${GROUPS}`;

  const membership = (operation: 'add' | 'delete', value: string): Change => ({
    kind: 'modify',
    dn: team,
    modifications: [{ operation, attribute: 'member', values: [value] }],
  });

  beforeAll(async () => {
    ldap = await startSamba();
    directory = connect(ldap);
    const people = ['Ada', 'Bob', 'Cyd'].map((cn) => `dn: CN=${cn},${PEOPLE}\nobjectClass: user\nsAMAccountName: ${cn}\n`);
    await ldap.adminAdd(people.join('\n'));
    await ldap.adminAdd(`dn: ${team}\nobjectClass: group\nmember: ${ada}\nmember: CN=Cyd,${PEOPLE}\n`);
  }, FIRST_START_MS);
  afterAll(async () => {
    await directory?.close();
    await ldap?.stop();
  });

  it('knows whom it talks to', async () => {
    const facts = await directory.facts();
    expect(facts).toMatchObject({
      server: 'activeDirectory',
      dnAttribute: 'distinguishedName',
      supportsAssertion: false,
      supportsPostRead: false,
    });
    expect(facts.schema.allows(['user'], 'sAMAccountName')).toBe(true);
    expect(facts.schema.attributeType('title')).toMatchObject({ equality: 'caseIgnoreMatch', singleValue: true });
  });

  it('finds entries by their GUIDs, many at a time, and by their names', async () => {
    const search = { base: PEOPLE, scope: 'subtree', attributes: ['objectGUID', 'cn'] } as const;
    const people = await directory.search({ ...search, filter: { kind: 'present', attribute: 'sAMAccountName' } });
    const filters = people.map((entry) => ({
      kind: 'equality' as const,
      attribute: 'objectGUID',
      value: octetsOf(valuesOf(entry, 'objectGUID')[0] ?? ''),
    }));
    expect(await directory.search({ ...search, filter: { kind: 'or', filters } })).toHaveLength(3);
    const named = { kind: 'equality', attribute: 'distinguishedName', value: ada.toLowerCase() } as const;
    expect((await directory.search({ ...search, filter: named })).map((entry) => valuesOf(entry, 'cn'))).toEqual([['Ada']]);
  });

  it('reads a list that comes in parts', async () => {
    const [entry] = await directory.search({ base: team, scope: 'base', filter: PRESENT, attributes: ['member;range=0-0'] });
    expect(entry === undefined ? [] : valuesOf(entry, 'member')).toHaveLength(2);
  });

  it('says in the words of RFC 4511 what went wrong', async () => {
    await expect(directory.write(membership('add', ada))).rejects.toMatchObject({ code: 20 });
    await expect(directory.write(membership('delete', `CN=Bob,${PEOPLE}`))).rejects.toMatchObject({ code: 16 });
    await expect(directory.write(membership('delete', `CN=Nobody,${PEOPLE}`))).rejects.toMatchObject({ code: 16 });
    await expect(directory.write(membership('add', `CN=Nobody,${PEOPLE}`))).rejects.toMatchObject({ code: 19 });
    const unknown = { kind: 'modify', dn: ada, modifications: [{ operation: 'add', attribute: 'shoeSize', values: ['9'] }] } as const;
    await expect(directory.write(unknown)).rejects.toMatchObject({ code: 17 });
    const taken = {
      kind: 'modify',
      dn: ada,
      modifications: [{ operation: 'replace', attribute: 'sAMAccountName', values: ['Bob'] }],
    } as const;
    await expect(directory.write(taken)).rejects.toMatchObject({ code: 19, serverText: expect.stringContaining('already in use') });
  });

  it('writes to the entry that was looked at, whatever its name', async () => {
    const [before] = await directory.search({ base: ada, scope: 'base', filter: PRESENT, attributes: ['objectGUID', 'uSNChanged'] });
    if (before === undefined) throw new Error('Ada is not there');
    const [octets = '', version = ''] = [...valuesOf(before, 'objectGUID'), ...valuesOf(before, 'uSNChanged')];
    expect(formatGuid(octetsOf(octets))).toMatch(/^[0-9a-f-]{36}$/);
    const assertion = { kind: 'equality', attribute: 'uSNChanged', value: version } as const;
    const change: Change = {
      kind: 'modify',
      dn: ada,
      assertion,
      modifications: [{ operation: 'replace', attribute: 'title', values: ['Countess'] }],
    };
    await directory.write(change);
    expect(await ldap.adminSearch(ada, '(title=Countess)')).toHaveLength(1);
    await expect(directory.write(change)).rejects.toMatchObject({ code: 122, dn: ada });
  });
});
