import { type Entry, makeEntry } from '../ldap/entry.ts';
import { formatEntry } from '../ldap/format-ldif.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { isTextLens, type ResourcePlan } from '../mapping/plan.ts';
import { readEntry } from '../mapping/read-entry.ts';
import { NO_REFERENCES } from '../mapping/reference-table.ts';
import { pseudonymise } from './pseudonymise.ts';

/** An item of `examples`, as lines of YAML. */
export type DraftExample = readonly string[];

/** What of an answer differs between directories, or is made up anew each time. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['id', 'meta', 'schemas']);

/** The entry that has most of what is mapped, with nothing of the person left, and what clients are shown of it. */
export function draftReading(plan: ResourcePlan, entries: readonly Entry[], schema: LdapSchema): DraftExample | undefined {
  const lenses = plan.lenses.filter(isTextLens);
  const filled = (entry: Entry) => lenses.filter((lens) => lens.get(entry, { schema, references: NO_REFERENCES }).length > 0).length;
  const [fullest] = entries.toSorted((a, b) => filled(b) - filled(a));
  const base = plan.branches.at(-1)?.base;
  if (fullest === undefined || base === undefined) return undefined;
  const { dn, attributes } = pseudonymise(plan, fullest, schema, base);
  const { adoption } = plan;
  const mark = adoption.kind === 'any' ? [] : [{ name: 'objectClass', values: [adoption.mark] }];
  const entry = makeEntry(dn, [...attributes, ...mark]);
  const shown = readEntry(plan, plan.lenses, entry, '', { schema, references: NO_REFERENCES });
  const body = Object.fromEntries(Object.entries(shown).filter(([name]) => !NOT_COMPARED.has(name)));
  const endpoint = plan.target === 'users' ? 'Users' : 'Groups';
  return [
    `  - name: ${plan.target === 'users' ? 'a user' : 'a group'} as they are here, letters and digits masked`,
    `    request: GET /${endpoint}/{id}`,
    '    entry: |',
    ...formatEntry(entry)
      .trimEnd()
      .split('\n')
      .map((line) => `      ${line}`),
    '    answer:',
    '      status: 200',
    `      body: ${JSON.stringify(body)}`,
  ];
}

export function printExamples(examples: readonly DraftExample[]): string {
  if (examples.length === 0) return '';
  const head = ['', '# What the lines above come to; `check` carries these out in memory, also before every reload.', 'examples:'];
  return `${[...head, ...examples.flat()].join('\n')}\n`;
}
