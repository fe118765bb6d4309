import { attributeKey } from './attribute-description.ts';
import { isWithin } from './dn.ts';
import { type Entry, textsOf, valuesOf } from './entry.ts';

/** What OpenLDAP's own configuration says (slapd-config(5)), as far as it was readable. */
export interface SlapdConfiguration {
  readonly databases: readonly SlapdDatabase[];
  /** Attributes whose values are kept sorted (`olcSortVals`), in lower case. */
  readonly sortedAttributes: ReadonlySet<string>;
  /** The frontend's entry, which holds `olcSortVals`. */
  readonly frontendDn: string;
}

export interface SlapdDatabase {
  readonly dn: string;
  readonly suffixes: readonly string[];
  /** `olcDbIndex` as written, `uid,mail eq,sub`. */
  readonly indexLines: readonly string[];
  /** Kinds of index by attribute in lower case. */
  readonly indexes: ReadonlyMap<string, ReadonlySet<string>>;
  readonly access: readonly string[];
  readonly limits: readonly string[];
  /** `olcSizeLimit`, of the database or of all. Absent: 500. */
  readonly sizeLimit?: string;
  readonly overlays: readonly SlapdOverlay[];
}

export interface SlapdOverlay {
  /** As in slapd.conf: memberof, refint, unique, ppolicy, dynlist. */
  readonly name: string;
  readonly entry: Entry;
}

/** Where it is, unless somebody has a reason. */
export const FRONTEND_DN = 'olcDatabase={-1}frontend,cn=config';

/** @param entries all that can be seen below `cn=config` */
export function readSlapdConfiguration(entries: readonly Entry[]): SlapdConfiguration {
  const withClass = (name: string) => entries.filter((entry) => textsOf(entry, 'objectClass').some((each) => each.toLowerCase() === name));
  const [global] = withClass('olcglobal');
  const [frontend] = withClass('olcfrontendconfig');
  const [limitOfAll] = [...textsOf(frontend, 'olcSizeLimit'), ...textsOf(global, 'olcSizeLimit')];
  const overlays = withClass('olcoverlayconfig').map((entry) => ({ name: bare(textsOf(entry, 'olcOverlay')[0] ?? ''), entry }));
  const databases = withClass('olcdatabaseconfig').filter((entry) => valuesOf(entry, 'olcSuffix').length > 0);
  return {
    frontendDn: frontend?.dn ?? FRONTEND_DN,
    sortedAttributes: new Set(textsOf(frontend, 'olcSortVals').flatMap((value) => value.toLowerCase().split(/\s+/))),
    databases: databases.map((entry) => {
      const [sizeLimit = limitOfAll] = textsOf(entry, 'olcSizeLimit');
      return {
        dn: entry.dn,
        suffixes: textsOf(entry, 'olcSuffix'),
        indexLines: textsOf(entry, 'olcDbIndex'),
        indexes: readIndexes(textsOf(entry, 'olcDbIndex')),
        access: textsOf(entry, 'olcAccess').map(bare),
        limits: textsOf(entry, 'olcLimits').map(bare),
        ...(sizeLimit === undefined ? {} : { sizeLimit }),
        overlays: overlays.filter((overlay) => isWithin(overlay.entry.dn, entry.dn)),
      };
    }),
  };
}

/** The database that holds an entry: of several suffixes the longest counts. */
export function databaseOf(dn: string, { databases }: SlapdConfiguration): SlapdDatabase | undefined {
  const depth = ({ suffixes }: SlapdDatabase) =>
    Math.max(...suffixes.filter((suffix) => isWithin(dn, suffix)).map((suffix) => suffix.length));
  const holding = databases.filter(({ suffixes }) => suffixes.some((suffix) => isWithin(dn, suffix)));
  return holding.toSorted((a, b) => depth(b) - depth(a))[0];
}

/** `uid,mail eq,sub` (slapd-mdb(5)): the attributes, then the kinds. */
function readIndexes(values: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const indexes = new Map<string, Set<string>>();
  for (const value of values) {
    const [, kinds = ''] = value.split(/\s+/);
    for (const name of namesInIndex(value)) {
      const known = indexes.get(attributeKey(name)) ?? new Set();
      for (const kind of kinds.toLowerCase().split(',')) if (kind !== '') known.add(kind);
      indexes.set(attributeKey(name), known);
    }
  }
  return indexes;
}

/** The attributes that a line of `olcDbIndex` is about. */
export function namesInIndex(line: string): readonly string[] {
  return line.replace(/\s.*$/, '').split(',');
}

/** Without the number that keeps values in order: `{1}mdb`. */
function bare(value: string): string {
  return value.replace(/^\{-?\d+\}/, '');
}
