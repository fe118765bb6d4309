import type { WriteControls } from '../directory/write-controls.ts';
import type { ClientAnswer } from '../http/answer-in-process.ts';
import type { Change } from '../ldap/change.ts';
import type { LinePath } from '../ldap/entry.ts';
import { formatLdapFilter } from '../ldap/format-ldap-filter.ts';
import { formatChanges } from '../ldap/format-ldif.ts';
import type { Explanation, Note } from './explain-request.ts';
import type { RecordedSearch, RecordedWrite } from './planning-directory.ts';

export interface ExplanationFormat {
  /** The line behind a value, in one line of text. */
  readonly lineOf: (source: LinePath) => string;
  /** Attribute types, in lower case, whose values nobody is shown. */
  readonly secretAttributes: ReadonlySet<string>;
}

/**
 * An explanation as LDIF: the writes are records, everything else stands in comments. Operations are numbered in the order in which the
 * directory gets them; the searches come first, also those that follow a write.
 */
export function formatExplanation({ operations, answer, notes }: Explanation, format: ExplanationFormat): string {
  const numbered = operations.map((operation, index) => ({ operation, number: index + 1 }));
  const searches = numbered.flatMap(({ operation, number }) => (operation.kind === 'search' ? [formatSearch(operation, number)] : []));
  const writes = numbered.flatMap(({ operation, number }) => (operation.kind === 'write' ? [formatWrite(operation, number, format)] : []));
  return [
    ...(searches.length === 0 ? ['# No searches.'] : ['# Searches', ...searches]),
    ...(writes.length === 0 ? ['# No writes.'] : ['# Writes', ...writes]),
    ...notes.map(formatNote),
    formatAnswer(answer),
  ]
    .map((block) => block.trimEnd())
    .join('\n\n')
    .concat('\n');
}

const SCOPES = { base: 'base', one: 'one', subtree: 'sub' } as const;

/** As a command that asks the same. */
function formatSearch({ request, limit, sort, found }: RecordedSearch, number: number): string {
  const { base, scope, filter, attributes, matchedValues } = request;
  const words = [
    'ldapsearch',
    '-b',
    quoted(base),
    '-s',
    SCOPES[scope],
    ...(limit === undefined ? [] : ['-z', String(limit)]),
    ...(sort === undefined ? [] : ['-E', quoted(`sss=${sort.map(sortKey).join('/')}`)]),
    ...(matchedValues === undefined ? [] : ['-E', quoted(`!mv=(${matchedValues.map(formatLdapFilter).join('')})`)]),
    quoted(formatLdapFilter(filter)),
    ...(attributes.length === 0 ? ['1.1'] : attributes),
  ];
  return comment(
    [`${number}. ${words.join(' ')}`, ...(found.length === 0 ? ['   finds nothing'] : found.map((dn) => `   finds ${dn}`))].join('\n'),
  );
}

function sortKey({ attribute, orderingRule, reverse }: { attribute: string; orderingRule?: string; reverse: boolean }): string {
  return `${reverse ? '-' : ''}${attribute}${orderingRule === undefined ? '' : `:${orderingRule}`}`;
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function formatWrite(
  { change, controls, refused }: RecordedWrite,
  number: number,
  { lineOf, secretAttributes }: ExplanationFormat,
): string {
  const record = formatChanges([withoutControls(change)], { secretAttributes, commentOf: lineOf });
  const head = comment([`${number}. ${SAID_OF[change.kind]}`, ...controlLines(controls)].join('\n'));
  if (refused === undefined) return `${head}\n${record}`;
  return `${head}\n${comment(`refused by the directory: ${refused.reason} (${refused.code})\n${record}`)}`;
}

const SAID_OF: Record<Change['kind'], string> = {
  add: 'add',
  modify: 'modify',
  rename: 'rename',
  delete: 'delete',
  password: 'extended operation',
};

/** What goes with the record is told by `controls`. */
function withoutControls(change: Change): Change {
  switch (change.kind) {
    case 'add':
    case 'password':
      return change;
    case 'modify': {
      const { assertion: _assertion, permissive: _permissive, ...rest } = change;
      return rest;
    }
    case 'rename':
    case 'delete': {
      const { assertion: _assertion, ...rest } = change;
      return rest;
    }
    default:
      return change satisfies never;
  }
}

function controlLines({ assertion, postRead, permissive }: WriteControls): readonly string[] {
  return [
    ...(assertion === undefined ? [] : [`   control 1.3.6.1.1.12 (assertion): ${formatLdapFilter(assertion)}`]),
    ...(permissive ? ['   control 1.2.840.113556.1.4.1413 (permissive modify)'] : []),
    ...(postRead === undefined ? [] : [`   control 1.3.6.1.1.13.2 (post-read): ${postRead.join(' ')}`]),
  ];
}

function formatNote({ message, fields }: Note): string {
  const said = Object.entries(fields).map(
    ([name, value]) => `   ${name}: ${value instanceof Error ? value.message : JSON.stringify(value)}`,
  );
  return comment([`Log: ${message}`, ...said].join('\n'));
}

function formatAnswer({ status, headers, body }: ClientAnswer): string {
  const shown = ['location', 'etag', 'retry-after', 'allow'].flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [`${name}: ${String(value)}`];
  });
  return comment([`Answer: ${status}`, ...shown, ...(body === '' ? [] : [JSON.stringify(JSON.parse(body), null, 2)])].join('\n'));
}

function comment(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '#' : `# ${line}`))
    .join('\n');
}
