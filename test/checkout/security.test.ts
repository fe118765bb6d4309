import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';

test('every test that the security page names exists, by file and by title', () => {
  const page = readFileSync('docs/security.md', 'utf8');
  const rows = page.split('\n').filter((line) => /^\| (?!Threat)[A-Z]/.test(line) && line.split(' | ').length === 3);
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    const [threat, , tests = ''] = row.split(' | ');
    const named = [...tests.matchAll(/`([^`]+)`(?: \(([^)]*)\))?/g)];
    expect({ threat, named: named.length > 0 }).toEqual({ threat, named: true });
    for (const [, path = '', titles] of named) {
      const text = readFileSync(`test/${path}`, 'utf8');
      if (path.endsWith('.test.ts')) expect({ threat, path, titles }).toEqual({ threat, path, titles: expect.any(String) });
      for (const title of titles?.split('; ') ?? []) {
        const isThere = text.includes(title);
        expect({ path, title, isThere }).toEqual({ path, title, isThere: true });
      }
    }
  }
});

interface LockedPackage {
  readonly version: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { readonly packages: Record<string, LockedPackage> };
const running = Object.entries(packages).filter(([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true);
const { dependencies, version } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly dependencies: Record<string, string>;
  readonly version: string;
};

test('packages for running are pinned, have checksums, and run nothing when they are installed', () => {
  expect(Object.values(dependencies).filter((each) => !/^\d+\.\d+\.\d+$/.test(each))).toEqual([]);
  expect(running.filter(([, { hasInstallScript, integrity }]) => hasInstallScript === true || integrity === undefined)).toEqual([]);
});

/** Runs a script of deploy/checkout; `path` comes first in PATH. */
function runScript(name: string, path = ''): { readonly code: number | null; readonly stdout: string } {
  const env = { ...process.env, PATH: `${path}${delimiter}${process.env['PATH'] ?? ''}` };
  const { status: code, stdout } = spawnSync(process.execPath, [`deploy/checkout/${name}.mjs`], { encoding: 'utf8', env });
  return { code, stdout };
}

test('the bill of materials is CycloneDX, and names each package that runs, its checksum and its licence, and no other', () => {
  const { code, stdout } = runScript('sbom');
  expect(code).toBe(0);
  const bill = JSON.parse(stdout);
  expect(bill).toMatchObject({
    bomFormat: 'CycloneDX',
    specVersion: expect.stringMatching(/^1\.\d$/),
    serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    version: 1,
    metadata: { component: { type: 'application', name: 'scim-ldap-bridge', version } },
  });
  const components = bill.components as { purl: string; 'bom-ref': string; hashes: object[]; licenses: object[] }[];
  const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const expected = running.map(([path, { version: locked }]) => `pkg:npm/${nameOf(path).replace('@', '%40')}@${locked}`);
  expect(components.map(({ purl }) => purl).toSorted()).toEqual([...new Set(expected)].toSorted());
  for (const { purl, hashes, licenses } of components) {
    expect({ purl, hashes, licenses }).toEqual({
      purl,
      hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
      licenses: [expect.objectContaining({})],
    });
  }
  const refs = new Set([...components.map((each) => each['bom-ref']), bill.metadata.component['bom-ref']]);
  const graph = bill.dependencies as { ref: string; dependsOn: string[] }[];
  expect(new Set(graph.map(({ ref }) => ref))).toEqual(refs);
  expect(graph.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.has(ref))).toEqual([]);
  const own = graph.find(({ ref }) => ref === bill.metadata.component['bom-ref'])?.dependsOn;
  expect(own?.toSorted()).toEqual(
    Object.entries(dependencies)
      .map(([name, pinned]) => `${name}@${pinned}`)
      .toSorted(),
  );
});

describe('npm run audit', () => {
  const total = (count: number) => ({ metadata: { vulnerabilities: { total: count }, dependencies: { prod: 62 } } });

  test.each([
    ['nothing known', total(0), 0, 'npm audit: 0 known weaknesses in 62 packages\n'],
    [
      'a weakness',
      { ...total(1), vulnerabilities: { koa: { name: 'koa', severity: 'high', range: '<3.3.1' } } },
      1,
      'high: koa <3.3.1\nnpm audit: 1 known weaknesses in 62 packages\n',
    ],
    ['nobody to ask', { message: '405 Method Not Allowed' }, 75, 'npm audit: the registry cannot be asked (405 Method Not Allowed)\n'],
  ])('tells %s', (_what, report, code, stdout) => {
    const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-npm-'));
    try {
      writeFileSync(join(folder, 'npm'), `#!/bin/sh\necho '${JSON.stringify(report)}'\n`, { mode: 0o755 });
      expect(runScript('audit', folder)).toEqual({ code, stdout });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
