/**
 * What somebody would write by hand for just these LDAP operations: no schema, no mapping, no authentication, no conditions, no log.
 * The bridge is compared with it. Run by `bench/run.ts`, which gives address and password in the environment.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Router } from '@koa/router';
import Koa from 'koa';
import { Attribute, Change, EqualityFilter, OrFilter } from 'ldapts';
import { GROUPS, PEOPLE } from '../test/support/test-directory.ts';
import { ATTRIBUTES, addPerson, connectClients, setTitle } from './support/bare-ldap.ts';

const { LDAP_URL = '', LDAP_CA, TLS_FOLDER } = process.env;
const client = await connectClients(LDAP_URL, LDAP_CA);
const router = new Router();
const find = (filter: EqualityFilter | OrFilter) => client().search(PEOPLE, { filter, scope: 'sub', attributes: ATTRIBUTES });
router.get('/id/:id', async (ctx) => {
  const { searchEntries } = await find(new EqualityFilter({ attribute: 'entryUUID', value: ctx.params['id'] ?? '' }));
  ctx.body = JSON.stringify(searchEntries[0]);
});
router.get('/name/:name', async (ctx) => {
  ctx.body = JSON.stringify((await find(new EqualityFilter({ attribute: 'uid', value: ctx.params['name'] ?? '' }))).searchEntries);
});
router.post('/ids', async (ctx) => {
  const filters = ((await json(ctx.req)) as string[]).map((value) => new EqualityFilter({ attribute: 'entryUUID', value }));
  ctx.body = JSON.stringify((await find(new OrFilter({ filters }))).searchEntries);
});
router.post('/people', async (ctx) => {
  const { name } = (await json(ctx.req)) as { name: string };
  await addPerson(client(), name);
  ctx.body = JSON.stringify({ name });
});
router.patch('/people/:name', async (ctx) => {
  const { title } = (await json(ctx.req)) as { title: string };
  await setTitle(client(), `uid=${ctx.params['name']},${PEOPLE}`, title);
  ctx.body = JSON.stringify({ title });
});
router.patch('/groups/:name', async (ctx) => {
  const { operation, member } = (await json(ctx.req)) as { operation: 'add' | 'delete'; member: string };
  const modification = new Attribute({ type: 'member', values: [member] });
  await client().modify(`cn=${ctx.params['name']},${GROUPS}`, new Change({ operation, modification }));
  ctx.body = JSON.stringify({ member });
});
const document: unknown = JSON.parse(readFileSync(new URL('../src/scim/rfc7643-schemas.json', import.meta.url), 'utf8'));
router.get('/document', (ctx) => {
  ctx.body = JSON.stringify(document);
});

const app = new Koa().use(router.routes()).callback();
const answer: RequestListener = (request, response) => void app(request, response);
const server =
  TLS_FOLDER === undefined
    ? createServer(answer)
    : createTlsServer({ key: readFileSync(`${TLS_FOLDER}/key.pem`), cert: readFileSync(`${TLS_FOLDER}/certificate.pem`) }, answer);
await once(server.listen(0, '127.0.0.1'), 'listening');
process.stdout.write(`http${TLS_FOLDER === undefined ? '' : 's'}://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
