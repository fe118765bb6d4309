import type { YamlPath } from '../config/yaml-source.ts';
import { attributeKey } from '../ldap/attribute-description.ts';
import { databaseOf, type SlapdConfiguration } from '../ldap/slapd-configuration.ts';
import type { Lens } from '../mapping/lens.ts';
import { isReferenceLens } from '../mapping/plan.ts';
import { type Finding, inMapping } from './finding.ts';
import { lineAt, type Section } from './section.ts';
import type { LookUp, SectionSurvey } from './survey.ts';

/** An attribute that the bridge looks entries up by, and the place that makes it. */
export interface LookedUp {
  readonly attribute: string;
  readonly path: YamlPath;
}

/** What has to be indexed for equality: the id, what clients ask for, and what follows renames and deletes. */
export function lookedUpAttributes(section: Section): readonly LookedUp[] {
  const { plan, path } = section;
  const found = [
    { attribute: plan.id, path: [...path, 'id'] },
    ...plan.lenses.flatMap((lens) =>
      lens.ldap !== undefined && isLookedUp(lens, section) ? [{ attribute: lens.ldap, path: lineAt(section, lens.path) }] : [],
    ),
  ];
  return [...new Map(found.toReversed().map((each) => [attributeKey(each.attribute), each])).values()].toReversed();
}

function isLookedUp(lens: Lens, { plan }: Section): boolean {
  const { attribute, sub, isExtension } = lens.place.path;
  if (isReferenceLens(lens)) return lens.definition.mutability !== 'readOnly';
  if (isExtension) return false;
  if (attribute.name === 'emails') return sub === undefined || sub.name === 'value';
  return attribute.name === 'externalId' || attribute.name === (plan.target === 'users' ? 'userName' : 'displayName');
}

/** Indexes that are missing: by `cn=config` where it is readable, otherwise by how long a look-up takes. */
export function inspectIndexes(survey: SectionSurvey, slapd: SlapdConfiguration | undefined): readonly Finding[] {
  const { section } = survey;
  const missing = slapd === undefined ? slowOf(survey) : missingIndexes(section, slapd).map((each) => ({ ...each, lookUp: undefined }));
  return missing.map(({ attribute, path, lookUp }) => ({
    severity: 'warning',
    place: inMapping(path),
    message:
      lookUp === undefined
        ? `${attribute} has no index for equality: each look-up by it reads all entries`
        : `a look-up by ${attribute} takes ${round(lookUp.milliseconds)} ms, by DN ${round(lookUp.baseline)} ms: it seems to have no index`,
    help: `index ${attribute} eq; check --online --ldif prints the change for OpenLDAP`,
  }));
}

/** Of what is looked up, that which the database has no equality index for; nothing where its configuration isn't known. */
export function missingIndexes(section: Section, slapd: SlapdConfiguration): readonly LookedUp[] {
  const database = databaseOf(section.bases[0]?.dn ?? '', slapd);
  if (database === undefined) return [];
  return lookedUpAttributes(section).filter(({ attribute }) => database.indexes.get(attributeKey(attribute))?.has('eq') !== true);
}

/** Fewer entries are read quickly without any index. */
const FEWEST_ENTRIES = 1000;
/** Searches by index take as long as by DN, give or take the machine. */
const MOST_TIMES_BASELINE = 5;
const FEWEST_MILLISECONDS = 2;

function slowOf({ section, tally, lookUps }: SectionSurvey): readonly (LookedUp & { readonly lookUp: LookUp })[] {
  if (tally.entries < FEWEST_ENTRIES) return [];
  return lookedUpAttributes(section).flatMap((each) => {
    const lookUp = lookUps.find(({ attribute }) => attributeKey(attribute) === attributeKey(each.attribute));
    const isSlow =
      lookUp !== undefined && lookUp.milliseconds > FEWEST_MILLISECONDS && lookUp.milliseconds > MOST_TIMES_BASELINE * lookUp.baseline;
    return isSlow ? [{ ...each, lookUp }] : [];
  });
}

function round(milliseconds: number): string {
  return milliseconds.toFixed(1);
}
