import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellLine } from '../../src/cli/demo/shell-line.ts';

test('the shell sees the arguments as they were', () => {
  const args = ['plain', 'a b', '', "O'Brien", '"', '$HOME `id` \\', '*', '{a,b}', '#', '~', 'a;b&c|d', '<>', 'é 李 Ж', 'x\ny', '!'];
  const line = shellLine([process.execPath, '-p', 'JSON.stringify(process.argv.slice(1))', '--', ...args]);

  expect(JSON.parse(execFileSync('sh', ['-c', line], { encoding: 'utf8' }))).toEqual(args);
});

test('quotes only where it has to', () => {
  expect(shellLine(['curl', '-G', 'http://127.0.0.1:8080/scim/v2/Users', 'Mary Jones'])).toBe(
    "curl -G http://127.0.0.1:8080/scim/v2/Users 'Mary Jones'",
  );
});
