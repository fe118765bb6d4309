/**
 * What the length of a mapping file costs a request that isn't about it:  node bench/mapping.ts
 *
 * Prints microseconds per operation, the median of several rounds, for files of 10 and of 60 lines: a read of one attribute, a PATCH of
 * one, a filter on one. Everything but the directory: from the entry that was read to the plan of the write.
 */
import { performance } from 'node:perf_hooks';
import { mappingFileForm } from '../src/config/mapping-file-form.ts';
import { type Entry, makeEntry } from '../src/ldap/entry.ts';
import { parseLdapSchema } from '../src/ldap/schema.ts';
import { compileMapping } from '../src/mapping/compile.ts';
import type { LensContext } from '../src/mapping/lens.ts';
import type { ResourcePlan } from '../src/mapping/plan.ts';
import { attributesToRead, lensesFor, readEntry } from '../src/mapping/read-entry.ts';
import { NO_REFERENCES } from '../src/mapping/reference-table.ts';
import { translateFilter } from '../src/mapping/translate-filter.ts';
import { planUpdate } from '../src/mapping/write-entry.ts';
import { applyPatch } from '../src/scim/apply-patch.ts';
import { parseFilter } from '../src/scim/parse-filter.ts';
import { readProjection } from '../src/scim/projection.ts';
import { readPatch } from '../src/scim/read-patch.ts';

const BASE = 'ou=people,dc=example,dc=org';
const ACME = 'urn:example:scim:schemas:extension:acme:2.0:User';
const POLICY = { unknown: 'ignore', note: () => undefined } as const;

/** A mapping of so many lines: userName, title, and attributes of an extension that nobody asks for. */
function planOf(lineCount: number): ResourcePlan {
  const names = Array.from({ length: lineCount - 2 }, (_, index) => `extra${index}`);
  const file = mappingFileForm.parse({
    format: '1',
    users: {
      base: BASE,
      filter: '(objectClass=inetOrgPerson)',
      id: 'entryUUID',
      rdn: 'uid',
      objectClass: 'inetOrgPerson',
      attributes: { userName: 'uid', title: 'title', ...Object.fromEntries(names.map((name) => [`${ACME}:${name}`, name])) },
    },
    schemas: { [ACME]: { extends: 'User', attributes: Object.fromEntries(names.map((name) => [name, {}])) } },
  });
  const compiled = compileMapping(file, {
    file: 'bench',
    report(_path, _at, message) {
      throw new Error(message);
    },
  });
  if (!compiled.ok) throw new Error('the mapping of the benchmark does not compile');
  return compiled.plan.users;
}

const SYNTAX = '1.3.6.1.4.1.1466.115.121.1.15';
const names = ['uid', 'title', ...Array.from({ length: 58 }, (_, index) => `extra${index}`)];
const schema = parseLdapSchema(
  names.map((name, index) => `( 1.3.6.1.4.1.32473.1.${index} NAME '${name}' EQUALITY caseIgnoreMatch SYNTAX ${SYNTAX} )`),
  [],
);
const context: LensContext = { schema, references: NO_REFERENCES };

/** Ada, with a value for whatever a mapping names. */
function entryWith(attributes: readonly string[]): Entry {
  const values = new Map([
    ['uid', 'ada'],
    ['entryUUID', '00000000-0000-4000-8000-00000000000a'],
    ['entryCSN', '1'],
  ]);
  return makeEntry(
    `uid=ada,${BASE}`,
    attributes.map((name) => ({ name, values: [values.get(name) ?? 'Countess'] })),
  );
}

/** The work of one request on one attribute. */
const OPERATIONS: readonly (readonly [name: string, prepare: (plan: ResourcePlan) => () => unknown])[] = [
  [
    'read one attribute',
    (plan) => {
      const projection = readProjection(['title'], undefined, plan.resourceType);
      const entry = entryWith(names);
      return () => {
        const lenses = lensesFor(plan, projection);
        return [attributesToRead(plan, lenses), readEntry(plan, lenses, entry, 'x', context)];
      };
    },
  ],
  [
    'PATCH one attribute',
    (plan) => {
      const entry = entryWith([...names, 'entryUUID', 'entryCSN', 'objectClass']);
      let turn = 0;
      return () => {
        turn += 1;
        const body = { Operations: [{ op: 'replace', path: 'title', value: `Countess ${turn}` }] };
        const before = readEntry(plan, plan.lenses, entry, 'x', context);
        const after = applyPatch(before, readPatch(body, plan.resourceType, POLICY), POLICY);
        return planUpdate(plan, plan.lenses, entry, before, after, context);
      };
    },
  ],
  ['filter on one attribute', (plan) => () => translateFilter(parseFilter('title eq "Countess"', plan.resourceType), plan, context)],
];

const ROUNDS = 15;
const REPETITIONS = 5000;

/** Microseconds for one. */
function measure(work: () => unknown): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    for (let index = 0; index < REPETITIONS; index += 1) work();
    return ((performance.now() - start) * 1000) / REPETITIONS;
  });
  return rounds.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
}

const [short, long] = [planOf(10), planOf(60)];
const rows = OPERATIONS.map(([name, prepare]) => {
  const [ten, sixty] = [measure(prepare(short)), measure(prepare(long))];
  return [name, ten.toFixed(1), sixty.toFixed(1), (sixty / ten).toFixed(2)];
});
const table = [['µs per operation', '10 lines', '60 lines', 'ratio'], ...rows];
process.stdout.write(
  `${table.map(([name = '', ...cells]) => name.padEnd(26) + cells.map((cell) => cell.padStart(10)).join('')).join('\n')}\n`,
);
