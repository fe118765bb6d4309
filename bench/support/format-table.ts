import type { Comparison } from './compare.ts';
import type { Verdict } from './targets.ts';

const HEADINGS = ['', '(a)/s', '(b)/s', '(c)/s', 'c:a', 'c:b', 'p50 b', 'p50 c', 'p99 b', 'p99 c', 'µs b', 'µs c', 'LDAP', 'octets', 'MB'];

/** Comparisons of one setting, a line for each: rates, ratios, latencies in milliseconds, processor time, what it costs in LDAP. */
export function formatTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(({ name, medians: { ldap, route, bridge }, toLdap, toRoute, operations, octets }) => [
    name,
    number(ldap?.perSecond, 0),
    number(route?.perSecond, 0),
    number(bridge?.perSecond, 0),
    number(toLdap, 2),
    number(toRoute, 2),
    number(route?.p50, 2),
    number(bridge?.p50, 2),
    number(route?.p99, 2),
    number(bridge?.p99, 2),
    number(route?.processorMicroseconds, 0),
    number(bridge?.processorMicroseconds, 0),
    number(operations, 1),
    number(octets, 0),
    number(bridge?.residentMegabytes, 0),
  ]);
  const table = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return `${table.map(line).join('\n')}\n`;
}

export function formatVerdicts(verdicts: readonly Verdict[]): string {
  return verdicts.map(({ target, isMet, worst }) => `${isMet ? 'met    ' : 'NOT MET'}  ${target}\n         ${worst}\n`).join('');
}

function number(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits);
}
