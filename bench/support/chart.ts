import type { Comparison } from './compare.ts';
import { describe } from './targets.ts';

const LABELS = 430;
const UNIT = 260;
const ROW = 20;
const MOST = 1.6;

/** Bars of the bridge's throughput against the hand-written route's, whose own is the line at 1: wider is better. */
export function chart(comparisons: readonly Comparison[]): string {
  const rows = comparisons.filter(({ toRoute }) => toRoute !== undefined);
  const bars = rows.map((each, index) => bar(describe(each), each.toRoute ?? 0, (index + 2) * ROW));
  const height = (rows.length + 3) * ROW;
  const width = LABELS + MOST * UNIT + 60;
  const x = LABELS + UNIT;
  const line = `<line x1="${x}" x2="${x}" y1="${ROW * 1.5}" y2="${height - ROW}" stroke="#888" stroke-dasharray="3 3"/>`;
  const title = `<text x="4" y="${ROW - 4}">throughput of the bridge, of the hand-written route = 1</text>`;
  const style = '<style>text { font: 12px ui-sans-serif, sans-serif; fill: #222 }</style>';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">${style}<rect width="100%" height="100%" fill="#fff"/>${title}${line}\n${bars.join('\n')}\n</svg>\n`;
}

function bar(label: string, ratio: number, y: number): string {
  const width = Math.min(ratio, MOST) * UNIT;
  const value = `<text x="${(LABELS + width + 4).toFixed(0)}" y="${y + 13}">${ratio.toFixed(2)}</text>`;
  return `<text x="4" y="${y + 13}">${label}</text><rect x="${LABELS}" y="${y + 3}" width="${width.toFixed(1)}" height="${ROW - 6}" fill="#4a7fb5"/>${value}`;
}
