import { readFileSync } from 'node:fs';
import { startContainerDirectory } from './container-directory.ts';
import { containerOf } from './container-engine.ts';
import type { ContainerDirectory } from './test-directory.ts';

const INSTANCE = '/etc/dirsrv/slapd-test';
const SCHEMA = new URL('../../config/schema/scim-389ds.ldif', import.meta.url);

/**
 * A 389 Directory Server in a container: plugins for memberOf, referential integrity, unique uid and mail, and entryUSN; passwords
 * of eight characters or more, the last three not again. Only where `hasContainerEngine`.
 */
export async function start389ds(): Promise<ContainerDirectory> {
  const container = await containerOf('389ds-image');
  const content = readFileSync(SCHEMA, 'utf8');
  return startContainerDirectory({
    container: container.withCopyContentToContainer([{ target: `${INSTANCE}/schema/98scim.ldif`, content, mode: 0o644 }]),
    ldapPort: 3389,
    ldapsPort: 3636,
    caFile: `${INSTANCE}/ca.crt`,
    administrator: { dn: 'cn=Directory Manager', password: 'admin-secret' },
    bridge: { dn: 'cn=bridge,dc=example,dc=org', password: 'bridge-secret' },
  });
}
