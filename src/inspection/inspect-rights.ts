import { attributeKey } from '../ldap/attribute-description.ts';
import { type Finding, inDirectory, inMapping } from './finding.ts';
import { lineAt, type Section } from './section.ts';
import type { SectionSurvey } from './survey.ts';

/** What our account may not write. Whether it may add entries shows only when it does. */
export function inspectRights({ section, rights, tally }: SectionSurvey, bindDn: string): readonly Finding[] {
  const denied = [...rights].filter(([, right]) => right === 'denied').map(([attribute]) => attribute);
  if (denied.length === 0) {
    if (tally.entries > 0) return [];
    const place = inMapping(section.bases[0]?.path ?? section.path);
    return [{ severity: 'note', place, message: `there are no ${section.plan.target} yet: what our account may write was not tried` }];
  }
  if (![...rights.values()].includes('granted')) {
    return [
      {
        severity: 'error',
        place: inDirectory('bindDn'),
        message: `${bindDn} may write nothing below ${section.bases[0]?.dn ?? ''}`,
        help: 'give it the right to write there; check --online --ldif prints the change for OpenLDAP',
      },
    ];
  }
  return denied.map((attribute) => ({
    severity: 'error',
    place: placeOf(section, attribute),
    message: `${bindDn} may not write ${attribute}`,
    help: 'give it the right, or add mutability: readOnly to the line',
  }));
}

function placeOf(section: Section, attribute: string): Finding['place'] {
  const key = attributeKey(attribute);
  const lens = section.plan.lenses.find(({ ldap }) => ldap !== undefined && attributeKey(ldap) === key);
  return inMapping(lens === undefined ? [...section.path, 'generated', attribute] : lineAt(section, lens.path));
}
