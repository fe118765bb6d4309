import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { packageIfStale } from '../debian/package.mjs';
import { build } from './build.mjs';
import { CannotGoOn, runInFront, runQuietly, say } from './command.mjs';

const USAGE = 'usage: npm run release -- VERSION [--dry-run] [--no-ci]';
const ARTEFACTS = 'release';

/**
 * `npm run release -- 0.2.0`: the version into the files that name it, the date into CHANGELOG.md, the artefacts into `release/`, a
 * commit and a tag. Nothing leaves this machine.
 *
 * @param {readonly string[]} args `--dry-run` says what would happen; `--no-ci` trusts that this commit is green already
 * @returns {Promise<number>} the exit code
 * @throws {CannotGoOn} something speaks against it; nothing has changed then
 */
export async function release(args) {
  const { version, isDry, isGreen } = optionsOf(args);
  await refuseUnlessReady(version);
  const edits = editsFor(version, new Date().toISOString().slice(0, 10));
  if (isDry) {
    for (const [file, { change }] of edits) say(`would change ${file}: ${change}`);
    say(`would ${isGreen ? '' : 'run .ci/run, '}fill ${ARTEFACTS}/, commit, and tag v${version}`);
    return 0;
  }
  if (!isGreen && (await runInFront('bash', ['.ci/run'])) !== 0) throw new CannotGoOn('it is not green', 1);

  for (const [file, { text }] of edits) writeFileSync(file, text);
  try {
    await makeArtefacts(version);
  } catch (error) {
    await git('checkout', '--', ...edits.keys());
    throw error;
  }
  await git('commit', '--quiet', '--all', '--message', `chore(release): ${version}`);
  await git('tag', '--annotate', `v${version}`, '--message', `scim-ldap-bridge ${version}`);
  say(`released ${version}: ${ARTEFACTS}/ holds what to publish. To let it out: git push --follow-tags`);
  return 0;
}

/** @param {readonly string[]} args */
function optionsOf(args) {
  try {
    const options = /** @type {const} */ ({ 'dry-run': { type: 'boolean', default: false }, 'no-ci': { type: 'boolean', default: false } });
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [version = '', ...others] = positionals;
    if (!/^\d+\.\d+\.\d+$/.test(version) || others.length > 0) throw new CannotGoOn(USAGE, 64);
    return { version, isDry: values['dry-run'], isGreen: values['no-ci'] };
  } catch (error) {
    throw error instanceof CannotGoOn ? error : new CannotGoOn(USAGE, 64);
  }
}

/** @param {string} version */
async function refuseUnlessReady(version) {
  const { version: current } = JSON.parse(readFileSync('package.json', 'utf8'));
  if (!isNewer(version, current)) throw new CannotGoOn(`${version} is not newer than ${current}`, 1);
  if ((await git('status', '--porcelain')) !== '') throw new CannotGoOn('there are changes that are not committed', 1);
  if ((await git('tag', '--list', `v${version}`)) !== '') throw new CannotGoOn(`there is a tag v${version} already`, 1);
  if (!/^## Unreleased\n+\S(?<!#)/m.test(readFileSync('CHANGELOG.md', 'utf8')))
    throw new CannotGoOn('CHANGELOG.md says nothing under "Unreleased"', 1);
}

/**
 * @param {string} version
 * @param {string} current
 */
function isNewer(version, current) {
  const [wanted, have] = [version, current].map((each) => each.split('.').map(Number));
  const index = wanted?.findIndex((part, position) => part !== have?.[position]) ?? -1;
  return index >= 0 && (wanted?.[index] ?? 0) > (have?.[index] ?? 0);
}

/**
 * @param {string} version
 * @param {string} date
 * @returns {Map<string, { change: string, text: string }>} new contents by file
 */
function editsFor(version, date) {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const { version: before } = manifest;
  const change = `version ${before} becomes ${version}`;
  manifest.version = version;
  lock.version = version;
  lock.packages[''].version = version;
  const json = (/** @type {unknown} */ value) => `${JSON.stringify(value, null, 2)}\n`;
  const kustomization = 'deploy/kubernetes/kustomization.yaml';
  return new Map([
    ['package.json', { change, text: json(manifest) }],
    ['package-lock.json', { change, text: json(lock) }],
    [kustomization, { change, text: readFileSync(kustomization, 'utf8').replace(/newTag: .*/, `newTag: ${version}`) }],
    [
      'CHANGELOG.md',
      {
        change: `what is unreleased becomes ${version}, ${date}`,
        text: readFileSync('CHANGELOG.md', 'utf8').replace(/^## Unreleased$/m, `## Unreleased\n\n## ${version} (${date})`),
      },
    ],
  ]);
}

/**
 * The package, the list of everything in it, the Debian package, and their digests.
 *
 * @param {string} version
 */
async function makeArtefacts(version) {
  rmSync(ARTEFACTS, { recursive: true, force: true });
  mkdirSync(ARTEFACTS);
  await build();
  await output('npm', ['pack', '--silent', '--pack-destination', ARTEFACTS]);
  const sbom = await output('npm', ['run', '--silent', 'sbom']);
  writeFileSync(`${ARTEFACTS}/scim-ldap-bridge-${version}.cdx.json`, sbom);
  await packageIfStale();
  for (const name of readdirSync('build').filter((each) => each.endsWith('.deb'))) cpSync(`build/${name}`, `${ARTEFACTS}/${name}`);
  const digests = readdirSync(ARTEFACTS).map((name) => `${digestOf(`${ARTEFACTS}/${name}`)}  ${name}\n`);
  writeFileSync(`${ARTEFACTS}/SHA256SUMS`, digests.join(''));
}

/** @param {string} file */
function digestOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** @param {readonly string[]} args */
async function git(...args) {
  return (await output('git', args)).trim();
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
async function output(command, args) {
  const { exitCode, output: text } = await runQuietly(command, args);
  if (exitCode !== 0) throw new CannotGoOn(`${[command, ...args].join(' ')} failed (exit code ${exitCode}):\n${text.trim()}`, 1);
  return text;
}
