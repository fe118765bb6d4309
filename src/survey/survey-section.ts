import type { Directory } from '../directory/directory.ts';
import { DirectoryError } from '../directory/directory-error.ts';
import { lookedUpAttributes } from '../inspection/inspect-indexes.ts';
import type { Section } from '../inspection/section.ts';
import type { BaseSurvey, LookUp, SectionSurvey } from '../inspection/survey.ts';
import { essentialLens, Tally } from '../inspection/tally.ts';
import { dnKey } from '../ldap/dn.ts';
import { type Entry, hasClass, valuesOf } from '../ldap/entry.ts';
import { ANY_ENTRY, allOf, type LdapFilter, negate } from '../ldap/filter.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { isReferenceLens, isTextLens, type ResourcePlan, withUnmarked } from '../mapping/plan.ts';
import { followReferences } from './follow-references.ts';
import { probeRights } from './probe-rights.ts';
import { unlessRefused } from './unless-refused.ts';

/** How many entries are looked through; of more, these stand for all. */
const MOST_ENTRIES = 20_000;
/** How many of them are kept to try things with. */
const KEPT_ENTRIES = 50;

/** Asks about the entries of one section. @throws DirectoryError `unavailable`, `credentials` */
export async function surveySection(
  directory: Directory,
  section: Section,
  sections: readonly Section[],
  schema: LdapSchema,
): Promise<SectionSurvey> {
  // With the entries that aren't adopted: they show what there is as well as ours, of which there may be none yet.
  const plan = withUnmarked(section.plan);
  const bases: BaseSurvey[] = [];
  for (const { dn } of section.bases) bases.push(await surveyBase(directory, plan, dn, sections, schema));
  const there = plan.searchBases.filter((base) => bases.some(({ dn, isThere }) => isThere && dn === base));
  const { tally, sample, reach, unmarked } = await readEntries(directory, plan, there, schema);
  return {
    section,
    bases,
    tally: tally.result(),
    reach,
    unmarked,
    foundById: await isFoundById(directory, plan, there, sample),
    rights: await probeRights(directory, plan, sample[0], schema),
    lookUps: await timeLookUps(directory, section, schema, there, sample[0]),
    references: await followReferences(directory, plan, there, schema),
  };
}

/** The classes of entries that only hold others. */
const STRUCTURE = ['organizationalUnit', 'organization', 'container', 'domain', 'dcObject'];

async function surveyBase(
  directory: Directory,
  plan: ResourcePlan,
  dn: string,
  sections: readonly Section[],
  schema: LdapSchema,
): Promise<BaseSurvey> {
  const found = await unlessRefused(directory.search({ base: dn, scope: 'base', filter: ANY_ENTRY, attributes: [] }), []);
  if (found.length === 0) return { dn, isThere: false, missed: 0, missedNamed: 0 };
  // What lies in another base is counted there.
  if (!plan.searchBases.includes(dn)) return { dn, isThere: true, missed: 0, missedNamed: 0 };
  const lens = essentialLens(plan);
  const attribute = lens?.ldap ?? plan.rdn;
  // A class that the schema lacks would make the whole filter undefined.
  const structure = STRUCTURE.filter((name) => schema.objectClass(name) !== undefined).map(
    (value): LdapFilter => ({ kind: 'equality', attribute: 'objectClass', value }),
  );
  const filter = allOf(...sections.map((section) => negate(withUnmarked(section.plan).filter)), ...structure.map(negate));
  const request = { base: dn, scope: 'subtree', filter, attributes: [attribute] } as const;
  const missed: Entry[] = [];
  await eachPage(directory, request, (entries) => {
    missed.push(...entries.filter((entry) => dnKey(entry.dn) !== dnKey(dn)));
    return missed.length < MOST_ENTRIES;
  });
  const named = missed.filter((entry) => valuesOf(entry, attribute).length > 0);
  const [example] = [...named, ...missed];
  return {
    dn,
    isThere: true,
    missed: missed.length,
    missedNamed: named.length,
    ...(example === undefined ? {} : { exampleOfMissed: example.dn }),
  };
}

interface Reading {
  readonly tally: Tally;
  /** The first ones. */
  readonly sample: readonly Entry[];
  readonly reach: SectionSurvey['reach'];
  readonly unmarked: number;
}

/** Looks through the entries once, without their references: a group's members aren't needed to count groups. */
async function readEntries(directory: Directory, plan: ResourcePlan, bases: readonly string[], schema: LdapSchema): Promise<Reading> {
  const tally = new Tally(plan, schema);
  const sample: Entry[] = [];
  let reach: Reading['reach'] = 'all';
  let unmarked = 0;
  const mark = plan.adoption.kind === 'any' ? undefined : plan.adoption.mark;
  const attributes = [
    plan.id,
    plan.rdn,
    ...(mark === undefined ? [] : ['objectClass']),
    ...plan.lenses.filter(isTextLens).flatMap(({ ldap }) => ldap ?? []),
  ];
  for (const base of bases) {
    const request = { base, scope: 'subtree', filter: plan.filter, attributes } as const;
    const ended = await eachPage(directory, request, (entries) => {
      for (const entry of entries) tally.add(entry);
      if (mark !== undefined) unmarked += entries.filter((entry) => !hasClass(entry, mark)).length;
      sample.push(...entries.slice(0, KEPT_ENTRIES - sample.length));
      return tally.result().entries < MOST_ENTRIES;
    });
    if (ended !== 'end') reach = ended;
  }
  return { tally, sample, reach, unmarked };
}

/** Page after page, as long as they are wanted and the server gives them. */
async function eachPage(
  directory: Directory,
  request: Parameters<Directory['searchPages']>[0],
  take: (entries: readonly Entry[]) => boolean,
): Promise<'end' | 'sample' | 'serverLimit'> {
  try {
    for await (const entries of directory.searchPages(request)) if (!take(entries)) return 'sample';
    return 'end';
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    if (error.kind === 'tooLarge') return 'serverLimit';
    if (error.kind === 'refused') return 'end';
    throw error;
  }
}

async function isFoundById(
  directory: Directory,
  plan: ResourcePlan,
  bases: readonly string[],
  sample: readonly Entry[],
): Promise<boolean | undefined> {
  const entry = sample.find((each) => valuesOf(each, plan.id).length > 0);
  const [value] = entry === undefined ? [] : valuesOf(entry, plan.id);
  if (entry === undefined || value === undefined) return undefined;
  const filter = allOf(plan.filter, { kind: 'equality', attribute: plan.id, value });
  for (const base of bases) {
    const { entries } = await directory.searchFirst({ base, scope: 'subtree', filter, attributes: [] }, 2);
    if (entries.some(({ dn }) => dnKey(dn) === dnKey(entry.dn))) return true;
  }
  return false;
}

/** How often a search is timed; the fastest counts, for the machine may have had other things to do. */
const TIMES = 5;

/** Times look-ups for values that nobody has: what is indexed answers as fast as a search by DN. */
async function timeLookUps(
  directory: Directory,
  section: Section,
  schema: LdapSchema,
  [base]: readonly string[],
  entry: Entry | undefined,
): Promise<readonly LookUp[]> {
  if (base === undefined || entry === undefined) return [];
  const baseline = await fastest(() => directory.search({ base: entry.dn, scope: 'base', filter: ANY_ENTRY, attributes: [] }));
  const lookUps: LookUp[] = [];
  for (const { attribute } of lookedUpAttributes(section)) {
    if (schema.attributeType(attribute)?.equality === undefined) continue;
    const isReference = section.plan.lenses.some((lens) => isReferenceLens(lens) && lens.ldap === attribute);
    const value = isReference ? `cn=no-such-value,${base}` : NO_SUCH_VALUE;
    const filter: LdapFilter = { kind: 'equality', attribute, value };
    const milliseconds = await fastest(() => unlessRefused(directory.search({ base, scope: 'subtree', filter, attributes: [] }), []));
    lookUps.push({ attribute, milliseconds, baseline });
  }
  return lookUps;
}

/** A UUID, so that attributes of that syntax are really looked up too. */
const NO_SUCH_VALUE = '00000000-0000-0000-0000-000000000000';

async function fastest(search: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < TIMES; time += 1) {
    const start = performance.now();
    await search();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}
