import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { runQuietly } from '../../deploy/checkout/command.mjs';

const NEXT = '97.0.0';
const DEBIAN_ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** A clone of this checkout as it is now, uncommitted work included. */
let clone: string;

beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-release-'));
  const files = git(process.cwd(), 'ls-files', '--cached', '--others', '--exclude-standard', '-z').split('\0');
  const present = files.filter((file) => file !== '' && existsSync(file));
  execFileSync('tar', ['--extract', '--directory', clone], {
    input: execFileSync('tar', ['--create', ...present], { maxBuffer: 256 * 1024 * 1024 }),
  });
  symlinkSync(resolve('node_modules'), join(clone, 'node_modules'));
  git(clone, 'init', '--quiet');
  writeFileSync(join(clone, '.git/info/exclude'), 'node_modules\n');
  commit('as it is');
  git(clone, 'branch', 'as-it-is');
});
afterEach(() => {
  git(clone, 'reset', '--quiet', '--hard', 'as-it-is');
  git(clone, 'tag', '--delete', ...git(clone, 'tag').split('\n').filter(Boolean));
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

function git(cwd: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

function commit(message: string): void {
  git(clone, 'add', '--all');
  git(clone, 'commit', '--quiet', '--allow-empty', '--message', message);
}

const read = (file: string): string => readFileSync(join(clone, file), 'utf8');

/** Past `run.mjs`, which would see to the npm packages: they are those of the checkout here. */
async function release(...args: readonly string[]): Promise<{ readonly exitCode: number; readonly output: string }> {
  const { exitCode, output } = await runQuietly(
    'sh',
    ['-c', 'cd "$0" && exec node --input-type=module --eval "$1" -- "$@"', clone, SCRIPT, ...args],
    {
      env: {
        PATH: [join(clone, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter),
        GIT_AUTHOR_NAME: 'Test',
        GIT_AUTHOR_EMAIL: 'test@example.org',
        GIT_COMMITTER_NAME: 'Test',
        GIT_COMMITTER_EMAIL: 'test@example.org',
      },
    },
  );
  return { exitCode, output: output.trim() };
}
const SCRIPT = `import { release } from './deploy/checkout/release.mjs';
try { process.exitCode = await release(process.argv.slice(2)); } catch (error) { console.error(error.message); process.exitCode = error.exitCode ?? 99; }`;

describe('npm run release', () => {
  test('puts the version everywhere, dates the changelog, builds, commits and tags', { timeout: 120_000 }, async () => {
    expect(await release(NEXT, '--no-ci')).toMatchObject({ exitCode: 0, output: expect.stringContaining('git push --follow-tags') });
    expect(JSON.parse(read('package.json'))).toMatchObject({ version: NEXT });
    expect(JSON.parse(read('package-lock.json'))).toMatchObject({ version: NEXT, packages: { '': { version: NEXT } } });
    expect(read('deploy/kubernetes/kustomization.yaml')).toContain(`newTag: ${NEXT}`);
    expect(read('CHANGELOG.md')).toMatch(/^## Unreleased\n\n## 97\.0\.0 \(\d{4}-\d\d-\d\d\)\n\n\S/m);
    const names = [
      `scim-ldap-bridge-${NEXT}.cdx.json`,
      `scim-ldap-bridge-${NEXT}.tgz`,
      `scim-ldap-bridge_${NEXT}_${DEBIAN_ARCHITECTURE}.deb`,
    ];
    expect(readdirSync(join(clone, 'release'))).toEqual(expect.arrayContaining(['SHA256SUMS', ...names]));
    expect(execFileSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: join(clone, 'release'), encoding: 'utf8' })).toContain('OK');
    expect(execFileSync('tar', ['--list', '--file', `release/${names[1]}`], { cwd: clone, encoding: 'utf8' })).toContain(
      'package/dist/main.js',
    );
    expect(JSON.parse(read(`release/${names[0]}`))).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { version: NEXT } } });
    expect(git(clone, 'status', '--porcelain')).toBe('');
    expect(git(clone, 'log', '-1', '--format=%s')).toBe(`chore(release): ${NEXT}\n`);
    expect(git(clone, 'tag', '--list', '--format=%(objecttype) %(refname:short)')).toBe(`tag v${NEXT}\n`);
    expect(git(clone, 'diff', '--stat', 'HEAD~1')).toContain('4 files changed');
  });

  test('changes nothing when it is dry', async () => {
    const { exitCode, output } = await release(NEXT, '--dry-run');
    expect(exitCode).toBe(0);
    expect(output).toMatch(/would change package\.json: version \S+ becomes 97\.0\.0[^]*would run \.ci\/run, [^]*tag v97\.0\.0/);
    expect(git(clone, 'status', '--porcelain')).toBe('');
    expect(git(clone, 'tag')).toBe('');
  });

  test.each([
    { args: [], exitCode: 64, says: 'usage:' },
    { args: ['1.2'], exitCode: 64, says: 'usage:' },
    { args: ['1.2.3', '--quickly'], exitCode: 64, says: 'usage:' },
    { args: ['0.0.1'], exitCode: 1, says: '0.0.1 is not newer than' },
  ])('refuses $args', async ({ args, exitCode, says }) => {
    expect(await release(...args)).toEqual({ exitCode, output: expect.stringContaining(says) });
  });

  test.each([
    { what: 'uncommitted changes', says: 'not committed', spoil: () => writeFileSync(join(clone, 'README.md'), '') },
    { what: 'a tag that is taken', says: 'a tag v97.0.0 already', spoil: () => void git(clone, 'tag', `v${NEXT}`) },
    {
      what: 'an empty changelog',
      says: 'nothing under "Unreleased"',
      spoil: () => {
        writeFileSync(join(clone, 'CHANGELOG.md'), '# Changelog\n\n## Unreleased\n\n## 0.1.0 (2026-01-01)\n\n* Something.\n');
        commit('empty');
      },
    },
    {
      what: 'what is not green, and leaves everything as it was',
      says: 'it is not green',
      spoil: () => {
        writeFileSync(join(clone, '.ci/run'), 'exit 1\n');
        commit('red');
      },
    },
  ])('refuses $what', async ({ says, spoil }) => {
    spoil();
    const before = git(clone, 'status', '--porcelain');
    expect(await release(NEXT)).toEqual({ exitCode: 1, output: expect.stringContaining(says) });
    expect(git(clone, 'status', '--porcelain')).toBe(before);
  });

  test('takes its edits back when nothing comes of the artefacts', { timeout: 120_000 }, async () => {
    writeFileSync(join(clone, 'src/main.ts'), 'const wrong: number = "text";\n');
    commit('does not compile');
    expect(await release(NEXT, '--no-ci')).toMatchObject({
      exitCode: expect.not.stringMatching(/^0$/),
      output: expect.stringContaining('the build failed'),
    });
    expect(git(clone, 'status', '--porcelain')).toBe('');
  });
});
