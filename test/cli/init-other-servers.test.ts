import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { check } from '../../src/cli/check.ts';
import { checkOnline } from '../../src/cli/check-online.ts';
import { init } from '../../src/cli/init.ts';
import type { Diagnostic } from '../../src/config/diagnostic.ts';
import { start389ds } from '../support/389ds.ts';
import { bridgeFile } from '../support/bridge-file.ts';
import { FIRST_START_MS, hasContainerEngine, skippedWithoutEngine } from '../support/container-engine.ts';
import { startSamba } from '../support/samba.ts';
import { type ContainerDirectory, GROUPS, PEOPLE } from '../support/test-directory.ts';
import { captureOutput } from './support/capture-output.ts';

const inetOrgPeople = Array.from(
  { length: 12 },
  (_, index) => `dn: uid=person${index},${PEOPLE}
objectClass: inetOrgPerson
uid: person${index}
cn: Zoë Jørgensen ${index}
sn: Jørgensen
givenName: Zoë
mail: zoe${index}@example.org
`,
);
const groupOfNames = `dn: cn=staff,${GROUPS}\nobjectClass: groupOfNames\ncn: staff\nmember: uid=person1,${PEOPLE}\n`;

const users = Array.from(
  { length: 12 },
  (_, index) => `dn: CN=Zoe Jorgensen ${index},${PEOPLE}
objectClass: user
cn: Zoe Jorgensen ${index}
sAMAccountName: person${index}
userPrincipalName: person${index}@example.org
sn: Jørgensen
givenName: Zoë
mail: zoe${index}@example.org
department: Engines
`,
);
const group = `dn: CN=staff,${GROUPS}\nobjectClass: group\ncn: staff\nsAMAccountName: staff\nmember: CN=Zoe Jorgensen 1,${PEOPLE}\n`;

/** What a draft for each server has to say. */
const SERVERS = [
  {
    name: '389 Directory Server',
    shipped: 'config/mappings/389ds.yaml',
    start: start389ds,
    ldif: [...inetOrgPeople, groupOfNames].join('\n'),
    lines: [
      /^ {4}userName: +\{ ldap: uid, required: true \}/m,
      /^ {4}active: +\{ ldap: nsAccountLock, inactive: 'TRUE' \}/m,
      /^ {2}base: ou=people,dc=example,dc=org$/m,
    ],
  },
  {
    name: 'Samba as Active Directory',
    shipped: 'config/mappings/active-directory.yaml',
    start: startSamba,
    ldif: [...users, group].join('\n'),
    lines: [
      /^ {2}id: \{ ldap: objectGUID, encoding: guid \}$/m,
      /^ {4}userName: +\{ ldap: userPrincipalName, required: true \}/m,
      /^ {4}active: +\{ ldap: userAccountControl, bit: 0x2, initial: 0x200 \}/m,
      /^ {4}password: +\{ ldap: unicodePwd, method: unicodePwd \}/m,
      /^ {2}meta: \{ created: whenCreated, lastModified: whenChanged, version: uSNChanged \}$/m,
      /^ {4}members: +\{ ldap: member, refersTo: \[users, groups\] \}/m,
    ],
  },
];

describe.skipIf(!hasContainerEngine).each(SERVERS)(
  `init and check --online on $name${skippedWithoutEngine}`,
  ({ start, shipped, ldif, lines }) => {
    let directory: ContainerDirectory;
    let folder: string;

    beforeAll(async () => {
      directory = await start();
      await directory.adminAdd(ldif);
      folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-init-test-'));
      writeFileSync(join(folder, 'ca.pem'), directory.ca);
      writeFileSync(
        join(folder, 'bridge.yaml'),
        bridgeFile(directory.ldapsUrl, { bindDn: directory.bindDn, directory: '    ca: ca.pem\n    timeout: 30s' }),
      );
      vi.stubEnv('LDAP_PASSWORD', directory.bindPassword);
      vi.stubEnv('SCIM_TOKEN', 'a-token');
    }, FIRST_START_MS);

    afterAll(async () => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
      await directory.stop();
    });

    test('the draft is what the server has, and passes both checks', async () => {
      const out = join(folder, 'mapping.yaml');
      const { ldapsUrl: url, bindDn } = directory;
      const drafted = await captureOutput(() => init({ url, bindDn, startTls: false, ca: join(folder, 'ca.pem'), out }));
      expect(drafted).toMatchObject({ code: 0, stderr: expect.stringMatching(/12 people and 1 groups .* 100\.0 %/) });
      for (const line of lines) expect(readFileSync(out, 'utf8')).toMatch(line);

      expect(await captureOutput(() => check(join(folder, 'bridge.yaml')))).toMatchObject({ code: 0 });
      expect(await errorsOnline()).toEqual([]);
    });

    test('the shipped mapping passes too, and a slip in it is found', async () => {
      const text = readFileSync(shipped, 'utf8');
      writeFileSync(join(folder, 'mapping.yaml'), text);
      expect(await errorsOnline()).toEqual([]);

      const [unsaid = ''] = text.split(/^examples:$/m);
      writeFileSync(join(folder, 'mapping.yaml'), unsaid.replace(/^( +title: +)title$/m, '$1titel'));
      expect(await errorsOnline()).toEqual(["the directory's schema has no attribute titel"]);
    });

    async function errorsOnline(): Promise<readonly string[]> {
      const { stdout } = await captureOutput(() => checkOnline(join(folder, 'bridge.yaml'), { json: true, ldif: false }));
      return (JSON.parse(stdout) as Diagnostic[]).filter(({ severity }) => severity === 'error').map(({ message }) => message);
    }
  },
);
