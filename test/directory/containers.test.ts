import { readFileSync } from 'node:fs';
import { type StartedTestContainer, Wait } from 'testcontainers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { findSlapdEngine } from '../../src/cli/demo/slapd-engine.ts';
import { startSlapd } from '../../src/cli/demo/throwaway-slapd.ts';
import { connectDirectory, type LdapDirectory } from '../../src/directory/ldapts-directory.ts';
import { containerOf, FIRST_START_MS, hasContainerEngine, skippedWithoutEngine } from '../support/container-engine.ts';
import { recordingLog } from '../support/directory-log.ts';
import { BRIDGE_DN, BRIDGE_PASSWORD, PEOPLE } from '../support/openldap.ts';
import { BARE_CONFIGURATION, BARE_LDIF, BASE_LDIF, FULL_CONFIGURATION } from '../support/openldap-configuration.ts';

const schema = readFileSync(new URL('../../config/schema/scim.schema', import.meta.url), 'utf8');

function connect(url: string): LdapDirectory {
  return connectDirectory(
    { urls: [url], bindDn: BRIDGE_DN, bindPassword: BRIDGE_PASSWORD, timeoutMs: 10_000, connections: 2 },
    recordingLog(),
  );
}

async function addAndFind(directory: LdapDirectory): Promise<readonly string[]> {
  const dn = `uid=ada,${PEOPLE}`;
  const attributes = [
    { name: 'objectClass', values: ['inetOrgPerson'] },
    { name: 'uid', values: ['ada'] },
    { name: 'cn', values: ['Ада'] },
    { name: 'sn', values: ['-'] },
  ];
  await directory.write({ kind: 'add', dn, attributes });
  const filter = { kind: 'equality', attribute: 'cn', value: 'ада' } as const;
  return (await directory.search({ base: PEOPLE, scope: 'subtree', filter, attributes: ['uid'] })).map((entry) => entry.dn);
}

describe.skipIf(!hasContainerEngine)(`OpenLDAP in a container of testcontainers${skippedWithoutEngine}`, () => {
  let container: StartedTestContainer;
  let directory: LdapDirectory;

  beforeAll(async () => {
    const image = await containerOf('openldap-image');
    container = await image
      .withCopyContentToContainer([
        { target: '/srv/ldap/slapd.conf', content: FULL_CONFIGURATION.replaceAll('@DIR@', '/srv/ldap') },
        { target: '/srv/ldap/scim.schema', content: schema },
        { target: '/srv/ldap/base.ldif', content: BASE_LDIF },
      ])
      .withExposedPorts(389)
      .withWaitStrategy(Wait.forLogMessage(/slapd starting/))
      .start();
    directory = connect(`ldap://${container.getHost()}:${container.getMappedPort(389)}`);
    // It begins to listen a moment after it said so.
    await vi.waitFor(() => directory.facts(), { timeout: 10_000 });
  }, FIRST_START_MS);

  afterAll(async () => {
    await directory?.close();
    await container?.stop();
  });

  it('is a directory like the one next door', async () => {
    expect(await directory.facts()).toMatchObject({ supportsAssertion: true, supportsPostRead: true, supportsPermissiveModify: true });
    expect(await addAndFind(directory)).toEqual([`uid=ada,${PEOPLE}`]);
  });
});

describe.skipIf(!hasContainerEngine)(`the throw-away slapd where none is installed${skippedWithoutEngine}`, () => {
  it(
    'runs in a container, as the user we are, with its data in our folder',
    async () => {
      const setup = { configuration: BARE_CONFIGURATION, files: new Map([['scim.schema', schema]]), ldif: BARE_LDIF };
      const slapd = await startSlapd(setup, findSlapdEngine([]));
      onTestFinished(() => slapd.stop());
      const directory = connect(slapd.url);
      onTestFinished(() => directory.close());
      expect(await addAndFind(directory)).toEqual([`uid=ada,${PEOPLE}`]);
      await slapd.restart();
      const filter = { kind: 'present', attribute: 'uid' } as const;
      expect(await directory.search({ base: PEOPLE, scope: 'one', filter, attributes: [] })).toHaveLength(1);
    },
    FIRST_START_MS,
  );
});
