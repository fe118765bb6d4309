import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lens } from '../../src/mapping/lens.ts';
import type { ResourcePlan } from '../../src/mapping/plan.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { createGroup, createUser, ENTERPRISE, find, findIds } from './support/requests.ts';
import { shippedPlan } from './support/shipped-plan.ts';

const plan = shippedPlan();
const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';

/** A value of its own for every path of the mapping file, with letters that have a case. */
const VALUES: ReadonlyMap<string, string> = new Map([
  ['preferredLanguage', 'de-DE'],
  ['emails[type eq "work"].value', 'Work.Anna@example.org'],
  ['emails[type eq "other"].value', 'Other.Anna@example.org'],
  ['phoneNumbers[type eq "work"].value', '+49 30 1'],
  ['phoneNumbers[type eq "mobile"].value', '+49 170 2'],
  ['phoneNumbers[type eq "fax"].value', '+49 30 3'],
]);

function valueOf(lens: Lens): string {
  return VALUES.get(lens.path) ?? `Anna's ${lens.place.path.sub?.name ?? lens.place.path.attribute.name}, "Ä" (1*)`;
}

function textLenses({ lenses }: ResourcePlan): readonly Lens[] {
  return lenses.filter((lens) => lens.kind === 'text');
}

let bridge: Bridge;
/** Anna has everything, Bert has nothing but a name, Cora something else. */
let [anna, bert, cora, boss] = ['', '', '', ''];
let [all, few] = ['', ''];

async function setAll(id: string, lenses: readonly Lens[], endpoint: string): Promise<void> {
  const Operations = lenses.map((lens) => ({ op: 'add', path: lens.path, value: valueOf(lens) }));
  const { status, text } = await bridge.send('PATCH', `/${endpoint}/${id}`, { Operations });
  expect({ path: lenses[0]?.path, text, done: status < 300 }).toMatchObject({ done: true });
}

beforeAll(async () => {
  bridge = await startBridge();
  boss = await createUser(bridge, { userName: 'boss' });
  anna = await createUser(bridge, { [ENTERPRISE]: { manager: { value: boss } }, active: false });
  await setAll(anna, textLenses(plan.users), 'Users');
  bert = await createUser(bridge, { userName: 'bert' });
  cora = await createUser(bridge, {
    userName: 'cora',
    displayName: 'Cora Ödland',
    title: 'Manager',
    name: { familyName: 'Zimt' },
    emails: [{ type: 'work', value: 'cora@example.org' }],
    phoneNumbers: [{ type: 'mobile', value: '+49 99' }],
  });
  all = await createGroup(bridge, [anna, cora]);
  for (const groups of plan.groups) await setAll(all, textLenses(groups), 'Groups');
  few = await createGroup(bridge, [cora], 'few');
});
afterAll(() => bridge.stop());

/** The ways in which a filter may name what a line maps. */
function spellings(lens: Lens): readonly string[] {
  const { place } = lens;
  const { attribute, sub, schema } = place.path;
  const name = sub === undefined || place.kind === 'list' ? attribute.name : `${attribute.name}.${sub.name}`;
  if (place.kind !== 'element') return [lens.path, lens.path.toUpperCase(), `${schema.id}:${name}`, name];
  const type = /\[.*\]/.exec(lens.path)?.[0] ?? '';
  return [
    lens.path,
    `${schema.id}:${attribute.name}${type}.${sub?.name}`,
    lens.path.replace('type eq "', 'TYPE Eq "').replace('.value', '.VALUE'),
  ];
}

describe.each([
  ['Users', plan.users],
  ['Groups', plan.groups[0]],
] as const)('every mapped attribute of %s', (endpoint, resourcePlan) => {
  const lenses = resourcePlan === undefined ? [] : textLenses(resourcePlan);
  const rows = lenses.map((lens) => [lens.path, lens] as const);
  const expected = () => (endpoint === 'Users' ? [anna] : [all]);

  it('is in the table', () => expect(rows.length).toBeGreaterThan(endpoint === 'Users' ? 20 : 1));

  it.each(rows)('%s is found by its value, however it is named', async (_path, lens) => {
    for (const path of spellings(lens)) {
      const filter = `${path} eq ${JSON.stringify(valueOf(lens))}`;
      expect([filter, await findIds(bridge, endpoint, filter)]).toEqual([filter, expected()]);
    }
  });

  it.each(rows)('%s compares letter case as its schema says', async (_path, lens) => {
    const value = valueOf(lens);
    for (const other of [value.toUpperCase(), value.toLowerCase()].filter((each) => each !== value)) {
      expect([other, await findIds(bridge, endpoint, `${lens.path} eq ${JSON.stringify(other)}`)]).toEqual([
        other,
        lens.definition.caseExact ? [] : expected(),
      ]);
    }
  });

  it.each(rows)('%s finds nobody by what nobody has', async (_path, lens) => {
    for (const value of [
      'nobody has this',
      '*',
      valueOf(lens).slice(0, -1),
      `${valueOf(lens)}x`,
      '漢字',
      'zoë@example.org',
      'a\0b',
      '\ufffd',
      '',
    ]) {
      const { status, body } = await find(bridge, endpoint, `${lens.path} eq ${JSON.stringify(value)}`);
      expect([value, status, body.totalResults, body.Resources]).toEqual([value, 200, 0, []]);
    }
  });

  it.each(rows)('%s works in a conjunction, in either order', async (_path, lens) => {
    const [id] = expected();
    const has = `${lens.path} eq ${JSON.stringify(valueOf(lens))}`;

    expect(await findIds(bridge, endpoint, `${has} and id eq "${id}"`)).toEqual([id]);
    expect(await findIds(bridge, endpoint, `id eq "${id}" And ${has}`)).toEqual([id]);
    expect(await findIds(bridge, endpoint, `${has} and id eq "${bert}"`)).toEqual([]);
    expect(await findIds(bridge, endpoint, lenses.map((each) => `${each.path} eq ${JSON.stringify(valueOf(each))}`).join(' and '))).toEqual(
      [id],
    );
  });

  it.each(rows)('%s is present where it is', async (_path, lens) => {
    const found = await findIds(bridge, endpoint, `${lens.path} pr`);
    const listed = (await bridge.send('GET', `/${endpoint}`)).body.Resources;
    const { attribute, sub, isExtension, schema } = lens.place.path;
    const having = listed.filter((resource: Record<string, unknown>) => {
      const container = (isExtension ? resource[schema.id] : resource) as Record<string, unknown> | undefined;
      const value = container?.[attribute.name];
      const elements = Array.isArray(value) ? value : [value];
      const type = /type eq "(\w+)"/.exec(lens.path)?.[1];
      return elements.some(
        (element) =>
          element !== undefined && (type === undefined || element.type === type) && (sub === undefined || element[sub.name] !== undefined),
      );
    });

    expect(found).toEqual(having.map(({ id }: { id: string }) => id));
    expect(found).toContain(expected()[0]);
  });
});

describe('other attributes', () => {
  const TABLE: readonly (readonly [filter: () => string, found: () => readonly string[]])[] = [
    [() => `id eq "${anna}"`, () => [anna]],
    [() => `ID EQ "${anna}"`, () => [anna]],
    [() => `id eq "${anna.toUpperCase()}"`, () => []], // ids are caseExact (RFC 7643 §3.1)
    [() => `id eq ${anna}`, () => [anna]],
    [() => 'active eq true', () => [bert, cora, boss]],
    [() => 'active eq "True"', () => [bert, cora, boss]],
    [() => 'active eq false', () => [anna]],
    [() => 'Active Eq "False"', () => [anna]],
    [() => 'active ne true', () => [anna]],
    [() => 'active pr', () => [anna, bert, cora, boss]],
    [() => `manager eq "${boss}"`, () => [anna]],
    [() => `${ENTERPRISE}:manager eq "${boss}"`, () => [anna]],
    [() => `${ENTERPRISE}:manager.value eq "${boss}"`, () => [anna]],
    [() => `id eq ${anna} and manager eq ${boss}`, () => [anna]],
    [() => `manager eq ${bert} and id eq ${anna}`, () => []],
    [() => `manager eq "${anna}"`, () => []],
    [() => 'manager eq "nobody"', () => []],
    [() => 'manager pr', () => [anna]],
    [() => 'not (manager pr)', () => [bert, cora, boss]],
    [() => `groups eq "${few}"`, () => [cora]],
    [() => `groups.value eq "${all}"`, () => [anna, cora]],
    [() => `groups[value eq "${few}"]`, () => [cora]],
    [() => 'groups pr', () => [anna, cora]],
    [() => 'emails eq "cora@example.org"', () => [cora]],
    [() => 'emails.value eq "CORA@example.org"', () => [cora]],
    [() => 'emails[type eq "work"] eq "cora@example.org"', () => [cora]],
    [() => 'emails[type eq "work" and value eq "cora@example.org"]', () => [cora]],
    [() => 'emails[type eq "other" and value eq "cora@example.org"]', () => []],
    [() => 'emails[value eq "cora@example.org" and type eq "work"].primary eq true', () => [cora]],
    [() => 'emails.type eq "other"', () => [anna]],
    [() => 'emails[primary eq true]', () => [anna, cora]],
    [() => 'emails[type eq "work"]', () => [anna, cora]],
    [() => 'emails[type eq "home"]', () => []],
    [() => 'phoneNumbers[type eq "mobile" and not (value eq "+49 99")]', () => [anna]],
    [() => 'schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"', () => [anna, bert, cora, boss]],
    [() => `schemas eq "${ENTERPRISE}"`, () => [anna]],
    [() => 'meta.resourceType eq "User"', () => [anna, bert, cora, boss]],
    [() => 'meta.created gt "2001-01-01T00:00:00Z"', () => [anna, bert, cora, boss]],
    [() => 'meta.lastModified lt "2001-01-01T00:00:00Z"', () => []],
  ];

  it.each(TABLE.map(([filter, found]) => [filter.toString().slice(6), filter, found] as const))('%s', async (_text, filter, found) => {
    expect(await findIds(bridge, 'Users', filter())).toEqual(found().toSorted());
  });
});

describe('what the directory cannot decide alone is decided here', () => {
  const TABLE: readonly (readonly [filter: string, found: () => readonly string[]])[] = [
    ['userName ne "bert"', () => [anna, cora, boss]],
    ['title ne "manager"', () => [anna, bert, boss]],
    ['not (title eq "Manager")', () => [anna, bert, boss]],
    ['not (title pr)', () => [bert, boss]],
    ['userName eq "bert" or userName eq "CORA"', () => [bert, cora]],
    ['userName eq "bert" or title eq "Manager" or id eq "x"', () => [bert, cora]],
    ['(userName eq "bert" or userName eq "cora") and title pr', () => [cora]],
    ['userName co "ER"', () => [anna, bert]],
    ['userName co "O"', () => [cora, boss]],
    ['userName sw "B"', () => [bert, boss]],
    ['userName ew "a"', () => [cora]],
    ['displayName co "ödl"', () => [cora]],
    ['userName gt "boss"', () => [cora]],
    ['userName ge "boss"', () => [boss, cora]],
    ['userName lt "boss"', () => [anna, bert]],
    ['userName le "boss"', () => [anna, bert, boss]],
    ['name.familyName sw "z"', () => [cora]],
    ['name.familyName eq "-"', () => []],
    ['name.familyName ne "-"', () => [anna, bert, cora, boss]],
    ['not (name.familyName pr)', () => [bert, boss]],
    ['phoneNumbers.value co "99"', () => [cora]],
    ['emails[type eq "work" and value ew "@EXAMPLE.org"]', () => [anna, cora]],
    ['emails co "cora"', () => [cora]],
    ['not (emails.value eq "cora@example.org")', () => [anna, bert, boss]],
    ['title eq null', () => [bert, boss]],
    ['not (not (userName eq "bert"))', () => [bert]],
    ['title pr and not (title co "manager")', () => [anna]],
  ];

  it.each(TABLE)('%s', async (filter, found) => {
    expect(await findIds(bridge, 'Users', filter)).toEqual(found().toSorted());
  });
});

describe('filters that are refused with 400 invalidFilter', () => {
  it.each([
    'nickName eq "x"',
    'timezone pr',
    'roles.value eq "x"',
    'emails.display eq "x"',
    'addresses.type eq "work" and ims pr',
    'name.middleName eq "x"',
    'not (x509Certificates pr)',
    'userName eq "x" and locale eq "de"',
    'nobody eq "x"',
    'userName',
    'userName eq',
    'userName equals "x"',
    'userName eq "x',
    '(userName eq "x"',
    'userName eq "x")',
    'userName eq "x" and',
    'userName eq "x" xor title pr',
    'eq "x"',
    '"userName" eq "x"',
    'emails[type eq "work"',
    `${CORE}: eq "x"`,
    `${'('.repeat(500)}userName pr${')'.repeat(500)}`,
  ])('%s', async (filter) => {
    const { status, body } = await find(bridge, 'Users', filter);
    expect([status, body.scimType]).toEqual([400, 'invalidFilter']);
    expect(body.detail).toMatch(/./);
  });

  it('while no filter at all finds everybody', async () => {
    expect((await bridge.send('GET', '/Users?filter=')).body.totalResults).toBe(4);
    expect((await bridge.send('GET', '/Users/?filter=+')).body.totalResults).toBe(4);
  });
});

describe('literals as clients write them', () => {
  it.each([
    ['Team "Blue"', 'displayName eq "Team "Blue""'],
    ['Team "Red"', 'displayName eq "Team \\"Red\\""'],
    ['corp\\anna', 'displayName eq "corp\\anna"'],
    ['corp\\bert', 'displayName eq "corp\\\\bert"'],
    ['100% & more', 'displayName eq "100% & more"'],
    ['a+b', 'displayName eq "a+b"'],
    ['Ünï', 'displayName eq "\\u00dcn\\u00ef"'],
    ['Word', 'displayName eq Word'],
  ])('%s: %s', async (name, filter) => {
    const group = await createGroup(bridge, [], name);
    expect(await findIds(bridge, 'Groups', filter)).toEqual([group]);
  });

  it('with blanks as plus signs, and flags before and after', async () => {
    const group = await createGroup(bridge, [], 'EDU All personal');
    const { body } = await bridge.send(
      'GET',
      '/Groups?aadOptscim062020&excludedAttributes=members&filter=displayName+eq+%22EDU+All+personal%22&x=1&x=2',
    );
    expect(body.Resources.map(({ id }: { id: string }) => id)).toEqual([group]);
  });
});
