/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

/** Debian's, which `npm test` installs where it may. */
const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0,
);

export const hasBrowser = PROGRAM !== undefined;

/** For the title of tests that need a browser: why they are skipped, where they are. */
export const skippedWithoutBrowser = hasBrowser ? '' : " (skipped: there is no Chromium, which Debian's package chromium has)";

/** A browser without a window; close it. */
export function startBrowser(): Promise<Browser> {
  // Root, as in a container, has no sandbox of Chromium's; /dev/shm may be small there.
  const args = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage'];
  return chromium.launch({ executablePath: PROGRAM ?? '', args });
}
