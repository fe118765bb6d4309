import { type Diagnostic, inFileOrder } from './diagnostic.ts';

/**
 * Diagnostics as a terminal shows them: `FILE:LINE:COLUMN: error: MESSAGE`, the source line with its number, carets under the place, and the
 * way out. In file order, an empty line between two; no newline at the end.
 */
export function formatDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return inFileOrder(diagnostics).map(formatDiagnostic).join('\n\n');
}

/** The same for machines: one array of objects with the fields of a `Diagnostic`, in the same order. */
export function formatDiagnosticsAsJson(diagnostics: readonly Diagnostic[]): string {
  return JSON.stringify(inFileOrder(diagnostics), null, 2);
}

const COUNTED: readonly (readonly [severity: Diagnostic['severity'], one: string, many: string])[] = [
  ['error', 'mistake', 'mistakes'],
  ['warning', 'warning', 'warnings'],
  ['note', 'note', 'notes'],
];

/** `2 mistakes, 1 warning`; empty for none. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const counts = COUNTED.map(([severity, one, many]) => {
    const count = diagnostics.filter((each) => each.severity === severity).length;
    return count === 0 ? '' : `${count} ${count === 1 ? one : many}`;
  });
  return counts.filter((count) => count !== '').join(', ');
}

function formatDiagnostic({ severity, file, line, column, length, sourceLine, message, help }: Diagnostic): string {
  const number = String(line);
  const margin = ' '.repeat(number.length);
  const lines = [`${file}:${line}:${column}: ${severity}: ${message}`];
  if (sourceLine !== '') {
    const characters = [...sourceLine];
    const before = characters
      .slice(0, column - 1)
      .map(blank)
      .join('');
    const width = characters.slice(column - 1, column - 1 + length).reduce((sum, character) => sum + columnsOf(character), 0);
    lines.push(`  ${number} | ${sourceLine}`, `  ${margin} | ${before}${'^'.repeat(Math.max(width, 1))}`);
  }
  if (help !== undefined) lines.push(`  ${margin} help: ${help.replaceAll('\n', `\n  ${margin}       `)}`);
  return lines.join('\n');
}

/** What stands above or below a character without being seen. A tab stays a tab: only the terminal knows how wide it is. */
function blank(character: string): string {
  return character === '\t' ? '\t' : ' '.repeat(columnsOf(character));
}

const zeroWidth = /^[\p{Mark}\p{Default_Ignorable_Code_Point}]$/u;
const doubleWidth =
  /^[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]$/u;

/** Columns that a terminal gives to one code point. */
function columnsOf(character: string): 0 | 1 | 2 {
  if (zeroWidth.test(character)) return 0;
  return doubleWidth.test(character) ? 2 : 1;
}
