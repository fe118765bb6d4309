import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('every test that the security page names exists', () => {
  const page = readFileSync('docs/security.md', 'utf8');
  const named = [...page.matchAll(/`((?:http|provisioning|config|cli|checkout)\/[\w./-]+\.(?:test\.ts|yaml))`/g)].map(
    ([, path]) => path ?? '',
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(`test/${path}`))).toEqual([]);
});

interface LockedPackage {
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
  readonly link?: boolean;
}

test('packages for running are pinned, have checksums, and run nothing when they are installed', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly dependencies: Record<string, string> };
  expect(Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { readonly packages: Record<string, LockedPackage> };
  const running = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  expect(running.filter(([, { hasInstallScript, integrity }]) => hasInstallScript === true || integrity === undefined)).toEqual([]);
});
