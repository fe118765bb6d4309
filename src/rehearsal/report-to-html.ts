import type { ReportSection } from './report-sections.ts';

const STYLE = `body{font:15px/1.4 system-ui,sans-serif;margin:2em auto;max-width:80em;padding:0 1em;color:#222}
table{border-collapse:collapse;margin:.5em 0;display:block;overflow-x:auto}
th,td{border-bottom:1px solid #ddd;padding:.25em .8em;text-align:left;vertical-align:top}
th{background:#f5f5f5}h2{margin:1.5em 0 .2em;font-size:1.15em}p{margin:.2em 0;color:#555}`;

/** A report as one HTML document that needs nothing else: no script, no other file. Whatever is in it from outside is escaped. */
export function reportToHtml(title: string, head: readonly string[], sections: readonly ReportSection[]): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escaped(title)}</title><style>${STYLE}</style></head>
<body>
<h1>${escaped(title)}</h1>
${head.map((line) => `<p>${escaped(line)}</p>`).join('\n')}
${sections.map(section).join('\n')}
</body>
</html>
`;
}

function section({ title, meaning, columns, rows }: ReportSection): string {
  const cells = (row: readonly string[], tag: 'td' | 'th'): string =>
    `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return [
    `<h2>${escaped(title)} (${rows.length})</h2>`,
    ...(meaning === undefined ? [] : [`<p>${escaped(meaning)}</p>`]),
    `<table><thead>${cells(columns, 'th')}</thead><tbody>`,
    ...rows.map((row) => cells(row, 'td')),
    '</tbody></table>',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
