import { parse } from 'csv-parse/sync';
import type { Plan } from '../mapping/plan.ts';
import type { ReferenceTarget } from '../mapping/reference-table.ts';
import { type GivenResource, readGivenResource, readGivenRow } from '../rehearsal/given-resource.ts';
import { ScimError } from '../scim/errors.ts';
import type { JsonValue } from '../scim/json.ts';
import { CommandFailure } from './command-failure.ts';
import { EXIT } from './exit-codes.ts';

/** How a table is to be read. */
export interface TableOptions {
  /** `HEADER=PATH`: the SCIM path behind each column that counts; the others don't. */
  readonly columns: readonly string[];
  /** What its rows are. */
  readonly target: ReferenceTarget;
}

/**
 * The users and groups of a file: JSON, an object a line, or, where columns are named, a table (RFC 4180), separated by what its first line
 * has: `,` or `;`.
 *
 * @throws CommandFailure EXIT.usage that names the line
 */
export function readGivenResources(text: string, file: string, plan: Plan, table: TableOptions): readonly GivenResource[] {
  return table.columns.length === 0 ? readLines(text, file, plan) : readTable(text, file, plan, table);
}

function readLines(text: string, file: string, plan: Plan): readonly GivenResource[] {
  return withoutMark(text)
    .split(/\r?\n/)
    .flatMap((line, index) => {
      if (line.trim() === '') return [];
      return [atLine(file, index + 1, () => readGivenResource(parseJson(line), index + 1, plan))];
    });
}

function parseJson(line: string): JsonValue {
  try {
    return JSON.parse(line) as JsonValue;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ScimError(400, `not JSON: ${reason}; a table needs its columns: --column HEADER=PATH`);
  }
}

function readTable(text: string, file: string, plan: Plan, { columns, target }: TableOptions): readonly GivenResource[] {
  const paths = new Map(columns.map((column) => splitColumn(column)));
  const [head = ''] = withoutMark(text).split(/\r?\n/, 1);
  const delimiter = head.includes(';') && !head.includes(',') ? ';' : ',';
  const rows = atLine(file, undefined, () =>
    parse(text, { bom: true, delimiter, info: true, relax_column_count: true, skip_empty_lines: true, trim: true }),
  ) as unknown as readonly { readonly record: readonly string[]; readonly info: { readonly lines: number } }[];
  const [header, ...body] = rows;
  const names = header?.record ?? [];
  const missing = [...paths.keys()].find((name) => !names.includes(name));
  if (missing !== undefined) {
    throw new CommandFailure(EXIT.usage, `rehearse: ${file} has no column ${JSON.stringify(missing)}; there is: ${names.join(', ')}`);
  }
  return body.map(({ record, info }) => {
    const cells = names.flatMap((name, index) => {
      const path = paths.get(name);
      return path === undefined ? [] : [{ path, value: record[index] ?? '' }];
    });
    return atLine(file, info.lines, () => readGivenRow(cells, target, info.lines, plan));
  });
}

function splitColumn(column: string): readonly [string, string] {
  const at = column.indexOf('=');
  if (at > 0 && at < column.length - 1) return [column.slice(0, at), column.slice(at + 1)];
  throw new CommandFailure(
    EXIT.usage,
    `rehearse: --column takes HEADER=PATH, as in userPrincipalName=userName, not ${JSON.stringify(column)}`,
  );
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}

function atLine<T>(file: string, line: number | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof ScimError ? error.detail : error instanceof Error ? error.message : String(error);
    throw new CommandFailure(EXIT.usage, `${file}${line === undefined ? '' : `:${line}`}: ${reason}`);
  }
}
