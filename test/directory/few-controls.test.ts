import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LdapDirectory } from '../../src/directory/ldapts-directory.ts';
import { connectDirectory } from '../../src/directory/ldapts-directory.ts';
import type { LdapFilter } from '../../src/ldap/filter.ts';
import { recordingLog } from '../support/directory-log.ts';
import type { OpenLdap } from '../support/openldap.ts';
import { PEOPLE, startOpenLdap } from '../support/openldap.ts';

const ANNA = `uid=anna,${PEOPLE}`;
/** What the directory says of itself, but not which controls it has. */
const HIDDEN_CONTROLS = `
access to dn.base="" attrs=supportedControl by * none
access to * by * read
`;

let server: OpenLdap;
let directory: LdapDirectory;

beforeAll(async () => {
  server = await startOpenLdap({
    variant: 'bare',
    logsOperations: true,
    configure: (text) => text.replace('\ndatabase ', `${HIDDEN_CONTROLS}\ndatabase `),
    ldif: `dn: ${ANNA}\nobjectClass: account\nuid: anna\n`,
  });
  const { url, bindDn, bindPassword } = server;
  directory = connectDirectory({ urls: [url], bindDn, bindPassword, timeoutMs: 5000, connections: 1 }, recordingLog());
});

afterAll(async () => {
  await directory.close();
  await server.stop();
});

function describeAs(description: string, uid: string) {
  const assertion: LdapFilter = { kind: 'equality', attribute: 'uid', value: uid };
  const modification = { operation: 'replace', attribute: 'description', values: [description] } as const;
  return { kind: 'modify', dn: ANNA, modifications: [modification], assertion, permissive: true } as const;
}

describe('a directory without assertion and post-read', () => {
  it('is recognised', async () => {
    expect(await directory.facts()).toMatchObject({ supportsAssertion: false, supportsPostRead: false, supportsPermissiveModify: true });
  });

  it('is asked before a guarded write', async () => {
    await directory.facts();
    await server.mark();
    expect(await directory.write(describeAs('found', 'anna'), ['description'])).toBeUndefined();

    expect(await server.operations()).toEqual([
      { kind: 'SRCH', dn: ANNA, filter: '(uid=anna)', attributes: ['1.1'] },
      { kind: 'MOD', dn: ANNA, attributes: ['description'] },
    ]);
  });

  it('is not written to when the assertion does not hold', async () => {
    await expect(directory.write(describeAs('wrong', 'bert'))).rejects.toMatchObject({
      name: 'DirectoryError',
      kind: 'refused',
      code: 122,
      dn: ANNA,
    });
    expect(await server.adminSearch(ANNA, '(description=wrong)')).toEqual([]);
  });

  it('says so when the entry is not there', async () => {
    await expect(directory.write({ ...describeAs('x', 'bert'), dn: `uid=bert,${PEOPLE}` })).rejects.toMatchObject({
      kind: 'refused',
      code: 32,
    });
  });
});
