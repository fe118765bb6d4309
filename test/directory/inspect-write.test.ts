import { describe, expect, it } from 'vitest';
import { inspectWrite } from '../../src/directory/inspect-write.ts';
import type { Change } from '../../src/ldap/change.ts';
import { parseLdapSchema } from '../../src/ldap/schema.ts';

const schema = parseLdapSchema(["( 2.5.4.12 NAME 'title' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )"], []);
const finds = () => Promise.resolve([{ dn: 'uid=anna', attributes: new Map() }]);

describe('inspectWrite', () => {
  it.each<[string, Change]>([
    ['a password', { kind: 'password', dn: 'uid=anna', newPassword: 'secret' }],
    [
      'a modify of a password alone',
      { kind: 'modify', dn: 'uid=anna', modifications: [{ operation: 'replace', attribute: 'userPassword', values: ['secret'] }] },
    ],
    [
      'a value that nobody can compare',
      { kind: 'modify', dn: 'uid=anna', modifications: [{ operation: 'add', attribute: 'jpegPhoto', values: ['x'] }] },
    ],
  ])('can not tell what became of %s, and says so', async (_what, change) => {
    expect(await inspectWrite(change, schema, finds)).toBe('unknown');
  });

  it('without a guard does not take a modify that is not there for one that may be sent again', async () => {
    const change: Change = { kind: 'modify', dn: 'uid=anna', modifications: [{ operation: 'add', attribute: 'title', values: ['new'] }] };
    expect(await inspectWrite(change, schema, () => Promise.resolve([]))).toBe('unknown');
  });
});
