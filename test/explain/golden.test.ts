import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatExplanation } from '../../src/explain/format-explanation.ts';
import { formatMappingLine, mappingLineOf } from '../../src/explain/mapping-lines.ts';
import { secretAttributesOf } from '../../src/explain/secret-attributes.ts';
import { explainedExchanges, source, tenant } from './support/explained-exchanges.ts';

/**
 * What `explain` says of every recorded request that writes, to the letter. Written anew with `vitest run -u`; read the difference.
 * `test/cli/explained-requests.test.ts` carries the same requests out.
 */
const FOLDER = `${import.meta.dirname}/golden`;
const writing = explainedExchanges.filter(({ request }) => request.method !== 'GET');
const format = {
  lineOf: (path: Parameters<typeof mappingLineOf>[1]) => formatMappingLine(mappingLineOf(source, path)),
  secretAttributes: secretAttributesOf(tenant.plan),
};

test.for(writing)('$name', async ({ name, request, explain }) => {
  const text = formatExplanation(await explain(), format);
  await expect(`# ${request.method} ${request.target}\n\n${text}`).toMatchFileSnapshot(`${FOLDER}/${name}.txt`);
});

test('there are a hundred of them, and none is left from a request that has gone', () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));
  expect(files.length).toBeGreaterThanOrEqual(100);
  expect(files.toSorted()).toEqual(writing.map(({ name }) => `${name}.txt`).toSorted());
});
