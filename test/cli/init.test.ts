import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { check } from '../../src/cli/check.ts';
import { checkOnline } from '../../src/cli/check-online.ts';
import { type InitOptions, init } from '../../src/cli/init.ts';
import { loadService } from '../../src/cli/load-service.ts';
import { startService } from '../../src/cli/start-service.ts';
import { readMappingFile } from '../../src/config/read-mapping-file.ts';
import type { Entry } from '../../src/ldap/entry.ts';
import { valuesOf } from '../../src/ldap/entry.ts';
import { compileMapping } from '../../src/mapping/compile.ts';
import { isTextLens, type ResourcePlan } from '../../src/mapping/plan.ts';
import { bridgeFile } from '../support/bridge-file.ts';
import { BRIDGE_PASSWORD, GROUPS, type OpenLdap, PEOPLE, SUFFIX, startOpenLdap } from '../support/openldap.ts';
import { captureOutput } from './support/capture-output.ts';
import { runMain } from './support/run-main.ts';

const TOKEN = 'a-token-for-the-tests';
const ENVIRONMENT = { LDAP_PASSWORD: BRIDGE_PASSWORD, SCIM_TOKEN: TOKEN };

let folder: string;

beforeAll(() => {
  for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value);
});

afterAll(() => void vi.unstubAllEnvs());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-init-test-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Drafts a mapping for a directory and puts a bridge.yaml beside it. */
async function draft(ldap: OpenLdap, options: Partial<InitOptions> = {}) {
  const out = join(folder, 'mapping.yaml');
  const ended = await captureOutput(() => init({ url: ldap.url, bindDn: ldap.bindDn, startTls: false, out, ...options }));
  const bridge = join(folder, 'bridge.yaml');
  writeFileSync(bridge, bridgeFile(ldap.url));
  return { ...ended, out, bridge, text: () => readFileSync(out, 'utf8') };
}

/** What `check` and `check --online` say of a draft. */
async function judge(bridge: string) {
  const offline = await captureOutput(() => check(bridge));
  const online = await captureOutput(() => checkOnline(bridge, { json: false, ldif: false }));
  return { codes: [offline.code, online.code], said: offline.stderr + online.stderr };
}

/** How many of the values that a draft maps clients are shown, by asking for every resource. */
async function reproduced(bridge: string, mapping: string, ldap: OpenLdap): Promise<number> {
  writeFileSync(mapping, readFileSync(mapping, 'utf8').replace(/^groups:[^]*?\n {2}objectClass: .*/m, '$&\n  adopt: any'));
  const reading = readMappingFile(mapping);
  const compiled = reading.ok ? compileMapping(reading.file, reading.source) : reading;
  const loaded = loadService(bridge, { ...process.env });
  if (!compiled.ok || !loaded.ok) throw new Error(JSON.stringify([compiled, loaded]));
  const service = await startService(loaded.service, pino({ level: 'silent' }));
  try {
    let [stored, shown] = [0, 0];
    for (const [endpoint, plan] of [
      ['Users', compiled.plan.users] as const,
      ...compiled.plan.groups.map((each) => ['Groups', each] as const),
    ]) {
      const headers = { authorization: `Bearer ${TOKEN}` };
      const response = await fetch(`${service.url}/scim/v2/${endpoint}?count=1000`, { headers });
      const { Resources: resources } = (await response.json()) as { Resources: { id: string }[] };
      const entries = await ldap.adminSearch(plan.searchBases[0] ?? '', '(objectClass=*)', ['*', '+']);
      for (const resource of resources) {
        const entry = entries.find((each) => valuesOf(each, plan.id).includes(resource.id));
        if (entry === undefined) throw new Error(`nobody has the id ${resource.id}`);
        const values = mappedValues(plan, entry);
        const texts = leavesOf(resource);
        stored += values.length;
        shown += values.filter((value) => texts.has(value)).length;
      }
      expect(resources.length).toBeGreaterThan(0);
    }
    return shown / stored;
  } finally {
    await service.stop();
  }
}

function mappedValues(plan: ResourcePlan, entry: Entry): readonly string[] {
  return plan.lenses.filter(isTextLens).flatMap(({ ldap }) => valuesOf(entry, ldap ?? '').map(String));
}

function leavesOf(value: unknown): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return new Set([String(value)]);
  return new Set(Object.values(value).flatMap((each) => [...leavesOf(each)]));
}

const person = (index: number, more = '', classes = '') => `dn: uid=person${index},${PEOPLE}
objectClass: inetOrgPerson
${classes}uid: person${index}
sn: Jørgensen ${index}
cn: Zoë Jørgensen ${index}
givenName: Zoë
mail: zoe${index}@example.org
telephoneNumber: +1 555 01${index + 10}
${more}`;

const people = (count: number, more: (index: number) => string = () => '', classes = '') =>
  Array.from({ length: count }, (_, index) => person(index, more(index), classes)).join('\n');

const group = (name: string, ...members: readonly number[]) => `dn: cn=${name},${GROUPS}
objectClass: groupOfNames
cn: ${name}
${members.map((index) => `member: uid=person${index},${PEOPLE}`).join('\n')}
`;

describe('an OpenLDAP with everything', () => {
  let ldap: OpenLdap;

  beforeAll(async () => {
    ldap = await startOpenLdap();
  });

  afterEach(() => ldap.reset());

  afterAll(() => ldap.stop());

  test('the draft passes check and check --online, shows what is stored, and nothing was changed', async () => {
    await ldap.adminAdd(`${people(40, (index) => (index % 4 === 0 ? `mail: other${index}@example.org\n` : ''))}\n${group('staff', 1, 2)}`);
    const before = await ldap.adminSearch(SUFFIX, '(objectClass=*)', ['*', '+']);
    const { code, stdout, stderr, bridge, out, text } = await draft(ldap);

    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/^40 people and 1 groups were looked at, 100\.0 % of the values behind its lines are shown; \d doubts\n$/);
    expect(await judge(bridge)).toMatchObject({ codes: [0, 0] });
    expect(await reproduced(bridge, out, ldap)).toBeGreaterThanOrEqual(0.95);
    expect(await ldap.adminSearch(SUFFIX, '(objectClass=*)', ['*', '+'])).toEqual(before);
    expect(text()).toContain(`  base: ${PEOPLE}\n`);
    expect(text()).toMatch(/^ {4}emails\.value: +mail +# all have it; 25 % have several: one element for each value$/m);
    expect(text()).toMatch(/^ {4}active: +\{ ldap: pwdAccountLockedTime, inactive: 000001010000Z \}/m);
  });

  test('examples hold nothing of anybody, and no secret is told', async () => {
    await ldap.adminAdd(`${people(3, () => 'userPassword: Very-Secret-1\n')}\n${group('staff', 1)}`);
    const { stderr, text } = await draft(ldap);
    const [, examples = ''] = text().split(/^examples:$/m);
    expect(examples).toContain('request: GET /Users/{id}');
    expect(examples).toContain('request: GET /Groups/{id}');
    expect(examples).not.toMatch(/zo|person\d|gensen|staff|555/i);
    expect(text() + stderr).not.toMatch(new RegExp(`${BRIDGE_PASSWORD}|Very-Secret`));
  });

  test('people who are called and named otherwise', async () => {
    await ldap.adminAdd(
      Array.from(
        { length: 20 },
        (_, index) =>
          `dn: cn=Person ${index},${PEOPLE}\nobjectClass: inetOrgPerson\ncn: Person ${index}\nsn: Person\nmail: p${index}@example.org\n`,
      ).join('\n') + `\ndn: cn=team,${GROUPS}\nobjectClass: groupOfUniqueNames\ncn: team\nuniqueMember: cn=Person 1,${PEOPLE}\n`,
    );
    const { code, bridge, out, text } = await draft(ldap);
    expect(code).toBe(0);
    expect(text()).toMatch(/^ {2}rdn: cn$/m);
    expect(text()).toMatch(/^ {4}userName: +\{ ldap: mail, required: true \}/m);
    expect(text()).toMatch(/^ {4}members: +\{ ldap: uniqueMember,/m);
    expect(await judge(bridge)).toMatchObject({ codes: [0, 0] });
    expect(await reproduced(bridge, out, ldap)).toBeGreaterThanOrEqual(0.95);
  });

  test('an empty directory is drafted by its schema, with doubts', async () => {
    const { code, bridge, text } = await draft(ldap);
    expect(code).toBe(0);
    expect(text()).toContain('#   * No people were found: bases, classes and attributes below are guesses.');
    expect(text()).toContain('#   * No groups were found: the file has no section for them.');
    expect(await judge(bridge)).toMatchObject({ codes: [0, 0] });
  });
});

describe('an OpenLDAP as Debian leaves it, with POSIX accounts', () => {
  let ldap: OpenLdap;

  beforeAll(async () => {
    const posix = (index: number) => `uidNumber: ${20_000 + index}\ngidNumber: 100\nhomeDirectory: /home/person${index}\n`;
    const counter = `dn: cn=uidNumberNext,${SUFFIX}\nobjectClass: device\nobjectClass: extensibleObject\ncn: uidNumberNext\nuidNumber: 20030\n`;
    ldap = await startOpenLdap({
      variant: 'bare',
      ldif: `${people(30, posix, 'objectClass: posixAccount\n')}\n${counter}\n${group('staff', 1)}`,
    });
  });

  afterAll(() => ldap.stop());

  test('numbers, home directories and groups go on as they are', async () => {
    const { code, bridge, out, text } = await draft(ldap);
    expect(code).toBe(0);
    expect(text()).toMatch(
      /^ {4}uidNumber: +\{ allocate: 20030-60029, counter: 'cn=uidNumberNext,dc=example,dc=org', write: once \} +# in use: 20000-20029$/m,
    );
    expect(text()).toMatch(/^ {4}gidNumber: +\{ template: '100', write: once \} +# the group that most have$/m);
    expect(text()).toMatch(/^ {4}homeDirectory: +\{ template: '\/home\/\{ldap:uid\}', write: once \} +# as most have it$/m);
    expect(text()).toMatch(/^ {4}active: +\{ ldap: scimActive,/m);
    expect(await judge(bridge)).toMatchObject({ codes: [0, 0] });
    expect(await reproduced(bridge, out, ldap)).toBeGreaterThanOrEqual(0.95);
  });

  test('groups that name their members by uid, of which the least kind is left out', async () => {
    const posixGroup = (name: string, index: number) =>
      `dn: cn=${name},${GROUPS}\nobjectClass: posixGroup\ncn: ${name}\ngidNumber: ${30_000 + index}\nmemberUid: person${index}\n`;
    const counter = `dn: cn=gidNumberNext,${SUFFIX}\nobjectClass: device\nobjectClass: extensibleObject\ncn: gidNumberNext\ngidNumber: 30003\n`;
    await ldap.adminAdd([posixGroup('a', 1), posixGroup('b', 2), counter].join('\n'));
    const { code, bridge, out, text } = await draft(ldap);
    expect(code).toBe(0);
    expect(text()).toMatch(/^ {4}members: +\{ ldap: memberUid, refersTo: users, by: uid \} +# all have members$/m);
    expect(text()).toContain(`#   * 1 groups are of class groupOfNames, such as cn=staff,${GROUPS}: they are left out.`);
    expect(await judge(bridge)).toMatchObject({ codes: [0, 0] });
    expect(await reproduced(bridge, out, ldap)).toBeGreaterThanOrEqual(0.95);
  });

  test('the password comes from a file; a wrong one is 78; nothing is written over', async () => {
    const file = join(folder, 'password');
    writeFileSync(file, `${BRIDGE_PASSWORD}\n`);
    const args = ['init', '--url', ldap.url, '--bind-dn', ldap.bindDn, '--bind-password-file', file];
    const printed = await runMain(args);
    expect([printed.code, printed.stdout]).toEqual([0, expect.stringMatching(/^# A mapping file, drafted/)]);

    writeFileSync(file, 'wrong-secret');
    const refused = await runMain(args);
    expect([refused.code, refused.stdout]).toEqual([78, '']);
    expect(refused.stderr).not.toContain('wrong-secret');

    const { out } = await draft(ldap);
    const again = await captureOutput(() => init({ url: ldap.url, bindDn: ldap.bindDn, startTls: false, out }));
    expect([again.code, again.stderr]).toEqual([64, `scim-ldap-bridge: ${out} is there already\n`]);
  });
});

test('a directory that is away is 69, and what is missing is wrong usage', async () => {
  const away = await captureOutput(() => init({ url: 'ldap://127.0.0.1:1', bindDn: 'cn=x', startTls: false }));
  expect([away.code, away.stdout]).toEqual([69, '']);
  const usage = await Promise.all([
    runMain(['init', '--url', 'ldap://127.0.0.1:1']),
    runMain(['init', '--url', 'http://x', '--bind-dn', 'cn=x'], { env: ENVIRONMENT }),
  ]);
  expect(usage.map(({ code }) => code)).toEqual([64, 64]);
});
