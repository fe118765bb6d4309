import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseSync } from 'vite';
import { describe, expect, test } from 'vitest';

/** What a room under `src/` may import of ours: a room with all its files, or one file. */
interface Room {
  readonly mayImport: readonly string[];
  /** Only with `import type`. */
  readonly mayImportTypesOf: readonly string[];
  /** No clock, randomness, logger, environment or socket; no package, and of Node.js nothing but octets. */
  readonly pure: boolean;
}

/** The rooms in the order of the data; `main.ts` is one too. */
const ROOMS: ReadonlyMap<string, Room> = new Map([
  ['scim', { mayImport: [], mayImportTypesOf: [], pure: true }],
  ['ldap', { mayImport: [], mayImportTypesOf: [], pure: true }],
  ['mapping', { mayImport: ['scim', 'ldap'], mayImportTypesOf: ['config'], pure: true }],
  ['journal', { mayImport: ['ldap'], mayImportTypesOf: ['state'], pure: true }],
  ['state', { mayImport: ['journal'], mayImportTypesOf: ['ldap'], pure: false }],
  ['directory', { mayImport: ['ldap'], mayImportTypesOf: [], pure: false }],
  [
    'provisioning',
    {
      mayImport: ['scim', 'ldap', 'mapping', 'journal', 'directory/directory-error.ts'],
      mayImportTypesOf: ['directory/directory.ts', 'state'],
      pure: false,
    },
  ],
  ['inspection', { mayImport: ['scim', 'ldap', 'mapping'], mayImportTypesOf: ['config', 'directory/directory.ts'], pure: true }],
  ['rehearsal', { mayImport: ['scim', 'ldap', 'mapping'], mayImportTypesOf: [], pure: true }],
  ['drafting', { mayImport: ['scim', 'ldap', 'mapping'], mayImportTypesOf: ['directory/directory.ts'], pure: true }],
  [
    'survey',
    {
      mayImport: ['ldap', 'mapping', 'inspection', 'drafting', 'directory/directory-error.ts'],
      mayImportTypesOf: ['directory/directory.ts'],
      pure: false,
    },
  ],
  ['http', { mayImport: ['scim', 'provisioning'], mayImportTypesOf: [], pure: false }],
  [
    'explain',
    {
      mayImport: [
        'scim',
        'ldap',
        'mapping',
        'rehearsal',
        'http',
        'provisioning/create.ts',
        'provisioning/find-entry.ts',
        'provisioning/fresh-context.ts',
        'provisioning/modify.ts',
        'provisioning/query.ts',
        'provisioning/resolve-references.ts',
        'provisioning/search-plan.ts',
        'state/intent-journal.ts',
        'directory/directory-error.ts',
        'directory/result-codes.ts',
        'directory/write-controls.ts',
      ],
      mayImportTypesOf: [
        'directory/directory.ts',
        'provisioning/operation-context.ts',
        'provisioning/operating-mode.ts',
        'provisioning/audit.ts',
        'config',
      ],
      pure: false,
    },
  ],
  [
    'telemetry',
    {
      mayImport: ['ldap/result-code.ts'],
      mayImportTypesOf: ['directory/directory-observer.ts', 'http/request-observer.ts'],
      pure: false,
    },
  ],
  ['status', { mayImport: [], mayImportTypesOf: [], pure: true }],
  ['config', { mayImport: [], mayImportTypesOf: [], pure: false }],
]);

/** These wire the rooms together. */
const MAY_IMPORT_ALL: ReadonlySet<string> = new Set(['cli', 'main.ts']);

/** Packages that one room stands for; no other imports them, not even `cli`. */
const ROOM_OF_PACKAGE: ReadonlyMap<string, string> = new Map([
  ['ldapts', 'directory'],
  ['koa', 'http'],
  ['@koa/router', 'http'],
  ['yaml', 'config'],
  ['prom-client', 'telemetry'],
]);

const PURE_PARTS_OF_NODE: ReadonlySet<string> = new Set(['node:buffer']);
const IMPURE =
  /\b(?:Date\.now|new Date\(\s*\)|Math\.random|process\.|console\.|performance\.|crypto\.|setTimeout\(|setInterval\(|fetch\()/g;
const NAMES_THAT_SAY_NOTHING = /^(?:utils?|helpers?|common|base|misc|shared|types)(?:\.ts)?$/;
const LINES_AT_MOST = 400;

interface Import {
  readonly from: string;
  readonly offset: number;
  readonly typeOnly: boolean;
}

describe('src', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

  test.each(files)('%s', (file) => {
    expect(violations(file, readFileSync(join('src', file), 'utf8'))).toEqual([]);
  });
});

describe('what is planted is found', () => {
  test.each([
    ['a room that it may not see', 'scim/a.ts', "\nimport { b } from '../ldap/b.ts';", 'src/scim/a.ts:2: scim may not import ldap/b.ts'],
    ['a lazy import', 'config/a.ts', "await import('../cli/b.ts');", 'src/config/a.ts:1: config may not import cli/b.ts'],
    ['a re-export', 'ldap/a.ts', "export * from '../scim/b.ts';", 'src/ldap/a.ts:1: ldap may not import scim/b.ts'],
    [
      'a value where a type is allowed',
      'mapping/a.ts',
      "import { type B, c } from '../config/b.ts';",
      'src/mapping/a.ts:1: mapping may import config/b.ts only with `import type`',
    ],
    [
      'another file than the one allowed',
      'provisioning/a.ts',
      "import type { B } from '../directory/pool.ts';",
      'src/provisioning/a.ts:1: provisioning may not import directory/pool.ts',
    ],
    ['a package of another room', 'cli/a.ts', "import { Client } from 'ldapts';", 'src/cli/a.ts:1: only directory imports ldapts'],
    [
      'a package in a pure room',
      'scim/a.ts',
      "import { z } from 'zod/mini';",
      'src/scim/a.ts:1: scim is pure, zod/mini has no place in it',
    ],
    [
      'Node.js in a pure room',
      'ldap/a.ts',
      "import type { B } from 'node:fs';",
      'src/ldap/a.ts:1: ldap is pure, node:fs has no place in it',
    ],
    ['a clock in a pure room', 'mapping/a.ts', '// new Date()\nconst a = Date.now();', 'src/mapping/a.ts:2: mapping is pure: Date.now'],
    ['a default export', 'http/a.ts', 'export default 1;', 'src/http/a.ts:1: default export'],
    ['a name that says nothing', 'http/helpers/a.ts', '', 'src/http/helpers/a.ts:1: "helpers" says nothing of what is in it'],
    ['a new room', 'core/a.ts', '', 'src/core/a.ts:1: there is no room "core"'],
    ['a long file', 'http/a.ts', '\n'.repeat(LINES_AT_MOST + 1), 'src/http/a.ts:401: more than 400 lines'],
  ])('%s', (_, file, text, violation) => {
    expect(violations(file, text)).toEqual([violation]);
  });

  test('and what is allowed passes', () => {
    const text = `
      import type { A } from '../config/a.ts';
      import { b } from '../scim/b.ts';
      import { c } from './lenses/c.ts';
      import d from './d.json' with { type: 'json' };
      /** As process.env, or console.log: only words in a comment. */
      export const e = new Date(0);`;
    expect(violations('mapping/a.ts', text)).toEqual([]);
  });
});

/**
 * @param file below `src`, with `/`
 * @returns `file:line: what is wrong`, in no particular order
 */
function violations(file: string, text: string): string[] {
  const { comments, errors, module } = parseSync(file, text);
  const at = (offset: number, message: string): string => `src/${file}:${text.slice(0, offset).split('\n').length}: ${message}`;

  const imports: Import[] = [
    ...module.staticImports.map(({ entries, moduleRequest }) => ({
      from: moduleRequest.value,
      offset: moduleRequest.start,
      typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ isType, moduleRequest }) =>
        moduleRequest === null ? [] : [{ from: moduleRequest.value, offset: moduleRequest.start, typeOnly: isType }],
      ),
    ),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
      from: text.slice(start, end).replaceAll(/['"`]/g, ''),
      offset: start,
      typeOnly: false,
    })),
  ];
  const room = file.split('/')[0] ?? file;
  const defaults = module.staticExports.filter(({ entries }) => entries.some(({ exportName }) => exportName.kind === 'Default'));
  const nameless = file.split('/').filter((part) => NAMES_THAT_SAY_NOTHING.test(part));
  const lines = text.replace(/\n$/, '').split('\n').length;

  return [
    ...errors.map(({ message }) => at(0, message)),
    ...imports.flatMap((one) => importViolation(file, one).map((message) => at(one.offset, message))),
    ...(ROOMS.get(room)?.pure === true
      ? [...withoutComments(text, comments).matchAll(IMPURE)].map((found) => at(found.index, `${room} is pure: ${found[0]}`))
      : []),
    ...defaults.map(({ start }) => at(start, 'default export')),
    ...nameless.map((part) => at(0, `"${part}" says nothing of what is in it`)),
    ...(ROOMS.has(room) || MAY_IMPORT_ALL.has(room) ? [] : [at(0, `there is no room "${room}"`)]),
    ...(lines > LINES_AT_MOST ? [`src/${file}:${LINES_AT_MOST + 1}: more than ${LINES_AT_MOST} lines`] : []),
  ];
}

function importViolation(file: string, { from, typeOnly }: Import): string[] {
  const name = file.split('/')[0] ?? file;
  const room = ROOMS.get(name);

  if (!from.startsWith('.')) {
    const owner = ROOM_OF_PACKAGE.get(from);
    if (owner !== undefined && owner !== name) return [`only ${owner} imports ${from}`];
    return room?.pure === true && !PURE_PARTS_OF_NODE.has(from) ? [`${name} is pure, ${from} has no place in it`] : [];
  }

  const target = normalize(join(dirname(file), from));
  const isOneOf = (allowed: readonly string[]): boolean => allowed.some((one) => target === one || target.startsWith(`${one}/`));
  if (room === undefined || isOneOf([name, ...room.mayImport])) return [];
  if (!isOneOf(room.mayImportTypesOf)) return [`${name} may not import ${target}`];
  return typeOnly ? [] : [`${name} may import ${target} only with \`import type\``];
}

/** The same text with every comment blanked, so that offsets stay what they are. */
function withoutComments(text: string, comments: readonly { readonly start: number; readonly end: number }[]): string {
  return comments.reduce((left, { start, end }) => left.slice(0, start) + ' '.repeat(end - start) + left.slice(end), text);
}
