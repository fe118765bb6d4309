import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDn } from '../../src/ldap/dn.ts';
import { valuesOf } from '../../src/ldap/entry.ts';
import { type Answer, type Bridge, startBridge } from '../support/bridge.ts';
import { createGroup, createUser, entryWithId, findIds, memberDns, memberIds, patch } from './support/requests.ts';

let bridge: Bridge;

beforeAll(async () => {
  bridge = await startBridge();
});
afterAll(() => bridge.stop());

/** Names that mean something to DNs, filters, URLs, JSON, or to people. The directory has to take them. */
const NAMES: readonly (readonly [string, string])[] = [
  ['a comma', 'Lind, Anna'],
  ['a comma that ends it', 'anna,'],
  ['a plus sign', 'anna+test@example.org'],
  ['a quote', 'Team "Blue"'],
  ['a backslash', 'corp\\anna'],
  ['a backslash that ends it', 'anna\\'],
  ['backslash and comma', 'a\\,b'],
  ['hex pairs as text', 'a\\2cb\\5c'],
  ['angle brackets', '<anna>'],
  ['a semicolon', 'a;b'],
  ['an equals sign', 'uid=anna'],
  ['a leading hash', '#4a'],
  ['an asterisk', 'an*a'],
  ['nothing but an asterisk', '*'],
  ['brackets', '(anna)(&)'],
  ['a whole filter', '*)(objectClass=*'],
  ['a whole DN', 'uid=x,ou=people,dc=example,dc=org'],
  ['a slash', 'a/b/../c'],
  ['a percent sign', '100%'],
  ['a percent sequence', 'a%2Fb'],
  ['a question mark and ampersand', 'a?b=c&d'],
  ['a leading blank', ' anna-leading'],
  ['a trailing blank', 'anna-trailing '],
  ['several blanks inside', 'anna   middle'],
  ['a tab and a line break', 'a\tb\nc'],
  ['Cyrillic', 'Анна Линдстрём'],
  ['Chinese', '安娜·林德'],
  ['Arabic and Hebrew', 'آنا אנה'],
  ['emoji', 'Anna 👩‍🔧🏳️‍🌈'],
  ['composed letters', 'Zo\u00eb'],
  ['decomposed letters', 'Ma\u0308dchen'],
  ['sharp s', 'Groß'],
  ['a name of the language', '__proto__'],
  ['a word that is a literal', 'null'],
  ['a number', '007'],
  ['200 characters', 'n'.repeat(200)],
];

/** Names that the directory may refuse; then the client is told that it's the name. */
const DOUBTFUL: readonly (readonly [string, string])[] = [
  ['NUL', 'an\0na'],
  ['1,000 characters', 'x'.repeat(1000)],
  ['1,000 characters of three bytes', '漢'.repeat(1000)],
  ['one blank', ' '],
  ['three blanks', '   '],
  ['a no-break space', '\u00a0'],
  ['a control character', '\u0001'],
  ['a zero-width space', '\u200b'],
  ['a byte order mark', '\ufeffanna'],
];

function expectDone({ status, text }: Answer): void {
  expect([200, 201, 204].includes(status) ? 'done' : text).toBe('done');
}

function literal(value: string): string {
  return JSON.stringify(value);
}

describe.each([
  ['userName', 'Users'],
  ['displayName', 'Groups'],
] as const)('%s', (attribute, endpoint) => {
  const rdn = endpoint === 'Users' ? 'uid' : 'cn';
  const create = (name: string): Promise<Answer> => bridge.send('POST', `/${endpoint}`, { [attribute]: name });

  /** From its creation to its end, with everything that a client does on the way. */
  async function live(name: string, answer: Answer): Promise<void> {
    const { id } = answer.body;
    expect(answer.body[attribute]).toBe(name);
    const entry = await entryWithId(bridge, id);
    // The search of the test's own client loses a leading byte order mark.
    expect(entry && valuesOf(entry, rdn)).toEqual([name.replace(/^\ufeff/, '')]);
    expect(parseDn(entry?.dn ?? '')).toHaveLength(4);

    expect((await bridge.send('GET', `/${endpoint}/${id}`)).body[attribute]).toBe(name);
    expect(await findIds(bridge, endpoint, `${attribute} eq ${literal(name)}`)).toEqual([id]);
    expect((await create(name)).status).toBe(409);

    const path = endpoint === 'Users' ? 'title' : 'externalId';
    expect((await patch(bridge, `/${endpoint}/${id}`, { op: 'add', path, value: name })).status).toBeLessThan(300);
    const group = await createGroup(bridge, [id]);
    expect(await memberIds(bridge, group)).toEqual([id]);
    expect(await findIds(bridge, 'Groups', `members eq ${literal(id)}`)).toEqual([group]);

    const renamed = await patch(bridge, `/${endpoint}/${id}`, { op: 'replace', path: attribute, value: `renamed ${name}` });
    expectDone(renamed);
    expect((await bridge.send('GET', `/${endpoint}/${id}`)).body).toMatchObject({ [attribute]: `renamed ${name}`, [path]: name });
    expect(await memberIds(bridge, group)).toEqual([id]);
    const back = await patch(bridge, `/${endpoint}/${id}`, { op: 'replace', path: attribute, value: name });
    expectDone(back);
    expect(await findIds(bridge, endpoint, `${attribute} eq ${literal(name)}`)).toEqual([id]);

    expect((await patch(bridge, `/Groups/${group}`, { op: 'remove', path: `members[value eq "${id}"]` })).status).toBe(204);
    expect(await memberDns(bridge, group)).toEqual(['cn=nobody,dc=example,dc=org']);
    expect((await bridge.send('DELETE', `/${endpoint}/${id}`)).status).toBe(204);
    expect((await bridge.send('DELETE', `/Groups/${group}`)).status).toBe(204);
    expect(await findIds(bridge, endpoint, `${attribute} eq ${literal(name)}`)).toEqual([]);
  }

  it.each(NAMES)('may hold %s', async (_what, name) => {
    const answer = await create(name);

    expect(answer.body.detail ?? answer.status).toBe(201);
    await live(name, answer);
  });

  it.each(DOUBTFUL)('with %s is taken whole or refused as the name it is', async (_what, name) => {
    const answer = await create(name);
    if (answer.status === 201) {
      await live(name, answer);
      return;
    }

    expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidValue']);
    expect(answer.body.detail).toMatch(new RegExp(`^${attribute}: `));
    const id = endpoint === 'Users' ? await createUser(bridge) : await createGroup(bridge);
    const before = await entryWithId(bridge, id, 'entryCSN');
    const renamed = await patch(bridge, `/${endpoint}/${id}`, { op: 'replace', path: attribute, value: name });
    expect([renamed.status, renamed.body.scimType]).toEqual([400, 'invalidValue']);
    expect(await entryWithId(bridge, id, 'entryCSN')).toEqual(before);
    expect(await findIds(bridge, endpoint, `${attribute} eq ${literal(name)}`)).toEqual([]);
  });

  it('finds no more by an asterisk than by any other character', async () => {
    const star = await create('st*r');
    await create('star');
    await create('st**r');

    expect(await findIds(bridge, endpoint, `${attribute} eq "st*r"`)).toEqual([star.body.id]);
    expect(await findIds(bridge, endpoint, `${attribute} eq "*"`)).toEqual([]);
    expect(await findIds(bridge, endpoint, `${attribute} sw "st*"`)).toHaveLength(2);
    expect(await findIds(bridge, endpoint, `${attribute} co "**"`)).toHaveLength(1);
  });

  it.each([
    ['other letter case', 'Case-Å', 'cASE-å'],
    ['composed for decomposed letters', 'form-e\u0301', 'form-\u00e9'],
  ])('is found in %s, and taken in it', async (_what, name, other) => {
    const { body } = await create(name);

    expect(await findIds(bridge, endpoint, `${attribute} eq ${literal(other)}`)).toEqual([body.id]);
    expect((await create(other)).status).toBe(409);
    const renamed = await patch(bridge, `/${endpoint}/${body.id}`, { op: 'replace', path: attribute, value: other });
    expectDone(renamed);
    expect((await bridge.send('GET', `/${endpoint}/${body.id}`)).body[attribute]).toBe(other);
  });
});
