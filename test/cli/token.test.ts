import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/cli/check.ts';
import { token } from '../../src/cli/token.ts';
import { captureOutput } from './support/capture-output.ts';
import { bridgeText, makeConfigurationFolder, runMain } from './support/run-main.ts';

function partsOf(stdout: string): { readonly secret: string; readonly line: string; readonly hash: string } {
  return {
    secret: /: {2}(\S+)$/m.exec(stdout)?.[1] ?? '',
    line: /^ +- \{.*\}$/m.exec(stdout)?.[0].trim() ?? '',
    hash: /sha256:([0-9a-f]{64})/.exec(stdout)?.[1] ?? '',
  };
}

describe('token', () => {
  it('prints a new secret and its hash, another one each time', async () => {
    const [first, second] = await Promise.all([runMain(['token']), runMain(['token'])]);
    const { secret, hash, line } = partsOf(first.stdout);

    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(hash).toBe(createHash('sha256').update(secret).digest('hex'));
    expect(line).toBe(`- { name: entra, hash: 'sha256:${hash}' }`);
    expect(partsOf(second.stdout).secret).not.toBe(secret);
  });

  it.each(['entra-2027', 'with blanks', 'a, b', "it's: {x} #1", '"quoted"', 'Zoë', 'true', '1e3'])(
    'makes a line for the name %j that can be pasted',
    async (name) => {
      const { code, stdout } = await captureOutput(() => token(name));
      const folder = makeConfigurationFolder(bridgeText('ldap://127.0.0.1:1').replace(/- \{ name: tests.*$/m, partsOf(stdout).line));
      try {
        const checked = await captureOutput(() => check(folder.file));

        expect([code, checked.code, checked.stderr]).toEqual([0, 0, '']);
      } finally {
        folder.remove();
      }
    },
  );
});
