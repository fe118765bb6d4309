import { mkdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMappingFile } from '../../src/config/read-mapping-file.ts';
import { valuesOf } from '../../src/ldap/entry.ts';
import { compileMapping } from '../../src/mapping/compile.ts';
import type { Plan } from '../../src/mapping/plan.ts';
import { type CycleAnswers, sendFirstCycle } from '../support/first-cycle.ts';
import { type GeneratedDirectory, generateDirectory } from '../support/generated-directory.ts';
import { GROUPS, type OpenLdap, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { bridgeText, type ConfigurationFolder, type Ended, makeConfigurationFolder, runMain, startMain } from './support/run-main.ts';

/** docs/cut-over.md, step by step, with the commands that stand in it. */

const COUNT = Number(process.env['CUT_OVER_ENTRIES'] ?? 1000);
const TIMEOUT = 120_000 + COUNT * 60;
const TOKEN = 'a-token-for-the-tests';
const WORK = 'emails[type eq "work"].value';

const PAGE = readFileSync('docs/cut-over.md', 'utf8');
const commands = [...PAGE.matchAll(/^scim-ldap-bridge (.+)$/gm)].map(([, command = '']) => command);
const snippets = [...PAGE.matchAll(/```yaml\n([^`]+)```/g)].map(([, text = '']) => text);

let ldap: OpenLdap;
let folder: ConfigurationFolder;
let generated: GeneratedDirectory;
let plan: Plan;

beforeAll(async () => {
  generated = generateDirectory(COUNT);
  ldap = await startOpenLdap({
    ldif: generated.ldif,
    configure: (text) => text.replace(/^overlay +unique\n(unique_.*\n)*/m, ''),
  });
  folder = makeConfigurationFolder('');
  configure('');
  folder.write('everything.jsonl', generated.input.map((each) => JSON.stringify(each)).join('\n'));
}, TIMEOUT);
afterAll(async () => {
  await ldap.stop();
  folder.remove();
});

function configure(tenant: string, mapping = (text: string) => text): void {
  const state = `${folder.path}/state`;
  mkdirSync(state, { recursive: true });
  folder.write(
    'bridge.yaml',
    bridgeText(ldap.url)
      .replace(/^directories:/m, `stateDirectory: ${state}\n$&`)
      .replace(/^ {4}mapping:/m, `${tenant}$&`),
  );
  folder.write('mapping.yaml', mapping(readFileSync('config/mappings/openldap.yaml', 'utf8')));
  const reading = readMappingFile(`${folder.path}/mapping.yaml`);
  const compiled = reading.ok ? compileMapping(reading.file, reading.source) : reading;
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
  ({ plan } = compiled);
}

/** The next command of the page, as it stands there. */
async function nextCommand(begins: string): Promise<Ended> {
  const command = commands.shift() ?? '';
  expect(command).toMatch(new RegExp(`^${begins}`));
  const [line = '', target] = command.split(' > ');
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const ended = await runMain(
    words.map((word) => (/\.(jsonl?|html)$/.test(word) ? `${folder.path}/${word}` : word)).concat('--config', folder.file),
    { env: { LDAP_PASSWORD: ldap.bindPassword, SCIM_TOKEN: TOKEN } },
  );
  if (target !== undefined) folder.write(target, ended.stdout);
  return ended;
}

/** The lines of the next snippet that are about the tenant. */
function nextTenantLines(): string {
  const [, lines = ''] = (snippets.shift() ?? '').split('contoso:\n');
  expect(lines).toMatch(/^ {4}mode: /);
  return lines;
}

/** What the job of Entra is answered while the daemon runs. */
async function cycle(): Promise<CycleAnswers> {
  const daemon = startMain(['serve', '--config', folder.file], { env: { LDAP_PASSWORD: ldap.bindPassword, SCIM_TOKEN: TOKEN } });
  try {
    await expect.poll(daemon.stdout, { timeout: 30_000 }).toMatch(/"msg":"ready"/);
    const { url } = JSON.parse(/^.*"msg":"ready".*$/m.exec(daemon.stdout())?.[0] ?? '{}') as { url: string };
    const send = async (method: string, path: string, body?: unknown) => {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' };
      const response = await fetch(`${url}/scim/v2${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: text === '' ? undefined : JSON.parse(text) };
    };
    return await sendFirstCycle(send, plan, generated.input, { users: [WORK, 'userName'], groups: ['displayName'] }, 8);
  } finally {
    daemon.child.kill('SIGTERM');
    await daemon.ended;
  }
}

const count = async (filter: string) => (await ldap.adminSearch('dc=example,dc=org', filter, ['1.1'])).length;

test(
  `from a directory of ${COUNT} to a live job`,
  async () => {
    const { expected } = generated;
    const teams = expected.collisions - 1;

    expect((await nextCommand('check --online')).code).toBe(0);

    const rehearsed = await nextCommand('rehearse');
    expect(rehearsed.code).toBe(0);
    const report = JSON.parse(rehearsed.stdout);
    expect(report.users.ambiguous).toHaveLength(expected.ambiguous);
    expect(report.users.created).toHaveLength(expected.created);
    expect(report.adoptable).toHaveLength(expected.collisions);
    expect(await count('(objectClass=scimObject)')).toBe(0);

    await ldap.adminModify(`uid=double,${PEOPLE}`, { operation: 'replace', attribute: 'mail', values: ['double@example.org'] });

    expect(snippets.shift()).toBe('groups:\n  adopt: listed\n');
    const adopting = (text: string) => text.replace(/^unmapped:/m, '  adopt: listed\n\n$&');
    configure('', adopting);
    const reviewed = report.adoptable.filter(({ name }: { name: string }) => name !== 'administrators');
    folder.write('reviewed.json', JSON.stringify({ adoptable: reviewed }));
    expect((await nextCommand('adopt')).stdout.match(/^would be marked: /gm)).toHaveLength(teams);
    expect(await count('(objectClass=scimObject)')).toBe(0);
    expect((await nextCommand('adopt')).code).toBe(0);
    expect(await count('(objectClass=scimObject)')).toBe(teams);

    configure(nextTenantLines(), adopting);
    expect(Object.keys(await cycle())).toEqual(['503']);
    expect(await count('(scimExternalId=*)')).toBe(0);
    expect((await nextCommand('shadow report')).stdout).toMatch(/^ {2}POST 201 +\d+$/m);

    configure(nextTenantLines(), adopting);
    await cycle();
    const pilots = await count('(&(uid=person1*)(scimExternalId=*))');
    expect(pilots).toBeGreaterThan(0);
    expect(await count('(scimExternalId=*)')).toBe(pilots);

    configure('', adopting);
    const answers = await cycle();
    expect(answers[409]).toBe(1);
    expect(Object.keys(answers).toSorted()).toEqual(['200', '201', '204', '409']);
    expect(await count('(&(objectClass=inetOrgPerson)(scimExternalId=*))')).toBe(COUNT + expected.created);
    expect(await count('(&(title=Director)(uid=*))')).toBe(expected.titles);
    expect(await count('(&(description=kept by hand)(uid=person*))')).toBe(COUNT);
    const [administrators] = await ldap.adminSearch(GROUPS, '(cn=Administrators)', ['*']);
    expect(administrators && valuesOf(administrators, 'member')).toEqual([`uid=person0,${PEOPLE}`]);
    const [team] = await ldap.adminSearch(GROUPS, '(cn=Team 0)', ['*']);
    expect(team && valuesOf(team, 'member')).toHaveLength(Math.min(COUNT, 100) + 1);

    expect((await nextCommand('rehearse')).stdout).toMatch(
      new RegExp(
        `^ {2}users +${COUNT + expected.created} +${COUNT + expected.created} +${COUNT + expected.created} +0 +0 +0 +0 +0 +0 +0$`,
        'm',
      ),
    );
    expect([commands, snippets]).toEqual([[], []]);
  },
  TIMEOUT * 4,
);
