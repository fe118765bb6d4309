import { type Finding, inMapping, type Remark } from './finding.ts';
import { lineAt, type Section } from './section.ts';
import type { BaseSurvey, SectionSurvey } from './survey.ts';
import type { Count } from './tally.ts';

/** What the entries of a section show: whether they are there, and whether the lines fit them. */
export function inspectEntries(survey: SectionSurvey): readonly Finding[] {
  const { section, bases, tally } = survey;
  const what = section.plan.target;
  return [
    ...bases.flatMap((base, index) => inspectBase(section, base, section.bases[index]?.path ?? section.path)),
    ...inspectAdoption(survey),
    ...inspectIds(survey),
    ...perLine(section, tally.several, ({ count, example }, ldap) => ({
      severity: 'warning',
      message: `${count} of ${tally.entries} ${what} have several values of ${ldap}, such as ${example}: the first is shown`,
      help: 'a change exchanges that one and leaves the others; clearing it clears them all',
    })),
    ...perLine(section, tally.unreadable, ({ count, example }, ldap) => ({
      severity: 'warning',
      message: `${count} of ${tally.entries} ${what} have values of ${ldap} that this line can't read, such as ${example}`,
      help: 'they are kept and not shown; mend them, or the line',
    })),
    ...perLine(section, tally.missing, ({ count, example }, ldap) => ({
      severity: 'warning',
      message: `${count} of ${tally.entries} ${what} have no ${ldap}, such as ${example}, and this line is required`,
      help: 'updates of them are refused until they have one; or let filter leave them out',
    })),
    ...inspectDuplicates(survey),
    ...inspectReach(survey),
  ];
}

function inspectAdoption({ section: { plan, path }, tally, unmarked }: SectionSurvey): readonly Finding[] {
  const { target, adoption } = plan;
  if (adoption.kind === 'any' || unmarked === 0) return [];
  return [
    {
      severity: 'note',
      place: inMapping([...path, 'filter']),
      message: `${unmarked} of ${tally.entries} ${target} were not created here, lack the class ${adoption.mark}, and are hidden (adopt: ${adoption.kind})`,
      help: 'a rehearsal says with which of them new ones collide; with adopt: listed, scim-ldap-bridge adopt hands some over',
    },
  ];
}

function inspectBase({ plan, path }: Section, base: BaseSurvey, at: Section['path']): readonly Finding[] {
  if (!base.isThere) {
    return [
      {
        severity: 'error',
        place: inMapping(at),
        message: `there is no entry ${base.dn}, or our account may not see it`,
        help: 'correct the DN, create the entry, or let the account read it',
      },
    ];
  }
  if (base.missed === 0) return [];
  const such = base.exampleOfMissed === undefined ? '' : `, such as ${base.exampleOfMissed}`;
  const place = inMapping([...path, 'filter']);
  const naming = plan.rdn;
  if (base.missedNamed > 0) {
    return [
      {
        severity: 'warning',
        place,
        message: `${base.missed} entries below ${base.dn} don't match, ${base.missedNamed} of them with a ${naming}${such}`,
        help: 'clients are told that they are not there, and a create of the same name is refused',
      },
    ];
  }
  return [{ severity: 'note', place, message: `${base.missed} entries below ${base.dn} don't match${such}: clients don't see them` }];
}

function inspectIds({ section, tally, foundById }: SectionSurvey): readonly Finding[] {
  const place = inMapping([...section.path, 'id']);
  const { id, target } = section.plan;
  const { count, example } = tally.withoutId;
  if (count > 0) {
    const isAll = count === tally.entries;
    return [
      {
        severity: isAll ? 'error' : 'warning',
        place,
        message: `${isAll ? 'none' : `${count}`} of ${tally.entries} ${target} ${isAll ? 'shows' : 'show no'} ${id}, such as ${example}`,
        help: 'entries without id are left out; let our account read it, or take the attribute that this server keeps',
      },
    ];
  }
  if (foundById !== false) return [];
  return [{ severity: 'error', place, message: `an entry isn't found by the ${id} that it shows`, help: 'let our account search by it' }];
}

function inspectDuplicates({ section, tally }: SectionSurvey): readonly Finding[] {
  const { count, example } = tally.duplicates;
  if (count === 0) return [];
  const name = section.plan.target === 'users' ? 'userName' : 'displayName';
  const line = section.plan.lenses.find(({ place: { path } }) => path.attribute.name === name && !path.isExtension);
  return [
    {
      severity: 'warning',
      place: inMapping(lineAt(section, line?.path ?? name)),
      message: `${count} of ${tally.entries} ${section.plan.target} share their ${name} with another, such as ${example}`,
      help: 'clients look people up by it and take the wrong one, or none; on OpenLDAP slapo-unique keeps it from happening',
    },
  ];
}

function inspectReach({ section, tally, reach }: SectionSurvey): readonly Finding[] {
  const place = inMapping(section.bases[0]?.path ?? section.path);
  if (reach === 'all') return [];
  if (reach === 'sample') {
    return [{ severity: 'note', place, message: `only the first ${tally.entries} ${section.plan.target} were looked at` }];
  }
  return [
    {
      severity: 'warning',
      place,
      message: `the directory shows our account no more than ${tally.entries} ${section.plan.target}: longer lists are refused`,
      help: 'raise the size limit of the account, also for paged results; check --online --ldif prints the change for OpenLDAP',
    },
  ];
}

function perLine(section: Section, counts: ReadonlyMap<string, Count>, remark: (count: Count, ldap: string) => Remark): readonly Finding[] {
  return [...counts].map(([path, count]) => {
    const lens = section.plan.lenses.find((each) => each.path === path);
    return { place: inMapping(lineAt(section, path)), ...remark(count, lens?.ldap ?? '') };
  });
}
