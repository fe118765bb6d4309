import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { bridgeText, type ConfigurationFolder, makeConfigurationFolder, runMain } from './support/run-main.ts';

let folder: ConfigurationFolder | undefined;
afterEach(() => folder?.remove());

/** Runs the command against an admin listener that answers so. */
async function brakes(args: readonly string[], answer?: { readonly status: number; readonly body: object }) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${body}`.trim());
      response.writeHead(answer?.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer?.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  if (answer === undefined) server.close();
  folder = makeConfigurationFolder(bridgeText('ldap://127.0.0.1:1', { admin: `127.0.0.1:${port}` }));
  const ended = await runMain(['brakes', ...args, '--config', folder.file]);
  server.close();
  return { ...ended, asked };
}

it('status prints what the daemon says', async () => {
  const body = { contoso: { holding: ['deletes'] } };
  const { code, stdout, asked } = await brakes(['status'], { status: 200, body });
  expect([code, JSON.parse(stdout), asked]).toEqual([0, body, ['GET /brakes']]);
});

it('release names the tenant', async () => {
  const { code, asked } = await brakes(['release', '--tenant', 'contoso'], { status: 200, body: { released: ['contoso'] } });
  expect([code, asked]).toEqual([0, ['POST /brakes/release {"tenant":"contoso"}']]);
});

it('says what is wrong', async () => {
  expect(await brakes(['release'], { status: 404, body: { status: 'no brakes' } })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no brakes'),
  });
  expect(await brakes(['status'])).toMatchObject({ code: 1, stderr: expect.stringContaining('does not answer') });
  expect(await brakes(['press'], { status: 200, body: {} })).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('status or release'),
  });
});
