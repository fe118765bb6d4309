import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { strictSend } from '../support/strict-client.ts';
import { type Example, runExample } from './support/example-runner.ts';
import { SHIPPED_MAPPINGS } from './support/shipped-mappings.ts';

/** The examples of RFC 7643, RFC 7644 and RFC 9865, and rules that they state, as far as they can be shown by one request. */
const folder = join(import.meta.dirname, 'examples');
const EXAMPLES = readdirSync(folder)
  .toSorted()
  .map((name) => ({ name, example: JSON.parse(readFileSync(join(folder, name), 'utf8')) as Example }));

describe.each(SHIPPED_MAPPINGS)('the examples of the RFCs, with the mapping $name', ({ name: mapping, bridge: options }) => {
  let bridge: Bridge;
  let send: Bridge['send'];

  beforeAll(async () => {
    bridge = await startBridge(options);
    send = await strictSend(bridge);
  });
  afterAll(() => bridge.stop());

  it.each(EXAMPLES.filter(({ example: { mappings } }) => mappings === undefined || mappings.includes(mapping)))(
    '$name',
    async ({ name, example }) => {
      expect(name.replace(/^rfc(\d+)-([\d.]+)-.*$/, 'RFC $1 §$2')).toBe(example.section);

      await runExample(example, bridge, send);
    },
  );
});
