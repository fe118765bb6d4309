import { describe, expect, it } from 'vitest';
import { runMain } from './support/run-main.ts';

describe('wrong usage', () => {
  it.each([
    [['nonsense'], /there is no command "nonsense"/],
    [['__proto__'], /there is no command/],
    [['check', '--nonsense'], /--nonsense/],
    [['check', 'extra'], /check takes no argument "extra"/],
    [['check', '--name', 'x'], /check takes no --name/],
  ])('%j is 64, says what is wrong, and what would be right', async (args, message) => {
    const { code, stdout, stderr } = await runMain(args);

    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('Usage: scim-ldap-bridge COMMAND');
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  it('nothing at all is 64 with the help', async () => {
    const { code, stdout } = await runMain([]);
    expect(code).toBe(64);
    expect(stdout).toContain('Usage: scim-ldap-bridge COMMAND');
  });
});

it.each([[['--help']], [['serve', '--help']]])('%j is the help, and 0', async (args) => {
  const { code, stdout, stderr } = await runMain(args);

  expect([code, stderr]).toEqual([0, '']);
  for (const word of ['serve', 'check', 'token', 'demo', '--config', '64', '78']) expect(stdout).toContain(word);
});
