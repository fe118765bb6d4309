import type { ReportSection } from './report-sections.ts';

/** The most rows of a section in a text; the other forms have all. */
const ROWS = 20;

/** A report as plain text. @param head the first lines */
export function formatReport(head: readonly string[], sections: readonly ReportSection[]): string {
  return `${[head.join('\n'), ...sections.map(formatSection)].join('\n\n')}\n`;
}

function formatSection({ title, meaning, columns, rows }: ReportSection): string {
  const shown = [columns, ...rows.slice(0, ROWS)].map((row) => row.map(printable));
  const widths = columns.map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)));
  const table = shown.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
  const rest = rows.length > ROWS ? [`  and ${rows.length - ROWS} more, in --html and --json`] : [];
  return [`${title}${rows.length > 1 ? ` (${rows.length})` : ''}`, ...(meaning === undefined ? [] : [meaning]), ...table, ...rest].join(
    '\n',
  );
}

/** Nothing that a terminal would obey: whatever is in a directory or a file may be in a cell. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
}
