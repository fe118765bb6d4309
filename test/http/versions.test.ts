import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';

let bridge: Bridge;
let id: string;
let version: string;

beforeAll(async () => {
  bridge = await startBridge();
});
afterAll(() => bridge.stop());
beforeEach(async () => {
  await bridge.ldap.reset();
  const { body, headers } = await bridge.send('POST', '/Users', { userName: 'ada', title: 'Countess' });
  id = body.id;
  version = body.meta.version;
  expect(headers.get('etag')).toBe(version);
});

const retitle = (title: string) => ({ Operations: [{ op: 'replace', path: 'title', value: title }] });
const put = (title: string) => ({ userName: 'ada', title });
const titles = async (): Promise<unknown> => {
  const [entry] = await bridge.ldap.adminSearch('ou=people,dc=example,dc=org', '(uid=ada)');
  return entry?.attributes.get('title');
};

describe('reading by version', () => {
  it('answers 304 while the resource is the one the client has, and 200 afterwards', async () => {
    const unchanged = await bridge.send('GET', `/Users/${id}`, undefined, { 'if-none-match': `"other", ${version}` });
    expect([unchanged.status, unchanged.text, unchanged.headers.get('etag')]).toEqual([304, '', version]);
    await bridge.send('PATCH', `/Users/${id}`, retitle('Analyst'));
    expect((await bridge.send('GET', `/Users/${id}`, undefined, { 'if-none-match': version })).status).toBe(200);
  });
});

describe('writing by version', () => {
  it.each([
    ['PATCH', retitle('Analyst')],
    ['PUT', put('Analyst')],
    ['DELETE', undefined],
  ])('%s is carried out with the right version, weak or strong, and answers 412 with another, changing nothing', async (method, body) => {
    const other = await bridge.send(method, `/Users/${id}`, body, { 'if-match': 'W/"20200101000000.000000Z#000000#000#000000"' });
    expect([other.status, other.body.detail]).toEqual([412, expect.stringContaining('another version')]);
    expect(await titles()).toEqual(['Countess']);
    const right = await bridge.send(method, `/Users/${id}`, body, { 'if-match': version.replace('W/', '') });
    expect(right.status).toBe(method === 'DELETE' ? 204 : 200);
    expect(await titles()).toEqual(method === 'DELETE' ? undefined : ['Analyst']);
  });

  it('* asks only that the resource is there', async () => {
    expect((await bridge.send('PATCH', `/Users/${id}`, retitle('Analyst'), { 'if-match': '*' })).status).toBe(200);
    const nobody = '00000000-0000-0000-0000-000000000000';
    expect((await bridge.send('PATCH', `/Users/${nobody}`, retitle('Analyst'), { 'if-match': '*' })).status).toBe(404);
  });

  it.each([
    ['PATCH', retitle],
    ['PUT', put],
  ])('of 20 %s that race for one version exactly one wins', async (method, make) => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => bridge.send(method, `/Users/${id}`, make(`title ${index}`), { 'if-match': version })),
    );
    const won = answers.flatMap(({ status }, index) => (status === 200 ? [`title ${index}`] : []));
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(19);
    expect(await titles()).toEqual(won);
  });

  it('guards the members of a group too, which are changed without being read', async () => {
    const group = await bridge.send('POST', '/Groups', { displayName: 'Engines' });
    const add = { Operations: [{ op: 'add', path: 'members', value: [{ value: id }] }] };
    const condition = { 'if-match': group.body.meta.version };
    expect((await bridge.send('PATCH', `/Groups/${group.body.id}`, add, condition)).status).toBe(204);
    const remove = { Operations: [{ op: 'remove', path: `members[value eq "${id}"]` }] };
    expect((await bridge.send('PATCH', `/Groups/${group.body.id}`, remove, condition)).status).toBe(412);
    expect((await bridge.send('GET', `/Groups/${group.body.id}`)).body.members).toHaveLength(1);
  });

  it.each(['nonsense', '"unclosed', 'W/', '"a" "b"'])('a condition %s that is none answers 400', async (header) => {
    expect((await bridge.send('DELETE', `/Users/${id}`, undefined, { 'if-match': header })).status).toBe(400);
  });
});
