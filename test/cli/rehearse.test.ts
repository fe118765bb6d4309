import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readMappingFile } from '../../src/config/read-mapping-file.ts';
import { canonicalChange } from '../../src/explain/canonical-change.ts';
import { readChanges } from '../../src/explain/read-changes.ts';
import type { Change } from '../../src/ldap/change.ts';
import { formatChanges } from '../../src/ldap/format-ldif.ts';
import { compileMapping } from '../../src/mapping/compile.ts';
import type { Plan } from '../../src/mapping/plan.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { sendFirstCycle } from '../support/first-cycle.ts';
import { generateDirectory } from '../support/generated-directory.ts';
import { GROUPS, PEOPLE } from '../support/openldap.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, runMain } from './support/run-main.ts';

let bridge: Bridge;
let folder: ConfigurationFolder;

beforeAll(async () => {
  bridge = await startBridge({
    mapping: adoptingAll,
    // Without refint and unique, whose work and rules are the server's own; with a log of every change.
    configure: (text) =>
      text
        .replace(/^overlay +refint\n(refint_.*\n)*/m, '')
        .replace(/^overlay +unique\n(unique_.*\n)*/m, '')
        .replace(/^moduleload +refint$/m, 'moduleload auditlog')
        .concat('overlay auditlog\nauditlog @DIR@/audit.ldif\n'),
  });
});
afterAll(() => bridge.stop());

beforeEach(() => {
  folder = makeConfigurationFolder(bridgeText(bridge.ldap.url));
});
afterEach(async () => {
  folder.remove();
  await bridge.ldap.reset();
});

function adoptingAll(text: string): string {
  return text.replace(/^unmapped:/m, '  adopt: any\n\n$&');
}

function configure(change: (text: string) => string): void {
  folder.write('mapping.yaml', change(readFileSync('config/mappings/openldap.yaml', 'utf8')));
}

function rehearse(input: readonly object[] | string, ...options: readonly string[]) {
  folder.write('input', typeof input === 'string' ? input : input.map((each) => JSON.stringify(each)).join('\n'));
  return runMain(['rehearse', `${folder.path}/input`, ...options, '--config', folder.file], {
    env: { LDAP_PASSWORD: bridge.ldap.bindPassword, SCIM_TOKEN: 'x' },
  });
}

function planOf(change: (text: string) => string): Plan {
  configure(change);
  const reading = readMappingFile(`${folder.path}/mapping.yaml`);
  const compiled = reading.ok ? compileMapping(reading.file, reading.source) : reading;
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
  return compiled.plan;
}

const WORK = 'emails[type eq "work"].value';

describe('what is rehearsed', () => {
  test('is what happens: the changes in slapd’s log, in their order, and nothing before', async () => {
    const { ldif, input, expected } = generateDirectory(200);
    await bridge.ldap.adminAdd(ldif);
    const plan = planOf(adoptingAll);
    const before = auditLog().length;
    const { code, stdout, stderr } = await rehearse(input, '--match', WORK, '--match', 'userName', '--ldif');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(auditLog().length).toBe(before);

    const answers = await sendFirstCycle((...request) => bridge.send(...request), plan, input, {
      users: [WORK, 'userName'],
      groups: ['displayName'],
    });
    expect(answers).toEqual({ 200: expect.any(Number), 201: expected.created, 204: expect.any(Number) });
    expect(printed(readChanges(auditLog().slice(before)))).toBe(printed(readChanges(stdout)));
  });

  test('is told: who matches, is ambiguous, created, renamed, disabled, and what of the stored values would go', async () => {
    const { ldif, input, expected } = generateDirectory(600);
    await bridge.ldap.adminAdd(ldif);
    configure(adoptingAll);
    const { code, stdout } = await rehearse(
      input,
      '--match',
      WORK,
      '--match',
      'userName',
      '--json',
      '--html',
      `${folder.path}/report.html`,
    );
    const report = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(report.users).toMatchObject({ given: 612, matchedBy: { [WORK]: 599 }, changed: 599, unchanged: 0 });
    expect(report.users.ambiguous).toEqual([
      { line: 2, name: 'person1', by: WORK, dns: [`uid=person1,${PEOPLE}`, `uid=double,${PEOPLE}`] },
    ]);
    expect(report.users.created).toHaveLength(expected.created);
    expect(report.users.renamed[0]).toEqual({
      line: 8,
      name: 'person7.renamed',
      dn: `uid=person7,${PEOPLE}`,
      newDn: `uid=person7.renamed,${PEOPLE}`,
    });
    expect([report.users.renamed.length, report.users.disabled.length]).toEqual([expected.renamed, expected.disabled]);
    expect(report.overwritten).toEqual([
      {
        attribute: 'title',
        entries: expected.titles,
        samples: expect.arrayContaining([{ dn: `uid=person3,${PEOPLE}`, before: ['Clerk'], after: ['Director'] }]),
      },
    ]);
    expect(report.adoptedGroups).toHaveLength(expected.collisions);
    expect(report.adoptedGroups[0]).toMatchObject({ dn: `cn=Team 0,${GROUPS}`, members: 91, staying: 2 });
    expect(report.adoptable).toEqual([]);
    const html = readFileSync(`${folder.path}/report.html`, 'utf8');
    expect(html).toContain(`<td>uid=person7.renamed,${PEOPLE}</td>`);
    expect(html).not.toMatch(/<script|src=|href=/);
  });

  test('of groups that are not adopted is what adopt takes', async () => {
    const { ldif, input, expected } = generateDirectory(100);
    await bridge.ldap.adminAdd(ldif);
    configure((text) => text.replace(/^unmapped:/m, '  adopt: listed\n\n$&'));
    const first = JSON.parse((await rehearse(input, '--json')).stdout);
    expect(first.adoptable).toEqual([
      { line: 103, name: 'Team 0', dn: `cn=Team 0,${GROUPS}`, members: 91 },
      { line: 104, name: 'administrators', dn: `cn=Administrators,${GROUPS}`, members: 1 },
    ]);
    expect(first.groups.refused.map(({ status }: { status: number }) => status)).toEqual([409, 409]);
    expect(expected.collisions).toBe(2);
    folder.write('reviewed.json', JSON.stringify({ adoptable: first.adoptable.slice(0, 1) }));
    const adopted = await runMain(['adopt', `${folder.path}/reviewed.json`, '--config', folder.file], {
      env: { LDAP_PASSWORD: bridge.ldap.bindPassword, SCIM_TOKEN: 'x' },
    });
    expect(adopted.stdout).toBe(`marked: cn=Team 0,${GROUPS} (91 members already)\n`);
    const second = JSON.parse((await rehearse(input, '--json')).stdout);
    expect(second.adoptedGroups).toMatchObject([{ dn: `cn=Team 0,${GROUPS}`, members: 91 }]);
    expect(second.adoptable).toHaveLength(1);
  });
});

describe('a table', () => {
  const TABLE = `\uFEFFuserPrincipalName,displayName,jobTitle,accountEnabled,secret\r\nada@example.org,"Lovelace, Ada ""Countess""",Countess,TRUE,Very-Secret-1\r\nbob,<b>Bob</b>,,FALSE,\r\n`;
  const COLUMNS = [
    'userPrincipalName=userName',
    'displayName=name.formatted',
    'jobTitle=title',
    'accountEnabled=active',
    'secret=password',
  ];

  test('is read as the portal exports it, its columns named; secrets are masked, and nothing becomes HTML', async () => {
    const options = COLUMNS.flatMap((column) => ['--column', column]);
    const { code, stdout, stderr } = await rehearse(TABLE, ...options, '--ldif', '--html', `${folder.path}/report.html`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('cn: Lovelace, Ada "Countess"\n');
    expect(stdout).toContain('pwdAccountLockedTime: 000001010000Z');
    expect(stdout).not.toContain('Very-Secret-1');
    expect(readFileSync(`${folder.path}/report.html`, 'utf8')).not.toMatch(/Very-Secret|<b>/);
  });

  test.each([
    ['a column that is not there', TABLE, ['--column', 'upn=userName'], 'has no column "upn"; there is: userPrincipalName, displayName'],
    ['a column without a path', TABLE, ['--column', 'userPrincipalName'], '--column takes HEADER=PATH'],
    ['a table whose columns are not named', TABLE, [], ':1: not JSON'],
    ['a line that is no resource', '{"userName":"ada"}\n[1]\n', [], ':2: a line holds one JSON object'],
    ['another type', '{}', ['--type', 'devices'], '--type is users or groups'],
  ])('%s is wrong usage', async (_what, input, options, message) => {
    const { code, stderr } = await rehearse(input, ...options);
    expect(code).toBe(64);
    expect(stderr).toContain(message);
  });
});

test('says 69 when the directory is away, and 78 for a wrong configuration', async () => {
  folder.write('bridge.yaml', bridgeText('ldap://127.0.0.1:1'));
  expect((await rehearse('{"userName":"ada"}')).code).toBe(69);
  folder.write('bridge.yaml', 'format: 1\n');
  expect((await rehearse('{"userName":"ada"}')).code).toBe(78);
});

/** What slapd adds to a write of its own accord. */
const OF_SLAPD = /^(entryCSN|entryUUID|structuralObjectClass|creatorsName|createTimestamp|modifiersName|modifyTimestamp|memberOf)$/i;

function auditLog(): string {
  try {
    return readFileSync(`${bridge.ldap.slapd.directory}/audit.ldif`, 'utf8');
  } catch {
    return '';
  }
}

function printed(changes: readonly Change[]): string {
  return formatChanges(changes.flatMap(withoutSlapd), { secretAttributes: new Set() });
}

function withoutSlapd(written: Change): readonly Change[] {
  const change = canonicalChange(written);
  if (change.kind === 'add') return [{ ...change, attributes: change.attributes.filter(({ name }) => !OF_SLAPD.test(name)) }];
  if (change.kind !== 'modify') return [change];
  const modifications = change.modifications.filter(({ attribute }) => !OF_SLAPD.test(attribute));
  return modifications.length === 0 ? [] : [{ ...change, modifications }];
}
