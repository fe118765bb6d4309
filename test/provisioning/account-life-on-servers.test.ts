import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Entry, valuesOf } from '../../src/ldap/entry.ts';
import { formatGuid } from '../../src/ldap/guid.ts';
import { octetsOf } from '../../src/ldap/octets.ts';
import { start389ds } from '../support/389ds.ts';
import { type Answer, type Bridge, startBridgeBeside } from '../support/bridge.ts';
import { FIRST_START_MS, hasContainerEngine, skippedWithoutEngine } from '../support/container-engine.ts';
import { startOpenLdap } from '../support/openldap.ts';
import { startPosixOpenLdap } from '../support/openldap-posix.ts';
import { startSamba } from '../support/samba.ts';
import { type ContainerDirectory, DISABLED, GROUPS, PEOPLE, SUFFIX, type TestDirectory } from '../support/test-directory.ts';

/** From the first day to the day after the last, the same steps on every directory; every state is tried by binding. */

const PASSWORD = 'Engine-No-1815';
/** A plug-in of the server may do its work a moment after the answer. */
const SETTLING = { timeout: 10_000, interval: 50 };

interface Kind {
  readonly mapping: string;
  readonly start: () => Promise<TestDirectory | ContainerDirectory>;
  readonly isContainer: boolean;
  /** What names entries. */
  readonly naming: string;
  readonly id: string;
  /** An attribute that the mapping leaves alone and users may have. */
  readonly unmapped: string;
  /** Lines of `onDelete` with which a leaver gives up the name that others may have now. */
  readonly freeing: string;
  /** What a leaver gets something else in, and what that is on the way back. */
  readonly rewritten: { readonly ldap: string; readonly after: readonly string[] };
  /** The new name of a leaver. */
  readonly rdn: string;
  /** What else the entry of somebody made by hand has. */
  readonly byHand: string;
  readonly untouched: readonly string[];
  /** Lines of `generated` where the branch alone says who is active. */
  readonly withoutState: string;
  /** Whether who has no password can't bind. */
  readonly clearsPasswords: boolean;
  /** Whether entries may be named by two attributes. */
  readonly namesByTwo: boolean;
}

const BY_UID = {
  naming: 'uid',
  id: 'entryUUID',
  unmapped: 'carLicense',
  freeing: "set: { description: 'was {ldap:uid}, {id}' }",
  rewritten: { ldap: 'description', after: [] },
  rdn: '{ldap:uid}-{id}',
  untouched: ['carLicense', 'description', 'mail'],
  withoutState: '',
  clearsPasswords: true,
  namesByTwo: true,
};
const PERSON = `uid: Old.Hand
cn: Augusta Ada King
sn: Byron
mail: Ada@Example.ORG
carLicense: KI-NG 1
description: kept by hand
`;

const KINDS: readonly Kind[] = [
  { ...BY_UID, mapping: 'openldap', start: () => startOpenLdap(), isContainer: false, byHand: `objectClass: inetOrgPerson\n${PERSON}` },
  {
    ...BY_UID,
    mapping: 'openldap-posix',
    start: () => startPosixOpenLdap(),
    isContainer: false,
    byHand: `objectClass: inetOrgPerson
objectClass: posixAccount
uidNumber: 777
gidNumber: 100
homeDirectory: /srv/ada
${PERSON}`,
    untouched: [...BY_UID.untouched, 'uidNumber', 'gidNumber', 'homeDirectory'],
  },
  { ...BY_UID, mapping: '389ds', start: start389ds, isContainer: true, byHand: `objectClass: inetOrgPerson\n${PERSON}` },
  {
    mapping: 'active-directory',
    start: startSamba,
    isContainer: true,
    naming: 'cn',
    id: 'objectGUID',
    unmapped: 'wWWHomePage',
    // A userPrincipalName without a suffix is taken for the sAMAccountName too.
    freeing: `clear: [userPrincipalName], set: { sAMAccountName: '{id | replace "-" "" | truncate 20}' }`,
    rewritten: { ldap: 'sAMAccountName', after: ['ada.king'] },
    rdn: '{ldap:cn | truncate 27}-{id}',
    byHand: `objectClass: user
cn: Old.Hand
sAMAccountName: OldHand
userPrincipalName: Old.Hand
sn: Byron
mail: Ada@Example.ORG
wWWHomePage: http://example.org/
description: kept by hand
userAccountControl: 544
`,
    untouched: ['wWWHomePage', 'description', 'mail', 'sAMAccountName'],
    withoutState: "    userAccountControl: { template: '544', write: once }\n",
    clearsPasswords: false,
    namesByTwo: false,
  },
];

for (const kind of KINDS) {
  const skipped = kind.isContainer ? skippedWithoutEngine : '';
  describe.skipIf(kind.isContainer && !hasContainerEngine)(`the life of an account with ${kind.mapping}${skipped}`, () => {
    lifeWith(kind);
  });
}

function lifeWith(kind: Kind): void {
  const { mapping, naming, rdn, freeing, rewritten, untouched, unmapped } = kind;
  let ldap: TestDirectory | ContainerDirectory;
  let bridge: Bridge<TestDirectory>;

  beforeAll(async () => {
    ldap = await kind.start();
  }, FIRST_START_MS);
  afterAll(() => ldap?.stop());
  beforeEach(() => ldap.reset());

  /** The bridge with the mapping as it is edited, for the tests of a block. */
  function useMapping(edit: (text: string) => string): void {
    beforeAll(async () => {
      bridge = await startBridgeBeside(ldap, mapping, { mapping: edit });
    }, FIRST_START_MS);
    afterAll(() => bridge?.stop());
  }

  const inSection = (lines: string) => (text: string) => text.replace(/^ {2}meta:|^groups:/m, `${lines}\n\n$&`);
  const keep = `rdn: '${rdn}', ${freeing}`;

  const dnOf = (name: string, base = PEOPLE) => `${naming}=${name},${base}`;
  const post = (user: object) => bridge.send('POST', '/Users', { name: { familyName: 'Lovelace' }, ...user });
  const replace = (id: string, value: object): Promise<Answer> =>
    bridge.send('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', value }] });
  const canBind = (dn: string) => bridge.ldap.accepts(dn, PASSWORD);
  const find = async (filter: string) => (await bridge.send('GET', `/Users?filter=${encodeURIComponent(filter)}`)).body;

  async function join(user: object): Promise<string> {
    const { status, body } = await post(user);
    expect({ status, body }).toMatchObject({ status: 201 });
    return body.id;
  }

  async function groupOf(id: string): Promise<string> {
    const { status, body } = await bridge.send('POST', '/Groups', { displayName: 'engineers', members: [{ value: id }] });
    expect({ status, body }).toMatchObject({ status: 201 });
    return body.id;
  }

  async function memberIds(group: string): Promise<readonly string[]> {
    const { body } = await bridge.send('GET', `/Groups/${group}`);
    return (body.members ?? []).map(({ value }: { value: string }) => value);
  }

  function entriesBelow(base: string): Promise<readonly Entry[]> {
    return bridge.ldap.adminSearch(base, '(sn=*)', ['*', kind.id]);
  }

  /** Where the entry with an id stands. */
  async function whereIs(id: string): Promise<string | undefined> {
    const everybody = await entriesBelow(SUFFIX);
    return everybody.find((entry) => idOf(entry) === id)?.dn.toLowerCase();
  }

  const idOf = (entry: Entry | undefined): string => {
    const [id = ''] = entry === undefined ? [] : valuesOf(entry, kind.id);
    return typeof id === 'string' ? id : (formatGuid(octetsOf(id)) ?? '');
  };

  const LEAVING = inSection(`  onDelete: { move: { base: '${DISABLED}', ${keep}, reviveBy: externalId } }`);
  describe('who leaves moves away', () => {
    useMapping(LEAVING);

    it('off and on again: who it is, what it has and where it belongs stay', async () => {
      const id = await join({ userName: 'ada', title: 'Countess', password: PASSWORD });
      const group = await groupOf(id);
      const before = await bridge.send('GET', `/Users/${id}`);
      expect([before.body.active, await canBind(dnOf('ada'))]).toEqual([true, true]);

      for (const time of ['once', 'twice']) {
        const off = await replace(id, { active: false });
        expect([time, off.status, off.body.id, off.body.active, off.body.title]).toEqual([time, 200, id, false, 'Countess']);
        expect([time, await canBind(dnOf('ada'))]).toEqual([time, false]);
      }
      expect(await memberIds(group)).toEqual([id]);
      const put = await bridge.send('PUT', `/Users/${id}`, { userName: 'ada', name: { familyName: 'King' } });
      expect([put.status, put.body.active, await canBind(dnOf('ada'))]).toEqual([200, false, false]);

      const on = await replace(id, { active: true, title: 'Countess' });
      expect([on.status, on.body.id, on.body.active, await canBind(dnOf('ada'))]).toEqual([200, id, true, true]);
      expect(await memberIds(group)).toEqual([id]);
      expect((await bridge.send('GET', `/Users/${id}`)).body.groups).toMatchObject([{ value: group }]);
    });

    it('another name: the id stays, references follow, and a name that somebody has is refused', async () => {
      const id = await join({ userName: 'ada', password: PASSWORD });
      const group = await groupOf(id);
      await join({ userName: 'grace' });

      const taken = await replace(id, { userName: 'GRACE' });
      expect([taken.status, taken.body.scimType]).toEqual([409, 'uniqueness']);
      expect(await canBind(dnOf('ada'))).toBe(true);

      for (const userName of ['countess', 'Countess']) {
        const renamed = await replace(id, { userName, title: `of ${userName}` });
        expect([renamed.status, renamed.body.id, renamed.body.userName, renamed.body.title]).toEqual([200, id, userName, `of ${userName}`]);
      }
      await expect.poll(() => memberIds(group), SETTLING).toEqual([id]);
      const [stored] = await bridge.ldap.adminSearch(PEOPLE, `(${naming}=countess)`, [naming]);
      expect(stored && [stored.dn.split(',')[0]?.toLowerCase(), valuesOf(stored, naming)]).toEqual([`${naming}=countess`, ['Countess']]);
      expect(await canBind(dnOf('countess'))).toBe(true);
    });

    it('leaving: gone for clients, logs in nowhere, in no group; coming back: who it was', async () => {
      const id = await join({ userName: 'ada', externalId: 'E1', title: 'Countess', password: PASSWORD });
      const group = await groupOf(id);
      expect((await bridge.send('DELETE', `/Users/${id}`)).status).toBe(204);

      expect((await bridge.send('GET', `/Users/${id}`)).status).toBe(404);
      expect((await bridge.send('DELETE', `/Users/${id}`)).status).toBe(404);
      expect((await find('userName eq "ada" or externalId eq "E1"')).totalResults).toBe(0);
      const [left, ...others] = await entriesBelow(DISABLED);
      expect([left?.dn.toLowerCase(), others]).toEqual([dnOf(`ada-${id}`, DISABLED).toLowerCase(), []]);
      expect([idOf(left), await canBind(left?.dn ?? '')]).toEqual([id, false]);
      expect(left && valuesOf(left, rewritten.ldap)[0]).toEqual(expect.stringContaining(id.replaceAll('-', '').slice(0, 8)));
      await expect.poll(() => memberIds(group), SETTLING).toEqual([]);
      await expect.poll(() => bridge.ldap.adminSearch(GROUPS, `(member=${left?.dn})`), SETTLING).toEqual([]);

      const newcomer = await post({ userName: 'ada', externalId: 'E2' });
      expect([newcomer.status, newcomer.body.id === id]).toEqual([201, false]);

      const back = await post({ userName: 'ada.king', externalId: 'E1', title: 'Analyst', password: `${PASSWORD}-b` });
      expect([back.status, back.body.id, back.body.active, back.body.title]).toEqual([201, id, true, 'Analyst']);
      expect(await bridge.ldap.accepts(dnOf('ada.king'), `${PASSWORD}-b`)).toBe(true);
      expect(await entriesBelow(DISABLED)).toEqual([]);
      const [again] = await bridge.ldap.adminSearch(dnOf('ada.king'), '(objectClass=*)', [rewritten.ldap]);
      expect(again && valuesOf(again, rewritten.ldap)).toEqual(rewritten.after);
    });

    it('made by hand: found, active, and changed in what is asked for only', async () => {
      await bridge.ldap.adminAdd(`dn: ${dnOf('Old.Hand')}\n${kind.byHand}`);
      const found = await find('userName eq "old.hand"');
      expect(found.Resources).toMatchObject([{ userName: 'Old.Hand', active: true, name: { familyName: 'Byron' } }]);
      const { id } = found.Resources[0];
      const valuesOfHand = async () => {
        const [entry] = await bridge.ldap.adminSearch(dnOf('Old.Hand'), '(objectClass=*)', ['*']);
        return untouched.map((name) => [name, entry === undefined ? [] : valuesOf(entry, name)]);
      };
      const before = await valuesOfHand();
      const { status, body } = await replace(id, { externalId: 'E7', title: 'Analyst' });
      expect([status, body.userName, body.externalId, body.title]).toEqual([200, 'Old.Hand', 'E7', 'Analyst']);
      expect(await valuesOfHand()).toEqual(before);
      expect(await bridge.ldap.adminSearch(SUFFIX, '(sn=Byron)')).toHaveLength(1);
    });
  });

  const MARKED = inSection(`  onDelete: { deactivate: { mark: { ldap: ${unmapped}, value: left }, ${keep} } }`);
  const PLACED = (text: string) =>
    text.replace(/^ {2}attributes:/m, `  placement:\n    - { when: userType eq "Contractor", base: '${DISABLED}' }\n$&`);
  describe('who leaves is marked, and contractors live elsewhere', () => {
    useMapping((text) => MARKED(PLACED(text)));

    it('leaving in place: gone for clients, logs in nowhere, and the name is free', async () => {
      const id = await join({ userName: 'ada', title: 'Countess', password: PASSWORD });
      const group = await groupOf(id);
      expect((await bridge.send('DELETE', `/Users/${id}`)).status).toBe(204);
      expect((await bridge.send('DELETE', `/Users/${id}`)).status).toBe(404);
      expect((await find('userName pr')).totalResults).toBe(0);
      const left = await whereIs(id);
      expect([left, await canBind(left ?? '')]).toEqual([dnOf(`ada-${id}`).toLowerCase(), false]);
      await expect.poll(() => memberIds(group), SETTLING).toEqual([]);
      const newcomer = await join({ userName: 'ada' });
      expect((await find('userName eq "ada"')).Resources).toMatchObject([{ id: newcomer }]);
    });

    it('another branch: the id stays, references follow, also with a new name, and a name that is taken there is refused', async () => {
      const id = await join({ userName: 'ada', userType: 'Employee', password: PASSWORD });
      const group = await groupOf(id);
      const taken = await join({ userName: 'grace', userType: 'Contractor' });
      expect(await whereIs(taken)).toBe(dnOf('grace', DISABLED));

      const collision = await replace(id, { userType: 'Contractor', userName: 'GRACE' });
      expect([collision.status, collision.body.scimType, await whereIs(id)]).toEqual([409, 'uniqueness', dnOf('ada')]);
      const moved = await replace(id, { userType: 'Contractor', title: 'Analyst' });
      expect([moved.status, moved.body.id, moved.body.title, await whereIs(id)]).toEqual([200, id, 'Analyst', dnOf('ada', DISABLED)]);
      const back = await bridge.send('PUT', `/Users/${id}`, { userName: 'countess', userType: 'Employee', name: { familyName: 'King' } });
      expect([back.status, back.body.id, await whereIs(id)]).toEqual([200, id, dnOf('countess')]);
      await expect.poll(() => memberIds(group), SETTLING).toEqual([id]);
      expect(await canBind(dnOf('countess'))).toBe(true);
    });

    it.skipIf(!kind.namesByTwo)('named by two attributes: each keeps its part', async () => {
      await bridge.ldap.adminAdd(`dn: cn=Augusta Ada King+${dnOf('Old.Hand')}\n${kind.byHand}`);
      const { id } = (await find('userName eq "old.hand"')).Resources[0];
      const renamed = await replace(id, { userName: 'ada', title: 'Countess' });
      expect([renamed.status, renamed.body.userName, renamed.body.title]).toEqual([200, 'ada', 'Countess']);
      expect((await whereIs(id))?.split(',')[0]?.split('+').toSorted()).toEqual(['cn=augusta ada king', 'uid=ada']);
      expect((await replace(id, { userName: 'Ada' })).body.userName).toBe('Ada');
      const moved = await replace(id, { userType: 'Contractor' });
      expect([moved.status, (await whereIs(id))?.endsWith(DISABLED)]).toEqual([200, true]);
      expect((await bridge.send('DELETE', `/Users/${id}`)).status).toBe(204);
      expect((await whereIs(id))?.split(',')[0]?.split('+').toSorted()).toEqual(['cn=augusta ada king', `uid=ada-${id}`]);
    });
  });

  const effects = [`set: { ${unmapped}: left }`, ...(kind.clearsPasswords ? ['clear: [userPassword]'] : [])].join(', ');
  const BRANCHED = (text: string) =>
    text
      .replace(/^ {4}active: .*$/m, `    active: { inactiveBase: '${DISABLED}', whenInactive: { ${effects} } }`)
      .replace(/^ {2}generated:.*$/m, `$&\n${kind.withoutState}`);
  describe('who is off stands elsewhere', () => {
    useMapping(BRANCHED);

    it('off and on again: the entry moves, with all that is said about it, and comes back', async () => {
      const id = await join({ userName: 'ada', title: 'Countess', password: PASSWORD });
      const group = await groupOf(id);
      expect([await whereIs(id), await canBind(dnOf('ada'))]).toEqual([dnOf('ada'), true]);
      for (const time of ['once', 'twice']) {
        const off = await replace(id, { active: false });
        expect([time, off.status, off.body.id, off.body.active, off.body.title]).toEqual([time, 200, id, false, 'Countess']);
        expect([time, await whereIs(id)]).toEqual([time, dnOf('ada', DISABLED)]);
      }
      if (kind.clearsPasswords) expect(await canBind(dnOf('ada', DISABLED))).toBe(false);
      expect(await bridge.ldap.adminSearch(DISABLED, `(${unmapped}=left)`)).toHaveLength(1);
      expect((await find('userName eq "ADA" and active eq false')).Resources).toMatchObject([{ id }]);
      await expect.poll(() => memberIds(group), SETTLING).toEqual([id]);

      const on = await replace(id, { active: true, userName: 'countess', password: `${PASSWORD}-b` });
      expect([on.status, on.body.id, on.body.active, await whereIs(id)]).toEqual([200, id, true, dnOf('countess')]);
      expect(await bridge.ldap.adminSearch(PEOPLE, `(${unmapped}=left)`)).toEqual([]);
      expect(await bridge.ldap.accepts(dnOf('countess'), `${PASSWORD}-b`)).toBe(true);
      await expect.poll(() => memberIds(group), SETTLING).toEqual([id]);
    });

    it('created off is there from the first moment, and a name that somebody has there stays theirs', async () => {
      const id = await join({ userName: 'ada', active: false });
      expect([await whereIs(id), (await bridge.send('GET', `/Users/${id}`)).body.active]).toEqual([dnOf('ada', DISABLED), false]);
      const taken = await post({ userName: 'ADA' });
      expect([taken.status, taken.body.scimType]).toEqual([409, 'uniqueness']);
    });
  });

  const UNVERSIONED = (text: string) => inSection(`  meta: { version: ${unmapped} }`)(text.replace(/^ {2}meta: .*$/m, ''));
  describe.each([
    ['with versions', true, (text: string) => text],
    ['where the directory keeps no versions', false, UNVERSIONED],
  ] as const)('changes at the same time, %s', (_title, isVersioned, edit) => {
    useMapping(edit);
    let other: Bridge<TestDirectory>;
    beforeAll(async () => {
      other = await startBridgeBeside(ldap, mapping, { mapping: edit });
    });
    afterAll(() => other?.stop());

    const path = async () => `/Users/${await join({ userName: 'ada', title: 'Countess' })}`;
    const retitle = (title: string) => ({ Operations: [{ op: 'replace', path: 'title', value: title }] });

    it('of different attributes, by two daemons: all of them stay', async () => {
      const user = await path();
      const changes = Object.entries({
        title: 'Analyst',
        preferredLanguage: 'en',
        displayName: 'Ada',
        userType: 'Staff',
        externalId: 'E1',
      });
      const answers = await Promise.all(
        changes.map(([name, value], index) =>
          (index % 2 === 0 ? bridge : other).send('PATCH', user, { Operations: [{ op: 'add', path: name, value }] }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(changes.map(() => 200));
      expect((await bridge.send('GET', user)).body).toMatchObject(Object.fromEntries(changes));
    });

    it('of one attribute, by two daemons: one of the values is left', async () => {
      const user = await path();
      const titles = Array.from({ length: 8 }, (_, index) => `Title ${index}`);
      const answers = await Promise.all(
        titles.map((title, index) => (index % 2 === 0 ? bridge : other).send('PATCH', user, retitle(title))),
      );
      expect(answers.map(({ status }) => status)).toEqual(titles.map(() => 200));
      const [entry] = await bridge.ldap.adminSearch(dnOf('ada'), '(objectClass=*)', ['title']);
      expect(
        entry &&
          valuesOf(entry, 'title')
            .map(String)
            .filter((title) => titles.includes(title)),
      ).toHaveLength(1);
      expect(entry && valuesOf(entry, 'title')).toHaveLength(1);
    });

    it('of the version that a client knows: one is carried out', async () => {
      const user = await path();
      const { body, headers } = await bridge.send('GET', user);
      expect([body.meta.version, headers.get('etag')]).toEqual(isVersioned ? [expect.any(String), body.meta.version] : [undefined, null]);
      const answers = await Promise.all(
        [1, 2, 3, 4].map((time) => bridge.send('PATCH', user, retitle(`Title ${time}`), { 'if-match': body.meta.version ?? 'W/"1"' })),
      );
      const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
      expect(statuses).toEqual([isVersioned ? 200 : 412, 412, 412, 412]);
      expect((await bridge.send('PATCH', user, retitle('Any'), { 'if-match': '*' })).status).toBe(200);
    });
  });
}
