import { attributeKey } from '../ldap/attribute-description.ts';
import type { Change, ModifyChange } from '../ldap/change.ts';
import { databaseOf, FRONTEND_DN, namesInIndex, type SlapdConfiguration, type SlapdDatabase } from '../ldap/slapd-configuration.ts';
import { isReferenceLens, isWritten, passwordLensOf } from '../mapping/plan.ts';
import { lookedUpAttributes, missingIndexes } from './inspect-indexes.ts';
import { hasNoLimit } from './inspect-limits.ts';
import type { SectionSurvey, Survey } from './survey.ts';

/** Where the first database of Debian's package is configured; a guess where `cn=config` can't be read. */
const USUAL_DATABASE = 'olcDatabase={1}mdb,cn=config';

export interface SlapdRecommendation {
  readonly changes: readonly Change[];
  /** Whether the changes are those that are missing; otherwise all that the mapping needs, for nobody could look. */
  readonly isExact: boolean;
}

/**
 * The changes of slapd's configuration that the mapping asks for: indexes, limits and rights of our account, sorted members.
 * One record for one thing, so that `ldapmodify -c` does what is missing and passes over what is there.
 */
export function recommendSlapdChanges({ slapd, sections, bindDn }: Survey): SlapdRecommendation {
  const byDatabase = Map.groupBy(sections, ({ section }) =>
    slapd === undefined ? undefined : databaseOf(section.bases[0]?.dn ?? '', slapd),
  );
  const changes = [...byDatabase].flatMap(([database, surveys]) => {
    const dn = database?.dn ?? USUAL_DATABASE;
    return [
      ...indexChanges(dn, database, surveys, slapd),
      ...limitChanges(dn, database, bindDn),
      ...surveys.flatMap((survey) => accessChanges(dn, database, survey, bindDn)),
    ];
  });
  return { changes: [...changes, ...sortChanges(sections, slapd)], isExact: slapd !== undefined };
}

function add(dn: string, attribute: string, value: string): ModifyChange {
  return { kind: 'modify', dn, modifications: [{ operation: 'add', attribute, values: [value] }] };
}

function indexChanges(
  dn: string,
  database: SlapdDatabase | undefined,
  surveys: readonly SectionSurvey[],
  slapd: SlapdConfiguration | undefined,
): readonly Change[] {
  const wanted = surveys.flatMap(({ section }) => (slapd === undefined ? lookedUpAttributes(section) : missingIndexes(section, slapd)));
  const names = new Map(wanted.map(({ attribute }) => [attributeKey(attribute), attribute]));
  return [...names].map(([key, name]) => {
    // An attribute has one index: of other kinds, as for substrings, its line gets this kind too.
    const line = database?.indexLines.find((each) => namesInIndex(each).some((one) => attributeKey(one) === key));
    if (line === undefined) return add(dn, 'olcDbIndex', `${name} eq`);
    const values = [line.trimEnd().includes(' ') ? `${line},eq` : `${line} eq`];
    return {
      kind: 'modify',
      dn,
      modifications: [
        { operation: 'delete', attribute: 'olcDbIndex', values: [line] },
        { operation: 'add', attribute: 'olcDbIndex', values },
      ],
    };
  });
}

function limitChanges(dn: string, database: SlapdDatabase | undefined, bindDn: string): readonly Change[] {
  if (database !== undefined && hasNoLimit(database, bindDn)) return [];
  return [add(dn, 'olcLimits', `dn.exact="${bindDn}" size=unlimited size.pr=1000 size.prtotal=unlimited time=unlimited`)];
}

/**
 * Before the rules that are there, and passing everybody else on to them. The last one comes first: passwords may be written and not
 * be read. Where all that was tried may be written, there is nothing to add; nor where nothing could be tried and a rule is there.
 */
function accessChanges(
  dn: string,
  database: SlapdDatabase | undefined,
  { section, rights }: SectionSurvey,
  bindDn: string,
): readonly Change[] {
  const isDenied = [...rights.values()].includes('denied');
  const isKnown = rights.size > 0 || database?.access.some((rule) => rule.includes(bindDn)) === true;
  if (!isDenied && isKnown) return [];
  const password = passwordLensOf(section.plan)?.ldap;
  return section.bases.flatMap((base) => [
    add(dn, 'olcAccess', `{0}to dn.subtree="${base.dn}" by dn.exact="${bindDn}" write by * break`),
    ...(password === undefined
      ? []
      : [add(dn, 'olcAccess', `{0}to dn.subtree="${base.dn}" attrs=${password} by dn.exact="${bindDn}" =w by * break`)]),
  ]);
}

function sortChanges(surveys: readonly SectionSurvey[], slapd: SlapdConfiguration | undefined): readonly Change[] {
  const groups = surveys.map(({ section }) => section.plan).filter(({ target }) => target === 'groups');
  const members = groups.flatMap(({ lenses }) =>
    lenses
      .filter(isReferenceLens)
      .filter(isWritten)
      .map(({ ldap }) => ldap),
  );
  const missing = [...new Set(members)].filter((name) => slapd?.sortedAttributes.has(name.toLowerCase()) !== true);
  return missing.map((name) => add(slapd?.frontendDn ?? FRONTEND_DN, 'olcSortVals', name));
}
