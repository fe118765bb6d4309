import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { freePort } from '../../../src/cli/demo/free-port.ts';
import { hasContainerEngine } from '../../support/container-engine.ts';
import { run } from './run.ts';

/** The plug-in of today's Docker, or the program that Debian packages. */
const COMPOSE = [['docker', 'compose'], ['docker-compose']].find(
  ([command = '', ...args]) => spawnSync(command, [...args, 'version'], { stdio: 'ignore' }).status === 0,
);

/** Why the try-out can't be started here; empty where it can. */
export const skippedWithoutCompose = !hasContainerEngine
  ? ' (skipped: no container engine answers)'
  : COMPOSE === undefined
    ? ' (skipped: neither docker compose nor docker-compose is installed)'
    : '';

/** `deploy/compose.yaml` running, with images and a project of this checkout's own. */
export interface TryOut {
  /** Where it is published. */
  readonly url: string;
  /** Name of the daemon's image. */
  readonly image: string;
  /** A name that nothing else on this machine has. */
  readonly project: string;
  readonly network: string;
  /** What `docker compose` is called here. */
  readonly composeCommand: string;
  readonly environment: Readonly<Record<string, string>>;
  compose(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

export async function startTryOut(): Promise<TryOut> {
  // Checkouts beside each other don't take each other's images; one checkout doesn't pile them up.
  const checkout = createHash('sha256').update(process.cwd()).digest('hex').slice(0, 12);
  const port = await freePort();
  const image = `scim-ldap-bridge-test/bridge:${checkout}`;
  const project = `scim-ldap-bridge-${checkout}-${process.pid}`;
  const environment = {
    COMPOSE_PROJECT_NAME: project,
    BRIDGE_IMAGE: image,
    OPENLDAP_IMAGE: `scim-ldap-bridge-test/openldap-try-out:${checkout}`,
    SCIM_PORT: String(port),
  };
  const [command = '', ...plugin] = COMPOSE ?? [];
  const compose = (...args: readonly string[]) => run(command, [...plugin, '--file', 'deploy/compose.yaml', ...args], environment);
  await compose('up', '--detach', '--build');
  return {
    url: `http://127.0.0.1:${port}`,
    image,
    project,
    composeCommand: [command, ...plugin].join(' '),
    network: `${project}_default`,
    environment,
    compose,
    stop: async () => void (await compose('down', '--volumes')),
  };
}
