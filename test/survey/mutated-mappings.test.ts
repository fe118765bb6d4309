import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDirectory, type LdapDirectory } from '../../src/directory/ldapts-directory.ts';
import { inspectSchema } from '../../src/inspection/inspect-schema.ts';
import { sampleReferences } from '../../src/inspection/rehearse.ts';
import { sampleResource } from '../../src/inspection/sample-resource.ts';
import type { Section } from '../../src/inspection/section.ts';
import type { LdapSchema } from '../../src/ldap/schema.ts';
import { attributesToWrite, readEntry } from '../../src/mapping/read-entry.ts';
import { planCreate, planUpdate } from '../../src/mapping/write-entry.ts';
import type { WritePlan } from '../../src/mapping/write-plan.ts';
import { shippedSections } from '../inspection/support/shipped-sections.ts';
import { recordingLog } from '../support/directory-log.ts';
import { type OpenLdap, startOpenLdap } from '../support/openldap.ts';

/** Half the mutants are told by the compiler, most others by the schema; what is left must work. */
const RUNS = 200;
const TIMEOUT_MS = 120_000;

let ldap: OpenLdap;
let directory: LdapDirectory;
let schema: LdapSchema;

beforeAll(async () => {
  ldap = await startOpenLdap();
  const { url, bindDn, bindPassword } = ldap;
  directory = connectDirectory({ urls: [url], bindDn, bindPassword, timeoutMs: 20_000, connections: 1 }, recordingLog());
  ({ schema } = await directory.facts());
});

afterAll(async () => {
  await directory.close();
  await ldap.stop();
});

test('a mapping that passes fails no create or update of a complete user or group for a reason that the schema could have told', {
  timeout: TIMEOUT_MS,
}, async () => {
  const counts = { refused: 0, found: 0, carriedOut: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(anyMutation(schema), { minLength: 1, maxLength: 3 }), async (mutations) => {
      const sections = shippedSections((text) => mutations.reduce((mutated, mutate) => mutate.apply(mutated), text));
      if (sections === undefined) {
        counts.refused += 1;
        return;
      }
      for (const section of sections) {
        const errors = inspectSchema(section, schema).filter(({ severity }) => severity === 'error');
        if (errors.length > 0) counts.found += 1;
        else {
          counts.carriedOut += 1;
          await createAndUpdate(section).catch(async (error: unknown) => {
            await ldap.reset();
            throw error;
          });
        }
      }
    }),
    { numRuns: RUNS },
  );
  expect(counts.refused).toBeGreaterThan(RUNS / 20);
  expect(counts.found).toBeGreaterThan(RUNS / 10);
  expect(counts.carriedOut).toBeGreaterThan(RUNS / 2);
});

async function createAndUpdate(section: Section): Promise<void> {
  const { plan } = section;
  const context = { schema, references: sampleReferences(plan) };
  const created = planCreate(plan, sampleResource(plan, 0), context);
  await carryOut(created);
  const lenses = plan.lenses.filter(({ kind }) => kind !== 'password');
  const request = { base: created.dn, scope: 'base', filter: { kind: 'present', attribute: 'objectClass' } } as const;
  const [entry] = await directory.search({ ...request, attributes: attributesToWrite(plan, lenses) });
  if (entry === undefined) throw new Error(`${created.dn} was not created`);
  const before = readEntry(plan, lenses, entry, 'https://scim.example.org/Users/1', context);
  const updated = planUpdate(plan, lenses, entry, before, sampleResource(plan, 1), context);
  await carryOut(updated);
  await directory.write({ kind: 'delete', dn: updated.dn });
}

/** Passwords apart, which aren't a matter of the schema. */
async function carryOut({ changes }: WritePlan): Promise<void> {
  for (const { change } of changes) if (change.kind !== 'password') await directory.write(change);
}

interface Mutation {
  readonly apply: (text: string) => string;
  readonly toString: () => string;
}

/** Overlays have their own rules about these: a password policy is no part of the schema. */
const WITH_RULES_OF_THEIR_OWN = /^(userPassword|pwd.*)$/i;

function anyMutation({ attributeTypes, objectClasses }: LdapSchema): fc.Arbitrary<Mutation> {
  const attribute = fc.constantFrom(
    ...attributeTypes.flatMap(({ names: [name] }) => (name === undefined || WITH_RULES_OF_THEIR_OWN.test(name) ? [] : [name])),
  );
  const objectClass = fc.constantFrom(...objectClasses.flatMap(({ names: [name] }) => name ?? []));
  const line = fc.nat();
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(line, attribute).map(([at, name]) => named(`line ${at} → ${name}`, (text) => replaceInLine(text, at, name))),
    },
    { weight: 3, arbitrary: line.map((at) => named(`without line ${at}`, (text) => withoutLine(text, at))) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.boolean(), attribute)
        .map(([first, name]) => named(`rdn ${name}`, (text) => replaceNth(text, /^( +rdn: )\w+/gm, first ? 0 : 1, `$1${name}`))),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.boolean(), objectClass)
        .map(([first, name]) => named(`class ${name}`, (text) => replaceNth(text, /^( +objectClass: \[)/gm, first ? 0 : 1, `$1${name}, `))),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.boolean(), fc.nat(4))
        .map(([first, at]) => named(`without class ${at}`, (text) => withoutClass(text, first ? 0 : 1, at))),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(line, fc.constantFrom('42', '-', 'TRUE', 'cn=x'))
        .map(([at, value]) => named(`whenEmpty ${value} in ${at}`, (text) => withPlaceholder(text, at, value))),
    },
    {
      weight: 1,
      arbitrary: attribute.map((name) =>
        named(`generated ${name}`, (text) => text.replace(/^ {4}cn: {5}/m, `    ${name}: '{userName}'\n    cn:     `)),
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(line, fc.constantFrom('integer', 'boolean', 'generalizedTime', 'base64', 'json'))
        .map(([at, word]) => named(`encoding ${word} in ${at}`, (text) => withEncoding(text, at, word))),
    },
  );
}

function named(name: string, apply: (text: string) => string): Mutation {
  return { apply, toString: () => name };
}

const LINE = /^ {4}(\S.*?): +(?:\{ ldap: )?([A-Za-z]+)/;

/** The attribute lines: `    userName:   { ldap: uid, … }` and `    title:   title`. */
function editLine(text: string, at: number, edit: (line: string) => string | undefined): string {
  const lines = text.split('\n');
  const places = [...lines.keys()].filter((index) => LINE.test(lines[index] ?? '') && !(lines[index] ?? '').trimStart().startsWith('#'));
  const place = places[at % places.length] ?? 0;
  const edited = edit(lines[place] ?? '');
  return (edited === undefined ? lines.toSpliced(place, 1) : lines.with(place, edited)).join('\n');
}

const replaceInLine = (text: string, at: number, name: string) =>
  editLine(text, at, (line) => line.replace(/(: +(?:\{ ldap: )?)([A-Za-z]+)/, (_all, before: string) => `${before}${name}`));
const withoutLine = (text: string, at: number) => editLine(text, at, () => undefined);
const withKey = (line: string, key: string) =>
  line.includes('{ ldap:') ? line.replace(' }', `, ${key} }`) : line.replace(/: +([A-Za-z]+)/, `: { ldap: $1, ${key} }`);
const withPlaceholder = (text: string, at: number, value: string) =>
  editLine(text, at, (line) =>
    line.includes('whenEmpty') ? line.replace(/whenEmpty: '[^']*'/, `whenEmpty: '${value}'`) : withKey(line, `whenEmpty: '${value}'`),
  );
const withEncoding = (text: string, at: number, word: string) => editLine(text, at, (line) => withKey(line, `encoding: ${word}`));

function replaceNth(text: string, pattern: RegExp, nth: number, replacement: string): string {
  let count = -1;
  return text.replace(pattern, (found, ...groups: string[]) => {
    count += 1;
    return count === nth ? replacement.replace('$1', groups[0] ?? '') : found;
  });
}

function withoutClass(text: string, nth: number, at: number): string {
  let count = -1;
  return text.replace(/^( +objectClass: \[)([^\]]*)/gm, (found, before: string, list: string) => {
    count += 1;
    const classes = list.split(', ');
    return count === nth && classes.length > 1 ? `${before}${classes.toSpliced(at % classes.length, 1).join(', ')}` : found;
  });
}
