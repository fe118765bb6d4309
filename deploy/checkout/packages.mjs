import { existsSync, readFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { CannotGoOn, runQuietly, say } from './command.mjs';
import { stampOf } from './stamp.mjs';

/** The release that is brought from npm where the machine's Node.js is too old. */
const NODE_RELEASE = '24.21.0';

/** Sees to it that the children of this process find a Node.js first in PATH that package.json's `engines` accepts. */
export async function provideNode() {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8'));
  if (isAtLeast(process.version, engines.node)) return;
  putFirstInPath(`${await bringNode(`this is ${process.version}, and ${engines.node} is needed`)}/bin`);
}

/**
 * Brings a Node.js release that belongs to the checkout.
 *
 * @param {string} why completes "installing Node.js … into .node: "
 * @returns {Promise<string>} its folder, as npm's package has it
 */
export async function bringNode(why) {
  const name = `node-${process.platform}-${process.arch}`;
  if (versionIn('.node', name) !== NODE_RELEASE) {
    say(`installing Node.js ${NODE_RELEASE} into .node: ${why}`);
    await npm(['install', '--no-save', '--prefix', '.node', `${name}@${NODE_RELEASE}`]);
  }
  return `.node/node_modules/${name}`;
}

/** Sees to it that node_modules holds what package-lock.json says, and that its commands are in the children's PATH. */
export async function providePackages() {
  const stamp = stampOf('node_modules/.scim-ldap-bridge/packages', ['package-lock.json']);
  if (!stamp.isCurrent()) {
    say(`installing npm packages: node_modules is ${existsSync('node_modules') ? 'not what package-lock.json says' : 'missing'}`);
    await npm(['ci']);
    stamp.write();
  }
  putFirstInPath('node_modules/.bin');
}

/**
 * @param {string} version such as `v20.19.2`
 * @param {string} range such as `>=22.22`: the one form that our `engines` uses
 */
export function isAtLeast(version, range) {
  const minimum = /^>=(\d+(?:\.\d+){0,2})$/.exec(range)?.[1];
  if (minimum === undefined) throw new Error(`engines.node is "${range}", which has another form than ">=22.22"`);
  const have = version.replace(/^v/, '').split('.').map(Number);
  for (const [index, wanted] of minimum.split('.').map(Number).entries()) {
    const difference = (have[index] ?? 0) - wanted;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/**
 * npm writes this record last: a package that is in it is there as a whole.
 *
 * @param {string} prefix
 * @param {string} name
 * @returns {string | undefined}
 */
function versionIn(prefix, name) {
  const record = `${prefix}/node_modules/.package-lock.json`;
  if (!existsSync(record)) return undefined;
  return JSON.parse(readFileSync(record, 'utf8')).packages?.[`node_modules/${name}`]?.version;
}

/** @param {readonly string[]} args */
async function npm(args) {
  const { exitCode, output } = await runQuietly('npm', [...args, '--no-audit', '--loglevel=error']);
  if (exitCode !== 0) throw new CannotGoOn(`npm ${args.join(' ')} failed (exit code ${exitCode}):\n${output.trim()}`);
}

/** @param {string} folder */
function putFirstInPath(folder) {
  process.env['PATH'] = `${resolve(folder)}${delimiter}${process.env['PATH'] ?? ''}`;
}
