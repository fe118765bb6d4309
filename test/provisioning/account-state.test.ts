import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valuesOf } from '../../src/ldap/entry.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { DISABLED, PEOPLE, SUFFIX } from '../support/openldap.ts';
import { attributesOf, createGroup, createUser, ENTERPRISE, entryWithId, findIds, memberIds, patch } from './support/requests.ts';

/** Switching accounts off and on again, on a directory with all overlays; every state is tried by binding. */

const PASSWORD = 'correct horse battery';
/** What every write changes. */
const OF_EACH_WRITE = ['modifytimestamp', 'modifiersname', 'entrycsn'];
/** The overlay does its work after the answer. */
const SETTLING = { interval: 20 };

let bridge: Bridge;
const active = (id: string, value: unknown) => patch(bridge, `/Users/${id}`, { op: 'Replace', path: 'active', value });
const canBind = async (id: string) => bridge.ldap.accepts((await entryWithId(bridge, id))?.dn ?? '', PASSWORD);

/** Whoever stands in the branch for inactive accounts can't bind: it is the directory that says so. */
function configure(text: string): string {
  const rule = `access to dn.subtree="${DISABLED}" attrs=userPassword by dn.exact="cn=bridge,${SUFFIX}" =w by * none\n`;
  return text.replace('access       to attrs=userPassword', `${rule}$&`);
}

const STATES = {
  'by value': (mapping: string) => mapping,
  'by branch': (mapping: string) => mapping.replace(/^ {4}active: .*$/m, `    active: { inactiveBase: '${DISABLED}' }`),
  'by value, with side effects': (mapping: string) =>
    mapping
      .replace(
        /^ {4}active: .*$/m,
        '    active: { ldap: pwdAccountLockedTime, inactive: 000001010000Z, whenInactive: { set: { employeeType: left }, clear: [initials] } }',
      )
      .replace(/^ {4}userType: .*$/m, ''),
};

describe.each(Object.entries(STATES))('%s', (name, mapping) => {
  beforeAll(async () => {
    bridge = await startBridge({ configure, mapping });
  });
  afterAll(() => bridge.stop());

  it('off can not bind, and stays readable, findable, a member, and who it is', async () => {
    const boss = await createUser(bridge);
    const user = { userName: `off-${name.length}`, password: PASSWORD, title: 'Boss', [ENTERPRISE]: { manager: { value: boss } } };
    const id = await createUser(bridge, user);
    const report = await createUser(bridge, { [ENTERPRISE]: { manager: { value: id } } });
    const group = await createGroup(bridge, [id, boss]);
    expect(await canBind(id)).toBe(true);
    const off = await active(id, 'False');

    expect([off.status, off.body.id, off.body.active, off.body.title]).toEqual([200, id, false, 'Boss']);
    expect(await canBind(id)).toBe(false);
    expect((await bridge.send('GET', `/Users/${id}`)).body).toMatchObject({ active: false, userName: user.userName });
    expect(await findIds(bridge, 'Users', `userName eq "${user.userName.toUpperCase()}"`)).toEqual([id]);
    expect(await findIds(bridge, 'Users', 'active eq false')).toEqual([id]);
    expect(await findIds(bridge, 'Users', 'active eq true')).not.toContain(id);
    await expect.poll(() => memberIds(bridge, group), SETTLING).toEqual([boss, id].toSorted());
    await expect.poll(async () => (await bridge.send('GET', `/Users/${report}`)).body[ENTERPRISE]?.manager.value, SETTLING).toBe(id);
    expect((await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'title', value: 'Ghost' })).body).toMatchObject({
      active: false,
      title: 'Ghost',
    });
    expect(await canBind(id)).toBe(false);
  });

  it('twice is once, and on again is as it was', async () => {
    const id = await createUser(bridge, { userName: `on-${name.length}`, password: PASSWORD, title: 'Boss' });
    const before = await entryWithId(bridge, id, '+');
    await active(id, false);
    const off = await entryWithId(bridge, id, '+');
    expect((await active(id, 'false')).body.active).toBe(false);
    expect(await entryWithId(bridge, id, '+')).toEqual(off);

    expect((await active(id, 'True')).body.active).toBe(true);
    expect(await canBind(id)).toBe(true);
    const after = await entryWithId(bridge, id, '+');
    expect([after?.dn, attributesOf(after, ...OF_EACH_WRITE)]).toEqual([before?.dn, attributesOf(before, ...OF_EACH_WRITE)]);
    expect((await active(id, true)).body.active).toBe(true);
    expect(await entryWithId(bridge, id, '+')).toEqual(after);
  });

  it('created off works, a PUT that does not speak of it leaves it off, and a new name with it is one request', async () => {
    const id = await createUser(bridge, { userName: `new-${name.length}`, password: PASSWORD, active: false });
    expect(await canBind(id)).toBe(false);
    const put = await bridge.send('PUT', `/Users/${id}`, { userName: `new-${name.length}`, title: 'Boss' });
    expect([put.status, put.body.active, await canBind(id)]).toEqual([200, false, false]);
    const on = await patch(bridge, `/Users/${id}`, { op: 'replace', value: { active: true, userName: `newer-${name.length}` } });

    expect([on.status, on.body.active, on.body.userName]).toEqual([200, true, `newer-${name.length}`]);
    expect((await entryWithId(bridge, id))?.dn).toBe(`uid=newer-${name.length},${PEOPLE}`);
    expect(await canBind(id)).toBe(true);
  });
});

describe('by value, with side effects', () => {
  it('sets and clears, and takes back what it set', async () => {
    bridge = await startBridge({ mapping: STATES['by value, with side effects'] });
    try {
      await bridge.ldap.adminAdd(
        `dn: uid=old,${PEOPLE}\nobjectClass: inetOrgPerson\nuid: old\ncn: Old\nsn: Old\ninitials: O\nemployeeType: clerk\n`,
      );
      const [id = ''] = await findIds(bridge, 'Users', 'userName eq "old"');
      await active(id, false);
      const off = await entryWithId(bridge, id);
      expect(off && [valuesOf(off, 'employeeType'), valuesOf(off, 'initials')]).toEqual([['left'], []]);
      await active(id, true);
      const on = await entryWithId(bridge, id);
      expect(on && [valuesOf(on, 'employeeType'), valuesOf(on, 'initials')]).toEqual([[], []]);
    } finally {
      await bridge.stop();
    }
  });
});

describe('by branch', () => {
  it('a branch that is missing is nothing the client did, and nobody is forgotten for it', async () => {
    bridge = await startBridge({ mapping: (text) => STATES['by branch'](text).replace(DISABLED, `ou=nowhere,${PEOPLE}`) });
    try {
      const id = await createUser(bridge);
      const { status, headers } = await active(id, false);
      expect([status, headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
      expect((await bridge.send('GET', `/Users/${id}`)).body.active).toBe(true);
      expect(bridge.log.join('')).toContain('to move entries to');
    } finally {
      await bridge.stop();
    }
  });

  it('a name that somebody has in the branch stays theirs', async () => {
    bridge = await startBridge({ mapping: STATES['by branch'] });
    try {
      const id = await createUser(bridge, { userName: 'twin' });
      await bridge.ldap.adminAdd(`dn: uid=Twin,${DISABLED}\nobjectClass: inetOrgPerson\nuid: Twin\ncn: T\nsn: T\n`);
      const { status, body } = await active(id, false);
      expect([status, body.scimType]).toEqual([409, 'uniqueness']);
      expect((await bridge.send('GET', `/Users/${id}`)).body.active).toBe(true);
    } finally {
      await bridge.stop();
    }
  });
});

describe('placement', () => {
  it('an entry moves to where its resource belongs, and all that refers to it follows', async () => {
    const contractors = `ou=contractors,${SUFFIX}`;
    bridge = await startBridge({
      ldif: `\ndn: ${contractors}\nobjectClass: organizationalUnit\nou: contractors\n`,
      mapping: (text) =>
        text.replace(/^ {2}attributes:/m, `  placement:\n    - { when: userType eq "Contractor", base: '${contractors}' }\n$&`),
    });
    try {
      const id = await createUser(bridge, { userName: 'mover', userType: 'Employee', title: 'Old' });
      const group = await createGroup(bridge, [id]);
      const moved = await bridge.send('PUT', `/Users/${id}`, { userName: 'moved', userType: 'contractor', title: 'New' });
      expect([moved.status, moved.body.id, moved.body.title]).toEqual([200, id, 'New']);
      expect((await entryWithId(bridge, id))?.dn).toBe(`uid=moved,${contractors}`);
      await expect.poll(() => memberIds(bridge, group), SETTLING).toEqual([id]);

      const other = await createUser(bridge, { userName: 'moved-2', userType: 'Employee' });
      const taken = await patch(bridge, `/Users/${other}`, { op: 'replace', value: { userName: 'MOVED', userType: 'Contractor' } });
      expect([taken.status, taken.body.scimType]).toEqual([409, 'uniqueness']);
      const back = await patch(bridge, `/Users/${id}`, { op: 'replace', path: 'userType', value: 'Employee' });
      expect([back.status, (await entryWithId(bridge, id))?.dn]).toEqual([200, `uid=moved,${PEOPLE}`]);
    } finally {
      await bridge.stop();
    }
  });
});
