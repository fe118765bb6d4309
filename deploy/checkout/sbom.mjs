/**
 * `npm run sbom`: the software bill of materials (CycloneDX) of what runs, from the lock file. Runs on Node.js 20 and imports nothing
 * that npm would bring.
 *
 * `npm sbom --omit dev` leaves out every package that something for development needs too, yaml for one; so npm is shown a lock file
 * without those.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (/** @type {string} */ name) => JSON.parse(readFileSync(join(root, name), 'utf8'));

const { devDependencies: _, ...manifest } = read('package.json');
const lock = read('package-lock.json');
const running = Object.entries(lock.packages).filter(([, { dev, devOptional }]) => dev !== true && devOptional !== true);
const packages = Object.fromEntries(running);
delete packages[''].devDependencies;

const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-sbom-'));
// npm calls the whole by the name of its folder.
const project = join(folder, manifest.name);
let ended;
try {
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify({ ...lock, packages }));
  const args = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--loglevel=error'];
  ended = spawnSync('npm', args, { cwd: project, stdio: ['ignore', 'inherit', 'inherit'] });
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = ended.status ?? 1;
