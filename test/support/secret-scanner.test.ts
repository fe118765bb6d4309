import { describe, expect, test } from 'vitest';
import { addSecret, refuseSecretsIn, secretsIn, secretsInEnvironment } from './secret-scanner.ts';

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

  test.each(['{"header":"Bearer abc"}', '{"removed":["{SSHA}qUmJ"]}'])('refuses what is a secret wherever it stands: %s', (line) => {
    expect(() => refuseSecretsIn([line], new Set())).toThrow('a secret is in the log');
  });

  test('knows what is secret in an environment', () => {
    const environment = {
      LDAP_PASSWORD: PASSWORD,
      SCIM_TOKEN: 'a-token-for-the-tests',
      STATE_DIRECTORY: '/var/lib/bridge',
      NEXT_TOKEN: 'x',
    };
    expect(secretsInEnvironment(environment)).toEqual(new Set([PASSWORD, 'a-token-for-the-tests']));
  });

  test('looks once for what begins alike', () => {
    const secrets = new Set(['a-prefix']);
    for (const secret of ['a-prefix-and-more', 'another one']) addSecret(secrets, secret);
    expect(secrets).toEqual(new Set(['a-prefix', 'another one']));
  });
});
