import { expect, test } from 'vitest';
import { formatReport } from '../../src/rehearsal/format-report.ts';
import { reportToHtml } from '../../src/rehearsal/report-to-html.ts';

const SECTION = {
  title: 'Created',
  columns: ['line', 'name'],
  rows: Array.from({ length: 25 }, (_, index) => [String(index), index === 0 ? `<img src="x" onerror='y'>&\u001b[2J` : 'ada']),
};

test('the text says how much it leaves out, and nothing in it is obeyed by a terminal', () => {
  const text = formatReport(['head'], [SECTION]);
  expect(text.split('\n').slice(0, 5)).toEqual(['head', '', 'Created (25)', '  line  name', `  0     <img src="x" onerror='y'>&?[2J`]);
  expect(text).toMatch(/\n {2}and 5 more, in --html and --json\n$/);
});

test('the page has every row, and whatever comes from outside is text in it', () => {
  const html = reportToHtml('Rehearsal of <b>', ['1 & 2'], [SECTION]);
  expect(html.match(/<tr><td>/g)).toHaveLength(25);
  expect(html).toContain('<td>&lt;img src=&quot;x&quot; onerror=&#39;y&#39;&gt;&amp;');
  expect(html).toContain('<title>Rehearsal of &lt;b&gt;</title>');
  expect(html).toContain('<p>1 &amp; 2</p>');
});
