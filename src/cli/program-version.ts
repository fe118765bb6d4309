import { readFileSync } from 'node:fs';

/** The version in package.json, which lies two folders above this file, as source and as built. */
export function programVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  return version;
}
