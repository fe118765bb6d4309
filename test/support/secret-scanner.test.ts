import { describe, expect, test } from 'vitest';
import { refuseSecretsIn, secretsIn } from './secret-scanner.ts';

const PASSWORD = 'Tr0ub4dor "quoted"';

describe('the scanner that every bridge of the tests runs over its log', () => {
  test.each<readonly [string, unknown]>([
    ['a user', { userName: 'bjensen', password: PASSWORD }],
    ['a PATCH with a path', { Operations: [{ op: 'replace', path: 'password', value: PASSWORD }] }],
    ['a PATCH without one', { Operations: [{ op: 'replace', value: { Password: PASSWORD } }] }],
    ['a bulk request', { Operations: [{ method: 'POST', path: '/Users', data: { password: PASSWORD } }] }],
  ])('finds the password of %s', (_, body) => {
    expect(secretsIn(body)).toEqual([PASSWORD]);
  });

  test('refuses a line with a secret, also as JSON writes it', () => {
    const line = JSON.stringify({ msg: 'refused', value: PASSWORD });
    expect(() => refuseSecretsIn([line], new Set([PASSWORD]))).toThrow('a secret is in the log');
    expect(() => refuseSecretsIn([line], new Set(['another secret']))).not.toThrow();
  });
});
