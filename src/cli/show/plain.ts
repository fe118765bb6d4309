import { formatAddress } from '../../config/address.ts';

/** Settings as JSON has them: what a person reads, and a program too. */
export type Plain = string | number | boolean | readonly Plain[] | PlainMap;
export interface PlainMap {
  readonly [key: string]: Plain;
}

/** Milliseconds and points in time, which mean little as numbers. */
const UNITS: ReadonlyMap<string, (value: number) => string> = new Map([
  ...['timeout', 'cursorTimeout', 'tokenLifetime', 'writeFailover', 'windowMs', 'purgeAfter'].map(
    (key) => [key, (value: number) => `${value / 1000}s`] as const,
  ),
  ...['notBefore', 'expires'].map((key) => [key, (value: number) => new Date(value).toISOString()] as const),
]);

/** A part of a checked configuration file as plain data; flags in hexadecimal digits. Secrets are references in it; of hashes the beginning is left, to tell them apart. */
export function toPlain(value: unknown, key = ''): Plain {
  if (typeof value === 'number') return UNITS.get(key)?.(value) ?? value;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (Array.isArray(value)) return value.map((item) => toPlain(item));
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = value instanceof Map ? [...(value as ReadonlyMap<string, unknown>)] : Object.entries(value);
  const { kind, name, secret, sha256, host, port, address, prefix } = Object.fromEntries(entries) as Readonly<Record<string, unknown>>;
  if (kind === 'secret') return toPlain(secret);
  if (kind === 'hash') return `sha256:${String(sha256).slice(0, 8)}…`;
  if ((kind === 'file' || kind === 'env') && typeof name === 'string') return { [kind]: name };
  if (typeof host === 'string' && typeof port === 'number') return formatAddress({ host, port });
  if (typeof address === 'string' && typeof prefix === 'number') return `${address}/${prefix}`;
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined).map(([name_, each]) => [name_, toPlain(each, name_)]));
}

const WIDEST = 120;

/** `key  value` lines; what doesn't fit on one is a block below its key. */
export function formatSettings(settings: PlainMap, indent = ''): string {
  const width = Math.max(...Object.keys(settings).map((key) => key.length));
  return Object.entries(settings)
    .map(([key, value]) => {
      const flat = formatFlat(value);
      const line = `${indent}${key.padEnd(width)}  ${flat}\n`;
      if (line.length <= WIDEST || typeof value !== 'object') return line;
      return `${indent}${key}\n${Array.isArray(value) ? formatItems(value as readonly Plain[], indent) : formatSettings(value as PlainMap, `${indent}  `)}`;
    })
    .join('');
}

function formatItems(items: readonly Plain[], indent: string): string {
  return items.map((item) => `${indent}  - ${formatFlat(item)}\n`).join('');
}

/** In one line. */
export function formatFlat(value: Plain): string {
  return typeof value === 'object' ? formatParts(value) : String(value);
}

/** As a part of a line. A text that would be taken for several parts is quoted. */
export function formatPart(value: Plain): string {
  if (typeof value !== 'object') return /[,{}]/.test(String(value)) ? `'${value}'` : String(value);
  return Array.isArray(value) && value.length > 0 ? `[${formatParts(value)}]` : formatParts(value);
}

function formatParts(value: readonly Plain[] | PlainMap): string {
  const parts = Array.isArray(value)
    ? (value as readonly Plain[]).map(formatPart)
    : Object.entries(value).map(([key, each]) => `${key}: ${formatPart(each)}`);
  if (parts.length === 0) return 'none';
  return Array.isArray(value) ? parts.join(', ') : `{ ${parts.join(', ')} }`;
}

/** Columns as wide as their widest cell, the last one ragged. */
export function formatTable(rows: readonly (readonly string[])[], indent = ''): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `${indent}${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

/** What a line says beside its main point, in one line; a flag by its name alone. */
export function formatDetails(details: PlainMap): string {
  return Object.entries(details)
    .map(([key, value]) => (value === true ? key : `${key}: ${formatPart(value)}`))
    .join(', ');
}
