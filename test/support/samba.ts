import { startContainerDirectory } from './container-directory.ts';
import { containerOf } from './container-engine.ts';
import type { ContainerDirectory } from './test-directory.ts';

/**
 * A Samba domain controller of the domain example.org in a container, which stands for Active Directory: passwords of eight
 * characters or more, the last three not again. Only where `hasContainerEngine`.
 */
export async function startSamba(): Promise<ContainerDirectory> {
  return startContainerDirectory({
    container: await containerOf('samba-image'),
    ldapPort: 389,
    ldapsPort: 636,
    caFile: '/var/lib/samba/private/tls/ca.pem',
    administrator: { dn: 'CN=Administrator,CN=Users,DC=example,DC=org', password: 'Admin-Secret1' },
    bridge: { dn: 'CN=bridge,OU=services,DC=example,DC=org', password: 'Bridge-Secret1' },
  });
}
