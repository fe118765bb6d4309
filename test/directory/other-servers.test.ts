import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start389ds } from '../support/389ds.ts';
import { FIRST_START_MS, hasContainerEngine, skippedWithoutEngine } from '../support/container-engine.ts';
import { startSamba } from '../support/samba.ts';
import { type ContainerDirectory, GROUPS, PEOPLE } from '../support/test-directory.ts';

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
