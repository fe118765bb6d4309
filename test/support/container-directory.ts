import { Client } from 'ldapts';
import { type GenericContainer, Wait } from 'testcontainers';
import { type Account, type ContainerDirectory, DirectoryAdministrator } from './test-directory.ts';

export interface ContainerDirectorySetup {
  readonly container: GenericContainer;
  /** Ports inside the container. */
  readonly ldapPort: number;
  readonly ldapsPort: number;
  /** The file inside the container that holds the certificate to trust, in PEM form; the server's names `localhost`. */
  readonly caFile: string;
  readonly administrator: Account;
  readonly bridge: Account;
}

/** Starts the container and waits until the directory in it answers. */
export async function startContainerDirectory(setup: ContainerDirectorySetup): Promise<ContainerDirectory> {
  const { container, ldapPort, ldapsPort, caFile, administrator, bridge } = setup;
  const answers = `ldapsearch -x -H ldap://127.0.0.1:${ldapPort} -s base -b '' 1.1`;
  const started = await container
    .withExposedPorts(ldapPort, ldapsPort)
    .withWaitStrategy(Wait.forSuccessfulCommand(answers))
    .withStartupTimeout(60_000)
    .start();
  const stop = async () => void (await started.stop({ timeout: 0 }));
  const { output: ca, exitCode } = await started.exec(['cat', caFile]);
  if (exitCode !== 0) {
    await stop();
    throw new Error(ca);
  }
  const ldapsUrl = `ldaps://localhost:${started.getMappedPort(ldapsPort)}`;
  const administration = new DirectoryAdministrator(
    () => new Client({ url: ldapsUrl, timeout: 30_000, tlsOptions: { ca } }),
    administrator,
  );
  return {
    url: `ldap://127.0.0.1:${started.getMappedPort(ldapPort)}`,
    ldapsUrl,
    ca,
    bindDn: bridge.dn,
    bindPassword: bridge.password,
    adminSearch: (...args) => administration.adminSearch(...args),
    adminAdd: (ldif) => administration.adminAdd(ldif),
    adminModify: (dn, ...modifications) => administration.adminModify(dn, ...modifications),
    adminDelete: (dn) => administration.adminDelete(dn),
    adminRename: (dn, newDn) => administration.adminRename(dn, newDn),
    accepts: (dn, password) => administration.accepts(dn, password),
    reset: () => administration.reset(),
    stop,
  };
}
