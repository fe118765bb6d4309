import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/ldap/change.ts';
import type { LdapFilter } from '../../src/ldap/filter.ts';
import { formatLdapFilter } from '../../src/ldap/format-ldap-filter.ts';
import { formatChanges } from '../../src/ldap/format-ldif.ts';
import { type Mask, maskChange, maskFilter } from '../../src/ldap/mask-change.ts';

const SECRET: Mask = { hides: (type) => type === 'userpassword' };
const ALL: Mask = { hides: () => true };
const dn = 'uid=ada,dc=example,dc=org';

function shown(change: Change, mask: Mask): string {
  return formatChanges([maskChange(change, mask)], { secretAttributes: new Set() });
}

describe('maskChange', () => {
  const add: Change = {
    kind: 'add',
    dn,
    attributes: [
      { name: 'sn', values: ['Lovelace', 'Byron'] },
      { name: 'userPassword;x-old', values: ['one', Buffer.from('two')] },
    ],
  };

  it('hides the values of some attributes, with their options and however many', () => {
    expect(shown(add, SECRET)).toBe(`dn: ${dn}\nchangetype: add\nsn: Lovelace\nsn: Byron\nuserPassword;x-old: ***\n`);
  });

  it('hides all of them', () => {
    expect(shown(add, ALL)).toBe(`dn: ${dn}\nchangetype: add\nsn: ***\nuserPassword;x-old: ***\n`);
  });

  it('leaves an attribute without values as it is', () => {
    const clear: Change = { kind: 'modify', dn, modifications: [{ operation: 'delete', attribute: 'userPassword', values: [] }] };
    expect(shown(clear, SECRET)).toBe(`dn: ${dn}\nchangetype: modify\ndelete: userPassword\n-\n`);
  });

  it('hides what a write is conditional on too', () => {
    const assertion: LdapFilter = { kind: 'equality', attribute: 'userPassword', value: 'former' };
    const change: Change = { kind: 'modify', dn, modifications: [{ operation: 'add', attribute: 'cn', values: ['x'] }], assertion };
    expect(shown(change, SECRET)).toBe(`# only while (userPassword=\\2a\\2a\\2a)\ndn: ${dn}\nchangetype: modify\nadd: cn\ncn: x\n-\n`);
    expect(shown({ kind: 'delete', dn, assertion }, SECRET)).not.toContain('former');
    expect(shown({ kind: 'rename', dn, newRdn: 'uid=b', assertion }, SECRET)).not.toContain('former');
  });

  it('takes a password out', () => {
    expect(maskChange({ kind: 'password', dn, newPassword: 'secret' }, SECRET)).toEqual({ kind: 'password', dn, newPassword: '***' });
  });

  it('shows so many values, and so much of each', () => {
    const modifications = [{ operation: 'add' as const, attribute: 'member', values: ['a'.repeat(8), 'bb', 'cc', 'dd'] }];
    const masked = maskChange({ kind: 'modify', dn, modifications }, { ...SECRET, mostValues: 2, mostLength: 4 });
    expect(masked).toMatchObject({ modifications: [{ values: ['aaaa***', 'bb', '*** 2 more'] }] });
    const photo: Change = { kind: 'add', dn, attributes: [{ name: 'jpegPhoto', values: [Buffer.alloc(1000, 1)] }] };
    expect(maskChange(photo, { ...SECRET, mostLength: 4 })).toMatchObject({ attributes: [{ values: [Buffer.alloc(4, 1)] }] });
  });
});

describe('maskFilter', () => {
  it.each<[LdapFilter, string]>([
    [{ kind: 'equality', attribute: 'uid', value: 'ada' }, '(uid=ada)'],
    [{ kind: 'equality', attribute: 'userPassword', value: 'x' }, '(userPassword=\\2a\\2a\\2a)'],
    [{ kind: 'present', attribute: 'userPassword' }, '(userPassword=*)'],
    [{ kind: 'not', filter: { kind: 'greaterOrEqual', attribute: 'userPassword', value: 'x' } }, '(!(userPassword>=\\2a\\2a\\2a))'],
    [
      { kind: 'or', filters: [{ kind: 'substring', attribute: 'userPassword', initial: 'a', any: ['b'], final: 'c' }] },
      '(|(userPassword=\\2a\\2a\\2a*\\2a\\2a\\2a*\\2a\\2a\\2a))',
    ],
    [{ kind: 'extensible', attribute: 'userPassword', dnAttributes: false, value: 'x' }, '(userPassword:=\\2a\\2a\\2a)'],
  ])('%j', (filter, text) => {
    expect(formatLdapFilter(maskFilter(filter, SECRET))).toBe(text);
  });
});
