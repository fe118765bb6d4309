import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildIfStale } from '../checkout/build.mjs';
import { CannotGoOn, runQuietly, say } from '../checkout/command.mjs';
import { isInstalled } from '../checkout/debian-packages.mjs';
import { bringNode } from '../checkout/packages.mjs';
import { stampOf } from '../checkout/stamp.mjs';
import { manPages } from '../man/man-pages.mjs';
import { bashCompletion } from './bash-completion.mjs';

/** What the package is made from, beside the Node.js release. */
const SOURCES = ['src', 'config', 'docs', 'deploy/debian', 'deploy/man', 'deploy/systemd', 'deploy/checkout', 'CHANGELOG.md'];
const MANIFESTS = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

/** Debian's names of what Node.js calls `process.arch`. */
const ARCHITECTURES = new Map([
  ['x64', 'amd64'],
  ['arm64', 'arm64'],
]);

const PROGRAM = 'usr/lib/scim-ldap-bridge';
const DOCUMENTS = 'usr/share/doc/scim-ldap-bridge';
const CONFIGURATION = 'etc/scim-ldap-bridge';
const TREE = 'build/debian';

/** Of npm's packages and our own: what runs, what says what it is, and under which terms. */
const NEEDED = /\.(?:js|cjs|mjs|json|node|wasm)$|(?:^|\/)(?:licen[cs]e|notice|copying)[^/]*$/i;

/** Makes build/scim-ldap-bridge_VERSION_ARCHITECTURE.deb, unless it is there and nothing that it is made from has changed. */
export async function packageIfStale() {
  const architecture = ARCHITECTURES.get(process.arch);
  if (architecture === undefined || !isInstalled('dpkg-deb')) {
    throw new CannotGoOn('a .deb is made with dpkg-deb, on an amd64 or arm64 machine with Debian or one like it');
  }
  const stamp = stampOf('build/.made-from', [...SOURCES, ...MANIFESTS]);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const file = `build/scim-ldap-bridge_${version}_${architecture}.deb`;
  if (!stamp.isCurrent()) {
    await buildIfStale();
    const node = await bringNode('the package brings its own');
    rmSync('build', { recursive: true, force: true });
    await fillTree(node, { version, architecture });
    await archive(file);
    rmSync(TREE, { recursive: true });
    stamp.write();
  }
  say(`${file}: install it with \`apt install ./${file}\``);
}

/**
 * @param {string} node the folder of the Node.js release
 * @param {{ version: string, architecture: string }} identity
 */
async function fillTree(node, { version, architecture }) {
  await copyProgram(node);
  copyConfiguration();
  for (const name of readdirSync('deploy/systemd')) put(`usr/lib/systemd/system/${name}`, readFileSync(`deploy/systemd/${name}`));
  put('etc/logrotate.d/scim-ldap-bridge', readFileSync('deploy/debian/logrotate'));
  put('usr/share/lintian/overrides/scim-ldap-bridge', readFileSync('deploy/debian/lintian-overrides'));
  await putWhatHelpSays(version);
  copyDocuments(node, version);

  for (const script of ['postinst', 'prerm', 'postrm']) put(`DEBIAN/${script}`, readFileSync(`deploy/debian/${script}`), 0o755);
  const conffiles = filesIn(join(TREE, 'etc')).map((path) => `/etc/${path}\n`);
  put('DEBIAN/conffiles', conffiles.join(''));
  putControl(version, architecture);
}

/** @param {string} node */
async function copyProgram(node) {
  put(`${PROGRAM}/bin/node`, readFileSync(join(node, 'bin/node')), 0o755);
  put(`${PROGRAM}/package.json`, readFileSync('package.json'));
  copyFolder('dist', `${PROGRAM}/dist`, NEEDED);
  // what is installed and needed at run time: no address, and nothing that lies in node_modules by accident
  const { output } = await runQuietly('npm', ['ls', '--omit=dev', '--all', '--parseable']);
  const root = `${process.cwd()}/`;
  for (const path of output.split('\n').filter((line) => line.startsWith(`${root}node_modules/`))) {
    copyFolder(path.slice(root.length), `${PROGRAM}/${path.slice(root.length)}`, NEEDED);
  }
  put('usr/bin/scim-ldap-bridge', readFileSync('deploy/debian/scim-ldap-bridge'), 0o755);
}

/** The files in /etc are examples to be edited; what the program itself reads of them, and editors too, is apart from them. */
function copyConfiguration() {
  const share = 'usr/share/scim-ldap-bridge';
  copyFolder('config', `${share}/config`);
  link('../../share/scim-ldap-bridge/config', `${PROGRAM}/config`);
  link('config/schema', `${share}/schema`);
  copyFolder('config/mappings', `${CONFIGURATION}/mappings`);
  for (const name of ['bridge', 'mapping']) link(`/${share}/config/${name}.schema.json`, `${CONFIGURATION}/${name}.schema.json`);
  put(`${CONFIGURATION}/bridge.yaml`, packagedBridgeFile(readFileSync('config/bridge.yaml', 'utf8')));
}

/**
 * The shipped bridge.yaml with the audit trail in the unit's LogsDirectory=.
 *
 * @param {string} text
 */
function packagedBridgeFile(text) {
  const packaged = text.replace(/^# (audit:.*)\n# ( {2}file: \/var\/log\/.*)$/m, '$1\n$2');
  if (packaged === text) throw new Error('config/bridge.yaml has no `# audit:` with a `# file:` below it');
  return packaged;
}

/** @param {string} version */
async function putWhatHelpSays(version) {
  const { output: help } = await runQuietly('node', ['dist/main.js', '--help']);
  const mappingSchema = JSON.parse(readFileSync('config/mapping.schema.json', 'utf8'));
  const date = released().toISOString().slice(0, 10);
  for (const [name, page] of manPages({ version, date, help, mappingSchema }))
    putCompressed(`usr/share/man/man${name.at(-1)}/${name}`, page);
  put('usr/share/bash-completion/completions/scim-ldap-bridge', bashCompletion(help));
}

/**
 * @param {string} node
 * @param {string} version
 */
function copyDocuments(node, version) {
  put(`${DOCUMENTS}/copyright`, readFileSync('deploy/debian/copyright'));
  const changelog = readFileSync('deploy/debian/changelog', 'utf8');
  putCompressed(
    `${DOCUMENTS}/changelog`,
    changelog.replace('@VERSION@', version).replace('@DATE@', released().toUTCString().replace('GMT', '+0000')),
  );
  putCompressed(`${DOCUMENTS}/CHANGELOG.md`, readFileSync('CHANGELOG.md'));
  putCompressed(`${DOCUMENTS}/node-LICENSE`, readFileSync(join(node, 'LICENSE')));
  for (const name of readdirSync('docs').filter((each) => each.endsWith('.md')))
    putCompressed(`${DOCUMENTS}/${name}`, readFileSync(`docs/${name}`));
}

/**
 * @param {string} version
 * @param {string} architecture
 */
function putControl(version, architecture) {
  const kibibytes = filesIn(TREE).reduce((sum, path) => sum + Math.ceil(statSync(join(TREE, path)).size / 1024), 0);
  const fields = new Map([
    ['@VERSION@', version],
    ['@ARCHITECTURE@', architecture],
    ['@INSTALLED_SIZE@', String(kibibytes)],
  ]);
  put(
    'DEBIAN/control',
    [...fields].reduce((text, [mark, value]) => text.replace(mark, value), readFileSync('deploy/debian/control', 'utf8')),
  );
}

/**
 * The same sources give the same octets: all times are the release's, and xz gives the same with any number of threads but one.
 *
 * @param {string} file
 */
async function archive(file) {
  for (const path of ['', ...readdirSync(TREE, { recursive: true, encoding: 'utf8' })]) touch(join(TREE, path));
  const { exitCode, output } = await runQuietly(
    'dpkg-deb',
    ['--root-owner-group', '-Zxz', '-z1', '--threads-max=2', '--build', TREE, file],
    {
      env: { SOURCE_DATE_EPOCH: String(released().getTime() / 1000) },
    },
  );
  if (exitCode !== 0) throw new CannotGoOn(`dpkg-deb failed (exit code ${exitCode}):\n${output.trim()}`, 1);
}

/** The day of the latest release, from CHANGELOG.md; before there was one, that of the beginning. */
function released() {
  const date = /^## \d+\.\d+\.\d+ \((\d{4}-\d\d-\d\d)\)$/m.exec(readFileSync('CHANGELOG.md', 'utf8'))?.[1];
  return new Date(date ?? '2026-11-24');
}

/** @param {string} path */
function touch(path) {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) utimesSync(path, released(), released());
}

/**
 * @param {string} folder
 * @returns {string[]} regular files, relative to the folder
 */
function filesIn(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

/**
 * @param {string} path in the package
 * @param {string | Buffer} content
 */
function putCompressed(path, content) {
  put(`${path}.gz`, gzipSync(content, { level: 9 }));
}

/**
 * @param {string} path in the package
 * @param {string | Buffer} content
 * @param {number} [mode]
 */
function put(path, content, mode = 0o644) {
  const target = join(TREE, path);
  makeFolder(dirname(target));
  writeFileSync(target, content);
  chmodSync(target, mode);
}

/**
 * What is in a folder, but notes of how it was made.
 *
 * @param {string} from
 * @param {string} path in the package
 * @param {RegExp} [pattern] of the files to take
 */
function copyFolder(from, path, pattern = /^/) {
  const names = filesIn(from).filter((name) => !name.startsWith('.') && !name.startsWith('node_modules/') && pattern.test(name));
  for (const name of names) put(join(path, name), readFileSync(join(from, name)));
}

/**
 * @param {string} target
 * @param {string} path in the package
 */
function link(target, path) {
  makeFolder(dirname(join(TREE, path)));
  symlinkSync(target, join(TREE, path));
}

/** @param {string} folder with mode 0755, whatever our umask is */
function makeFolder(folder) {
  const first = mkdirSync(folder, { recursive: true }) ?? `${folder}/`;
  for (let each = folder; each.length >= first.length; each = dirname(each)) chmodSync(each, 0o755);
}
