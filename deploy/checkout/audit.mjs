/**
 * `npm run audit`: whether a package that runs with the bridge has a known weakness, as the registry says. Exit codes: 0 none known,
 * 1 some are, 75 nobody can be asked: mirrors of the registry have no such endpoint. Runs on Node.js 20 and imports nothing that npm
 * would bring.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [KNOWN, NOBODY_TO_ASK] = [1, 75];
const { stdout } = spawnSync('npm', ['audit', '--omit', 'dev', '--json'], {
  cwd: fileURLToPath(new URL('../../', import.meta.url)),
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
});
const { metadata, vulnerabilities = {}, message } = readReport();
if (metadata === undefined) {
  process.stdout.write(`npm audit: the registry cannot be asked (${message})\n`);
  process.exitCode = NOBODY_TO_ASK;
} else {
  for (const { name, severity, range } of Object.values(vulnerabilities)) process.stdout.write(`${severity}: ${name} ${range}\n`);
  process.stdout.write(`npm audit: ${metadata.vulnerabilities.total} known weaknesses in ${metadata.dependencies.prod} packages\n`);
  process.exitCode = metadata.vulnerabilities.total === 0 ? 0 : KNOWN;
}

function readReport() {
  try {
    return JSON.parse(stdout);
  } catch {
    return { message: 'npm gave no report' };
  }
}
