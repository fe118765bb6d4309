import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type CheckOnlineOptions, checkOnline } from '../../src/cli/check-online.ts';
import type { Diagnostic } from '../../src/config/diagnostic.ts';
import { connectDirectory } from '../../src/directory/ldapts-directory.ts';
import { parseLdif } from '../../src/ldap/parse-ldif.ts';
import { recordingLog } from '../support/directory-log.ts';
import { BRIDGE_DN, BRIDGE_PASSWORD, GROUPS, type OpenLdap, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { startPosixOpenLdap } from '../support/openldap-posix.ts';
import { captureOutput } from './support/capture-output.ts';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, runMain } from './support/run-main.ts';

/** Without its examples, which say what the unedited file does. */
const [SHIPPED = ''] = readFileSync('config/mappings/openldap.yaml', 'utf8').split(/^examples:$/m);
/** The number of a line of the shipped mapping, and what stands there. */
function shippedLine(part: string): { readonly number: number; readonly text: string } {
  const lines = SHIPPED.split('\n');
  const index = lines.findIndex((line) => line.includes(part));
  return { number: index + 1, text: lines[index] ?? '' };
}

const ENVIRONMENT = { LDAP_PASSWORD: BRIDGE_PASSWORD, SCIM_TOKEN: 'a-token' };

let folder: ConfigurationFolder | undefined;

beforeAll(() => {
  for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value);
});

afterAll(() => void vi.unstubAllEnvs());

afterEach(() => {
  folder?.remove();
  folder = undefined;
});

function configure(url: string, edit: (mapping: string) => string = (mapping) => mapping): string {
  folder = makeConfigurationFolder(bridgeText(url));
  folder.write('mapping.yaml', edit(SHIPPED));
  return folder.file;
}

async function run(url: string, edit?: (mapping: string) => string, options: Partial<CheckOnlineOptions> = {}) {
  const file = configure(url, edit);
  const ended = await captureOutput(() => checkOnline(file, { json: false, ldif: false, ...options }));
  return { ...ended, stderr: ended.stderr.replaceAll(`${folder?.path}/`, '') };
}

/** What is found, without places: `warning: …`. */
async function findings(url: string, edit?: (mapping: string) => string): Promise<readonly string[]> {
  const { stdout } = await run(url, edit, { json: true });
  return (JSON.parse(stdout) as Diagnostic[]).map(({ severity, message }) => `${severity}: ${message}`);
}

/** Lets the bridge's account read and change slapd's own configuration. */
const withReadableConfig = (text: string): string =>
  text.replace('\ndatabase     mdb', '\ndatabase config\naccess to * by dn.exact="cn=bridge,dc=example,dc=org" manage\n\ndatabase     mdb');

/** The shipped mapping where neither ppolicy nor memberof is loaded. */
const withoutOverlays = (text: string): string =>
  text
    .replace(/^ {4}active: .*$/m, "    active: { ldap: scimActive, inactive: 'FALSE', active: 'TRUE' }")
    .replace(/^ {4}groups: .*\n/m, '');

/** Carries out an LDIF text as `ldapmodify` would, with the bridge's own account. */
async function apply({ url, bindDn, bindPassword }: OpenLdap, ldif: string): Promise<void> {
  const options = { urls: [url], bindDn, bindPassword, timeoutMs: 30_000, connections: 1 };
  const directory = connectDirectory(options, recordingLog());
  try {
    for (const record of parseLdif(ldif)) if (record.kind !== 'entry') await directory.write(record);
  } finally {
    await directory.close();
  }
}

const ADA = `dn: uid=ada,${PEOPLE}
objectClass: inetOrgPerson
uid: ada
sn: Lovelace
cn: Ada Lovelace
`;

describe('against an OpenLDAP that has everything', () => {
  let ldap: OpenLdap;

  beforeAll(async () => {
    ldap = await startOpenLdap({ configure: withReadableConfig, logsOperations: true });
  });

  afterEach(() => ldap.reset());

  afterAll(() => ldap.stop());

  test('finds two indexes missing, names the server, counts, and changes nothing', async () => {
    await ldap.adminAdd(
      `${ADA}\ndn: cn=staff,${GROUPS}\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: staff\nmember: uid=ada,${PEOPLE}\n`,
    );
    const before = await ldap.adminSearch('dc=example,dc=org', '(objectClass=*)', ['*', '+']);
    const { code, stdout, stderr } = await run(ldap.url);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'corp: OpenLDAP, 1 users, 1 groups\n' });
    const [other, fax, manager] = ['"other"', '"fax"', 'User:manager'].map((part) => shippedLine(part).number);
    expect(stderr).toBe(`mapping.yaml:${other}:48: warning: scimOtherMail has no index for equality: each look-up by it reads all entries
  ${other} |     emails[type eq "other"].value:             scimOtherMail
     |                                                ^^^^^^^^^^^^^
     help: index scimOtherMail eq; check --online --ldif prints the change for OpenLDAP

mapping.yaml:${fax}:48: note: facsimileTelephoneNumber has no equality rule: filters on it read all entries that have it, and a change writes all its values
  ${fax} |     phoneNumbers[type eq "fax"].value:         facsimileTelephoneNumber
     |                                                ^^^^^^^^^^^^^^^^^^^^^^^^

mapping.yaml:${manager}:80: warning: manager has no index for equality: each look-up by it reads all entries
  ${manager} |     urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager:        { ldap: manager, refersTo: users, unresolved: ignore }
     |                                                                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
     help: index manager eq; check --online --ldif prints the change for OpenLDAP

2 warnings, 1 note
`);
    expect(await ldap.adminSearch('dc=example,dc=org', '(objectClass=*)', ['*', '+'])).toEqual(before);
  });

  test('an error in the mapping ends with 78 and points at its line', async () => {
    const { code, stderr } = await run(ldap.url, (text) => text.replace(/^( +title: +)title$/m, '$1titel'));
    expect(code).toBe(78);
    expect(stderr).toContain(`error: the directory's schema has no attribute titel
  ${shippedLine(' title:').number} |     title:                                     titel
     |                                                ^^^^^
     help: did you mean "title"?`);
  });

  test('a base that is not there, and a class that no schema has', async () => {
    const found = await findings(ldap.url, (text) =>
      text.replaceAll('ou=groups', 'ou=grops').replace('[top, groupOfNames, scimObject]', '[top, groupOfNam, scimObject]'),
    );
    expect(found).toContain('error: there is no entry ou=grops,dc=example,dc=org, or our account may not see it');
    expect(found).toContain("error: the directory's schema has no class groupOfNam");
  });

  test('counts several values, unreadable ones, missing ones and those that share a name', async () => {
    await ldap.adminAdd(`dn: cn=Ada,${PEOPLE}
objectClass: inetOrgPerson
uid: ada
uid: lovelace
sn: Lovelace
cn: Ada
mail: a@example.org
mail: b@example.org

dn: cn=Bob,${PEOPLE}
objectClass: inetOrgPerson
sn: Builder
cn: Bob
employeeNumber: twelve

dn: cn=Eve,${PEOPLE}
objectClass: inetOrgPerson
sn: Eve
cn: Eve
departmentNumber: Sales
departmentNumber: SALES DEPARTMENT
`);
    const found = await findings(ldap.url, (text) =>
      text
        .replace(/^( +)urn:\S+User:employeeNumber: .*$/m, '$1userType: { ldap: employeeNumber, encoding: integer }')
        .replace(/^ +userType: +employeeType\n/m, '')
        .replace('encoding: integer', 'mutability: readOnly'),
    );
    expect(found).toContain(`warning: 1 of 3 users have several values of uid, such as cn=Ada,${PEOPLE}: the first is shown`);
    expect(found).toContain(`warning: 1 of 3 users have several values of mail, such as cn=Ada,${PEOPLE}: the first is shown`);
    expect(found).toContain(`warning: 2 of 3 users have no uid, such as cn=Bob,${PEOPLE}, and this line is required`);
    expect(found).toContain(`warning: 1 of 3 users have several values of departmentNumber, such as cn=Eve,${PEOPLE}: the first is shown`);
  });

  test('says who below the base is not seen, and whether that will hurt', async () => {
    const account = `dn: uid=eve,${PEOPLE}\nobjectClass: account\nuid: eve\n`;
    await ldap.adminAdd(
      `dn: ou=teams,${PEOPLE}\nobjectClass: organizationalUnit\nou: teams\n\ndn: cn=printer,${PEOPLE}\nobjectClass: device\ncn: printer\n`,
    );
    expect(await findings(ldap.url)).toContain(
      `note: 1 entries below ${PEOPLE} don't match, such as cn=printer,${PEOPLE}: clients don't see them`,
    );
    await ldap.adminAdd(account);
    expect(await findings(ldap.url)).toContain(
      `warning: 2 entries below ${PEOPLE} don't match, 1 of them with a uid, such as uid=eve,${PEOPLE}`,
    );
  });

  test('follows members: those that are gone, and those whose memberOf says nothing of it', async () => {
    await ldap.adminAdd(`${ADA}
dn: cn=staff,${GROUPS}
objectClass: groupOfUniqueNames
cn: staff
uniqueMember: uid=ada,${PEOPLE}
uniqueMember: uid=gone,${PEOPLE}
`);
    const found = await findings(ldap.url, (text) =>
      text.replaceAll('groupOfNames', 'groupOfUniqueNames').replace('ldap: member,', 'ldap: uniqueMember,'),
    );
    expect(found).toContain(`warning: 1 of 2 members that were looked at don't exist, such as uid=gone,${PEOPLE}`);
    expect(found.join('\n')).toContain("1 of 1 members that were looked at don't have their group in memberOf");
  });

  test('a fence by an attribute that nobody has would keep nobody out', async () => {
    const found = await findings(ldap.url, (text) => `${text}\nprotected: { matching: ['(&(uid=root)(isAdmin=TRUE))'] }\n`);
    expect(found).toContain("error: the directory's schema has no attribute isadmin");
  });

  test('reads the placeholder of refint', async () => {
    const found = await findings(ldap.url, (text) => text.replace("whenEmpty: 'cn=nobody,", "whenEmpty: 'cn=none,"));
    expect(found).toContain(
      'warning: refint_nothing is cn=nobody,dc=example,dc=org: clients see it as a member, for the line hides another placeholder',
    );
  });

  test('what --ldif prints can be applied, and then nothing is missing', async () => {
    const { code, stdout } = await run(ldap.url, undefined, { ldif: true });
    expect(code).toBe(0);
    expect(stdout).toBe(`# ldapmodify -Y EXTERNAL -H ldapi:///
dn: olcDatabase={1}mdb,cn=config
changetype: modify
add: olcDbIndex
olcDbIndex: scimOtherMail eq
-

dn: olcDatabase={1}mdb,cn=config
changetype: modify
add: olcDbIndex
olcDbIndex: manager eq
-
`);
    await apply(ldap, stdout);
    expect((await run(ldap.url, undefined, { ldif: true })).stdout).toBe('# nothing is missing\n');
  });
});

describe('against an OpenLDAP whose account has no rights, limits or indexes', () => {
  let ldap: OpenLdap;

  beforeAll(async () => {
    const noRights = (text: string) => text.replaceAll('by dn.exact="cn=bridge,dc=example,dc=org" write', 'by users read');
    const noIndexes = (text: string) => text.replace(/^index +cn,uid eq$/m, 'index cn,uid sub');
    ldap = await startOpenLdap({ variant: 'bare', configure: (text) => noIndexes(noRights(withReadableConfig(text))), ldif: ADA });
  });

  afterAll(() => ldap.stop());

  test('says so, and what --ldif prints cures all of it', async () => {
    const before = await findings(ldap.url, withoutOverlays);
    expect(before).toContain(`error: ${BRIDGE_DN} may write nothing below ${PEOPLE}`);
    expect(before).toContain(
      `warning: ${BRIDGE_DN} is shown 500 entries at most, and no line of limits says otherwise: longer lists are refused`,
    );
    expect(before.filter((each) => each.includes('has no index'))).toHaveLength(9);
    expect(before).toContain('note: member is not sorted: adding 1,000 members to a group of 5,000 takes 45 ms instead of 4');

    await apply(ldap, (await run(ldap.url, withoutOverlays, { ldif: true })).stdout);

    const after = await findings(ldap.url, withoutOverlays);
    expect(after.filter((each) => !each.startsWith('note: '))).toEqual([]);
    expect(after.join('\n')).not.toContain('not sorted');
  });
});

describe('against an OpenLDAP that keeps some attributes to itself', () => {
  let ldap: OpenLdap;

  beforeAll(async () => {
    const rule =
      'access       to dn.subtree="ou=people,dc=example,dc=org" attrs=title,mail by * read\naccess       to dn.subtree="dc=example,dc=org"';
    ldap = await startOpenLdap({ configure: (text) => text.replace('access       to dn.subtree="dc=example,dc=org"', rule), ldif: ADA });
  });

  afterAll(() => ldap.stop());

  test('names each that may not be written', async () => {
    const found = await findings(ldap.url);
    expect(found.filter((each) => each.startsWith('error: '))).toEqual([
      `error: ${BRIDGE_DN} may not write title`,
      `error: ${BRIDGE_DN} may not write mail`,
    ]);
  });
});

describe('against an OpenLDAP as Debian leaves it', () => {
  let ldap: OpenLdap;

  beforeAll(async () => {
    ldap = await startOpenLdap({ variant: 'bare' });
  });

  afterAll(() => ldap.stop());

  test('says what its overlays would bring', async () => {
    const found = await findings(ldap.url);
    expect(found).toContain("error: the directory's schema has no attribute pwdAccountLockedTime");
    expect(found).toContain("warning: the directory's schema has no attribute memberOf");
    expect(found).toContain('note: OpenLDAP: no server-side sorting (RFC 2891): lists are sorted in memory, up to paging.sortLimit');
    expect(found).toContain('note: OpenLDAP: no virtual list views (VLV): pages are cut from a list of ids, as everywhere');
    expect(found).toContain('note: there are no users yet: what our account may write was not tried');
  });
});

test('a size limit of the account shows when a list ends at it', async () => {
  const people = Array.from({ length: 501 }, (_, index) => ADA.replaceAll('ada', `person${index}`));
  const ldap = await startOpenLdap({ variant: 'bare', ldif: people.join('\n') });
  try {
    const found = await findings(ldap.url, withoutOverlays);
    expect(found).toContain('warning: the directory shows our account no more than 500 users: longer lists are refused');
  } finally {
    await ldap.stop();
  }
});

test('a directory that is away is 69', async () => {
  const { code, stderr } = await run('ldap://127.0.0.1:1');
  expect(code).toBe(69);
  expect(stderr).toMatch(/^scim-ldap-bridge: the directory corp can't be reached: /);
});

test('the program takes the options, and refuses those that go with others', async () => {
  const file = configure('ldap://127.0.0.1:1');
  const codes = await Promise.all([
    runMain(['check', '--online', '--config', file], { env: ENVIRONMENT }),
    runMain(['check', '--ldif', '--config', file]),
    runMain(['check', '--online', '--base-dir', '/', '--config', file]),
  ]);
  expect(codes.map(({ code }) => code)).toEqual([69, 64, 64]);
});

test('an account that is refused is 78, at its line', async () => {
  const ldap = await startOpenLdap();
  try {
    vi.stubEnv('LDAP_PASSWORD', 'wrong');
    const { code, stderr } = await run(ldap.url);
    expect(code).toBe(78);
    expect(stderr).toContain(`    bindDn: ${BRIDGE_DN}`);
    expect(stderr).not.toContain('wrong');
  } finally {
    vi.stubEnv('LDAP_PASSWORD', BRIDGE_PASSWORD);
    await ldap.stop();
  }
});

test('the shipped mapping for POSIX accounts passes on the schema that it is for', async () => {
  const ldap = await startPosixOpenLdap();
  try {
    const found = await findings(ldap.url, () => readFileSync('config/mappings/openldap-posix.yaml', 'utf8'));
    expect(found.filter((each) => each.startsWith('error'))).toEqual([]);
    // Without the schema that it is for it doesn't, so there is something to pass.
    const wrong = await findings(ldap.url, () => SHIPPED.replace('inetOrgPerson, scimObject]', 'inetOrgPerson, posixAccount, scimObject]'));
    expect(wrong).toContain('error: posixAccount demands homeDirectory, and no line writes it: every create would fail');
  } finally {
    await ldap.stop();
  }
});
