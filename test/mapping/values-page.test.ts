import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parsePipe } from '../../src/mapping/parse-pipe.ts';
import { transformedEncoding } from '../../src/mapping/transformed-encoding.ts';
import { runPipe } from '../../src/mapping/transforms.ts';
import { defineAttribute } from '../../src/scim/schema.ts';

/** The cells between backticks of the rows of docs/values.md that begin with a pipe; `\|` in them is `|`, `\n` a line break. */
const rows = readFileSync('docs/values.md', 'utf8')
  .split('\n')
  .filter((line) => /^\| `(?:strip|postal|trim|lower|upper|before|after|ascii|truncate|replace)/.test(line))
  .map((line) => [...line.replaceAll('\\|', '\u0000').matchAll(/`([^`]*)`|refused|nothing/g)].map(([whole, code]) => code ?? whole))
  .map(([pipe = '', ...texts]) => [pipe.replaceAll('\u0000', '|'), ...texts.map((text) => text.replaceAll('\\n', '\n'))]);

describe('docs/values.md', () => {
  const twoWay = rows.filter(([pipe = '']) => /^(?:strip|postal|trim|lower|upper)/.test(pipe));
  const oneWay = rows.filter((row) => !twoWay.includes(row));

  test('has rows for both', () => {
    expect([twoWay.length, oneWay.length]).toEqual([10, 7]);
  });

  test.each(twoWay)('%s: %j is stored as %j and read as %j', (pipe = '', sent = '', stored = '', shown = '') => {
    const encoding = transformedEncoding(parsePipe(pipe, 'attributes').filter((step) => step.kind === 'twoWay'));
    const definition = defineAttribute('attribute');
    expect(encoding.encode(sent, definition) ?? 'refused').toBe(stored);
    if (stored !== 'refused') expect(encoding.decode(stored, definition)).toBe(shown);
  });

  test.each(oneWay)('%s of %j makes %j', (pipe = '', text = '', made = '') => {
    expect(runPipe(text, parsePipe(pipe, 'generated')).join() || 'nothing').toBe(made);
  });
});
