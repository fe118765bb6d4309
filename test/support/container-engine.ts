import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { GenericContainer } from 'testcontainers';

/** Whether containers can be started here. */
export const hasContainerEngine = spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 }).status === 0;

/** For the title of tests that need containers: why they are skipped, where they are. */
export const skippedWithoutEngine = hasContainerEngine ? '' : ' (skipped: no container engine answers)';

/** The first start builds images; for the timeout of `beforeAll`. */
export const FIRST_START_MS = 600_000;

/**
 * The image of a folder beside this file, built when it isn't there. Its tag is a digest of the folder: checkouts with
 * other contents don't get in each other's way.
 *
 * @param folder with a `Dockerfile`, and no folders inside
 */
export async function containerOf(folder: string): Promise<GenericContainer> {
  const { context, image, isBuilt } = imageOf(new URL(folder, import.meta.url));
  return isBuilt ? new GenericContainer(image) : GenericContainer.fromDockerfile(context).build(image, { deleteOnExit: false });
}

/** What the image of a folder is called, and whether it is there. */
export function imageOf(folder: URL): { readonly context: string; readonly image: string; readonly isBuilt: boolean } {
  const context = folder.pathname;
  const digest = createHash('sha256');
  for (const name of readdirSync(context).toSorted()) digest.update(`${name}\n`).update(readFileSync(join(context, name)));
  const image = `scim-ldap-bridge-test/${basename(context)}:${digest.digest('hex').slice(0, 16)}`;
  return { context, image, isBuilt: spawnSync('docker', ['image', 'inspect', image], { stdio: 'ignore' }).status === 0 };
}
