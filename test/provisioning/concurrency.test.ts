import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { startDaemonPair } from '../support/daemon-pair.ts';
import { createGroup, createUser, createUsers, ENTERPRISE, memberDns, memberIds, type Operation, patch } from './support/requests.ts';
import { withoutOverlays } from './support/without-overlays.ts';

/** Twenty changes of one user, each of another attribute. */
const CHANGES: readonly (readonly [path: string, value: unknown])[] = [
  ['externalId', 'e-1'],
  ['displayName', 'Display'],
  ['name.formatted', 'Formatted'],
  ['name.givenName', 'Given'],
  ['name.familyName', 'Family'],
  ['title', 'Title'],
  ['preferredLanguage', 'de'],
  ['userType', 'Type'],
  ['emails[type eq "work"].value', 'work@example.org'],
  ['emails[type eq "other"].value', 'other@example.org'],
  ['phoneNumbers[type eq "work"].value', '+1'],
  ['phoneNumbers[type eq "mobile"].value', '+2'],
  ['phoneNumbers[type eq "fax"].value', '+3'],
  ['addresses[type eq "work"].streetAddress', 'Street'],
  ['addresses[type eq "work"].locality', 'Locality'],
  ['addresses[type eq "work"].region', 'Region'],
  ['addresses[type eq "work"].postalCode', '12345'],
  [`${ENTERPRISE}:employeeNumber`, '7'],
  [`${ENTERPRISE}:department`, 'Department'],
  ['active', false],
];

/** Each is told by what stands in front of what. */
const SETUPS = [
  { setup: 'full', daemons: 1, start: () => startBridge() },
  { setup: 'bare', daemons: 1, start: () => startBridge({ variant: 'bare', mapping: withoutOverlays }) },
  { setup: 'two-daemons-two-providers', daemons: 2, start: () => startDaemonPair({ mapping: withoutOverlays }) },
];

describe.each(SETUPS)('$setup', ({ setup, daemons, start }) => {
  let bridge: Bridge;

  beforeAll(async () => {
    bridge = await start();
  });
  afterAll(() => bridge.stop());

  const members = (...ids: readonly string[]): Operation['value'] => ids.map((value) => ({ value }));

  it('of twenty changes of one user at once none is lost', async () => {
    const id = await createUser(bridge, { userName: 'one' });
    const answers = await Promise.all(CHANGES.map(([path, value]) => patch(bridge, `/Users/${id}`, { op: 'replace', path, value })));

    expect(answers.map(({ status }) => status)).toEqual(CHANGES.map(() => 200));
    expect((await bridge.send('GET', `/Users/${id}`)).body).toMatchObject({
      externalId: 'e-1',
      displayName: 'Display',
      name: { formatted: 'Formatted', givenName: 'Given', familyName: 'Family' },
      title: 'Title',
      preferredLanguage: 'de',
      userType: 'Type',
      emails: [
        { type: 'work', value: 'work@example.org' },
        { type: 'other', value: 'other@example.org' },
      ],
      phoneNumbers: [
        { type: 'work', value: '+1' },
        { type: 'mobile', value: '+2' },
        { type: 'fax', value: '+3' },
      ],
      addresses: [{ type: 'work', streetAddress: 'Street', locality: 'Locality', region: 'Region', postalCode: '12345' }],
      [ENTERPRISE]: { employeeNumber: '7', department: 'Department' },
      active: false,
    });
  });

  it('of sixteen changes of one attribute at once each succeeds, and one of them stands', async () => {
    const id = await createUser(bridge, { title: 'none' });
    const titles = Array.from({ length: 16 }, (_, index) => `title-${index}`);
    const answers = await Promise.all(titles.map((value) => patch(bridge, `/Users/${id}`, { op: 'replace', path: 'title', value })));

    expect(answers.map(({ status }) => status)).toEqual(titles.map(() => 200));
    expect(answers.map(({ body }) => body.title)).toEqual(titles);
    expect(titles).toContain((await bridge.send('GET', `/Users/${id}`)).body.title);
  });

  it('whoever is renamed in the meantime is not taken for gone, and loses nothing', async () => {
    for (let round = 0; round < 20; round += 1) {
      const id = await createUser(bridge, { userName: `before-${round}` });
      const answers = await Promise.all([
        patch(bridge, `/Users/${id}`, { op: 'replace', path: 'userName', value: `after-${round}` }),
        patch(bridge, `/Users/${id}`, { op: 'replace', path: 'title', value: 'New' }),
        patch(bridge, `/Users/${id}`, { op: 'replace', path: 'displayName', value: 'New' }),
        bridge.send('GET', `/Users/${id}`),
      ]);

      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      const { body } = await bridge.send('GET', `/Users/${id}`);
      expect(body).toMatchObject({ userName: `after-${round}`, title: 'New', displayName: 'New' });
    }
  });

  it('whoever is renamed in the meantime is deleted all the same', async () => {
    for (let round = 0; round < 20; round += 1) {
      const id = await createUser(bridge, { userName: `leaving-${round}` });
      const [renamed, deleted] = await Promise.all([
        patch(bridge, `/Users/${id}`, { op: 'replace', path: 'userName', value: `left-${round}` }),
        bridge.send('DELETE', `/Users/${id}`),
      ]);

      expect([200, 404]).toContain(renamed.status);
      expect(deleted.status).toBe(204);
      expect((await bridge.send('GET', `/Users/${id}`)).status).toBe(404);
    }
  });

  // Between two daemons a moment remains, which docs/scaling.md tells of.
  it.runIf(daemons === 1)('whoever is renamed or deleted while he becomes a member is a member under his new name, or none', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [renamed, deleted] = await createUsers(bridge, 2, `moving-${round}-`);
      const group = await createGroup(bridge);
      const add = (id = '') => patch(bridge, `/Groups/${group}`, { op: 'add', path: 'members', value: members(id) });
      await Promise.all([
        add(renamed),
        patch(bridge, `/Users/${renamed}`, { op: 'replace', path: 'userName', value: `moved-${round}` }),
        add(deleted),
        bridge.send('DELETE', `/Users/${deleted}`),
      ]);
      const dns = await memberDns(bridge, group);
      expect(dns.filter((dn) => dn.startsWith('uid=moving-'))).toEqual([]);
      expect(await memberIds(bridge, group)).toEqual([renamed]);
    }
  });

  it('64 additions to one group at once lose nobody', async () => {
    const ids = await createUsers(bridge, 64, 'add-');
    const group = await createGroup(bridge);
    const answers = await Promise.all(
      ids.map((id) => patch(bridge, `/Groups/${group}`, { op: 'add', path: 'members', value: members(id) })),
    );

    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 204));
    expect(await memberIds(bridge, group)).toEqual(ids.toSorted());
    expect(await memberDns(bridge, group)).toHaveLength(64);
  });

  it('64 removals at once leave the placeholder, and it alone', async () => {
    const ids = await createUsers(bridge, 64, 'remove-');
    const group = await createGroup(bridge, ids);
    const answers = await Promise.all(
      ids.map((id) => patch(bridge, `/Groups/${group}`, { op: 'remove', path: `members[value eq "${id}"]` })),
    );

    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 204));
    expect(await memberDns(bridge, group)).toEqual(['cn=nobody,dc=example,dc=org']);
  });

  it('32 additions and 32 removals at once each have their effect', async () => {
    const ids = await createUsers(bridge, 64, 'mixed-');
    const [leaving, coming] = [ids.slice(0, 32), ids.slice(32)];
    const group = await createGroup(bridge, leaving);
    const answers = await Promise.all([
      ...leaving.map((id) => patch(bridge, `/Groups/${group}`, { op: 'Remove', path: 'members', value: members(id) })),
      ...coming.map((id) => patch(bridge, `/Groups/${group}`, { op: 'Add', path: 'members', value: members(id) })),
    ]);

    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 204));
    expect(await memberIds(bridge, group)).toEqual(coming.toSorted());
  });

  it('the same addition sixteen times at once is one', async () => {
    const [id = ''] = await createUsers(bridge, 1, `same-${setup}`);
    const group = await createGroup(bridge);
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => patch(bridge, `/Groups/${group}`, { op: 'add', path: 'members', value: members(id) })),
    );

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 204));
    expect(await memberIds(bridge, group)).toEqual([id]);
  });

  it('one who is added and removed again and again by several ends as the last one says', async () => {
    const [id = '', other = ''] = await createUsers(bridge, 2, `back-and-forth-${setup}`);
    const group = await createGroup(bridge, [other]);
    const operations = Array.from({ length: 32 }, (_, index) => ({
      op: index % 2 === 0 ? 'add' : 'remove',
      path: 'members',
      value: members(id),
    }));
    const answers = await Promise.all(operations.map((operation) => patch(bridge, `/Groups/${group}`, operation)));
    const last = await patch(bridge, `/Groups/${group}`, { op: 'remove', path: 'members', value: members(id) });

    expect([...answers, last].map(({ status }) => status)).toEqual([...answers, last].map(() => 204));
    expect(await memberIds(bridge, group)).toEqual([other]);
  });

  it('deletions of one user at once: one finds somebody', async () => {
    const id = await createUser(bridge);
    const answers = await Promise.all(Array.from({ length: 8 }, () => bridge.send('DELETE', `/Users/${id}`)));

    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(7);
  });
});
