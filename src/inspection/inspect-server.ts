import { databaseOf, type SlapdDatabase } from '../ldap/slapd-configuration.ts';
import { isReferenceLens, isWritten, passwordLensOf } from '../mapping/plan.ts';
import { type Finding, inDirectory, inMapping } from './finding.ts';
import { lineAt, type Section } from './section.ts';
import type { SectionSurvey, Survey } from './survey.ts';

const PAGED_RESULTS = '1.2.840.113556.1.4.319';
const PASSWORD_MODIFY = '1.3.6.1.4.1.4203.1.11.1';

/** What operators ask about, and the bridge makes use of where a server announces it, but for VLV; and what it does otherwise. */
const CONTROLS: readonly { readonly oid: string; readonly severity: 'warning' | 'note'; readonly without: string }[] = [
  {
    oid: '1.3.6.1.1.12',
    severity: 'note',
    without: 'no assertion control (RFC 4528): what was read is compared before a write, and a change in between can be lost',
  },
  { oid: '1.3.6.1.1.13.2', severity: 'note', without: 'no post-read control (RFC 4527): each write is followed by a search' },
  { oid: PAGED_RESULTS, severity: 'warning', without: 'no paged results (RFC 2696): long lists end at the server’s size limit' },
  {
    oid: '1.2.840.113556.1.4.473',
    severity: 'note',
    without: 'no server-side sorting (RFC 2891): lists are sorted in memory, up to paging.sortLimit',
  },
  {
    oid: '2.16.840.1.113730.3.4.9',
    severity: 'note',
    without: 'no virtual list views (VLV): pages are cut from a list of ids, as everywhere',
  },
];

/** What a server can't do, with what takes its place. */
export function inspectControls({ rootDse, product }: Survey): readonly Finding[] {
  return CONTROLS.filter(({ oid }) => !rootDse.controls.has(oid)).map(({ severity, without }) => ({
    severity,
    place: inDirectory(),
    message: `${product}: ${without}`,
  }));
}

/** Passwords have to get there, and locked accounts have to be locked. */
export function inspectAccounts(survey: Survey): readonly Finding[] {
  return survey.sections.flatMap(({ section }) => [...inspectPassword(section, survey), ...inspectLock(section, survey)]);
}

function inspectPassword(section: Section, { rootDse, server, product, isPrivate }: Survey): readonly Finding[] {
  const lens = passwordLensOf(section.plan);
  if (lens === undefined) return [];
  const place = inMapping(lineAt(section, lens.path));
  if (lens.method === 'passwordModify' && !rootDse.extensions.has(PASSWORD_MODIFY)) {
    const help = server === 'activeDirectory' ? '{ ldap: unicodePwd, method: unicodePwd }' : `{ ldap: ${lens.ldap}, method: plain }`;
    return [{ severity: 'error', place, message: `${product} has no password modify operation (RFC 3062)`, help }];
  }
  if (lens.method === 'unicodePwd' && server !== 'activeDirectory') {
    return [
      { severity: 'error', place, message: `unicodePwd is Active Directory's, and this is ${product}`, help: 'method: passwordModify' },
    ];
  }
  const isPrivateOnly = lens.method === 'unicodePwd' || (lens.method === 'passwordModify' && server === '389ds');
  if (isPrivateOnly && !isPrivate) {
    return [
      {
        severity: 'error',
        place,
        message: `${product} takes passwords over TLS only`,
        help: 'an ldaps:// address, or startTls: true',
      },
    ];
  }
  return [];
}

function inspectLock(section: Section, { policies, server, schema }: Survey): readonly Finding[] {
  const lens = section.plan.lenses.find(({ kind }) => kind === 'state');
  if (server !== 'openldap' || lens?.ldap?.toLowerCase() !== 'pwdaccountlockedtime' || policies.withLockout > 0) return [];
  if (schema.attributeType(lens.ldap) === undefined) return []; // said already
  const message =
    policies.seen === 0
      ? 'no password policy is to be seen: without one that has pwdLockout TRUE, inactive accounts can still bind'
      : 'no password policy has pwdLockout TRUE: inactive accounts can still bind';
  return [
    { severity: 'warning', place: inMapping(lineAt(section, lens.path)), message, help: 'set pwdLockout: TRUE in the default policy' },
  ];
}

/** Overlays and settings of slapd: from `cn=config` where it is readable, otherwise from what the entries show. */
export function inspectOverlays(survey: Survey): readonly Finding[] {
  if (survey.server !== 'openldap') return survey.sections.flatMap(inspectDangling);
  return [
    ...survey.sections.flatMap((section) => inspectOverlaysOf(section, survey)),
    ...(survey.slapd === undefined
      ? [
          {
            severity: 'note',
            place: inDirectory('bindDn'),
            message: 'cn=config is not readable: overlays, limits and indexes are judged by what can be seen from outside',
            help: 'read access to cn=config for our account makes this check exact',
          } satisfies Finding,
        ]
      : []),
  ];
}

function inspectOverlaysOf(survey: SectionSurvey, { slapd }: Survey): readonly Finding[] {
  const { section } = survey;
  const database = slapd === undefined ? undefined : databaseOf(section.bases[0]?.dn ?? '', slapd);
  const has = (name: string) => database?.overlays.some((overlay) => overlay.name === name);
  return [
    ...inspectBackLinks(survey, database),
    ...(has('refint') === false ? missingRefint(section, survey) : inspectDangling(survey)),
    ...(has('refint') === true && database !== undefined ? inspectRefint(section, database) : []),
    ...(has('unique') === false && section.plan.target === 'users' ? missingUnique(section) : []),
    ...inspectSortedValues(survey, slapd?.sortedAttributes),
  ];
}

function inspectBackLinks({ section, references }: SectionSurvey, database: SlapdDatabase | undefined): readonly Finding[] {
  const { followed, missing } = references.backLinks;
  const [lens] = memberLenses(section);
  if (lens === undefined || followed === 0) return [];
  const place = inMapping(lineAt(section, lens.path));
  const isDynamic = database?.overlays.some(({ name }) => name === 'dynlist') === true;
  if (missing === 0) {
    if (!isDynamic) return [];
    const message =
      'the dynlist overlay computes memberOf: with large groups, reading the groups of users takes seconds (memberof: milliseconds)';
    return [{ severity: 'note', place, message }];
  }
  return [
    {
      severity: 'warning',
      place,
      message: `${missing} of ${followed} members that were looked at don't have their group in memberOf: users show too few groups`,
      help: 'the memberof overlay keeps it only for the class in memberof-group-oc, one overlay for each, and from when it is loaded',
    },
  ];
}

function missingRefint(section: Section, survey: SectionSurvey): readonly Finding[] {
  const [lens] = memberLenses(section);
  if (lens === undefined) return [];
  return [
    {
      severity: 'note',
      place: inMapping(lineAt(section, lens.path)),
      message: 'there is no refint overlay: the bridge follows its own deletes and renames, those of others leave members that are gone',
      help: `overlay refint, refint_attributes ${lens.ldap} manager`,
    },
    ...inspectDangling(survey),
  ];
}

/** An emptied group needs a value that nobody takes for a member: the same one on both sides. */
function inspectRefint(section: Section, database: SlapdDatabase): readonly Finding[] {
  const overlay = database.overlays.find(({ name }) => name === 'refint');
  const placeholder = overlay?.entry.attributes.get('olcrefintnothing')?.[0];
  return memberLenses(section).flatMap((lens): Finding[] => {
    const { whenEmpty } = lens;
    if (whenEmpty === undefined || placeholder === whenEmpty) return [];
    const help = `refint_nothing "${whenEmpty}"`;
    const message =
      placeholder === undefined
        ? 'refint has no refint_nothing: the last member of a group stays in it after its entry is gone'
        : `refint_nothing is ${String(placeholder)}: clients see it as a member, for the line hides another placeholder`;
    return [{ severity: 'warning', place: inMapping([...lineAt(section, lens.path), 'whenEmpty']), message, help }];
  });
}

function missingUnique(section: Section): readonly Finding[] {
  const { rdn, lenses } = section.plan;
  const lens = lenses.find(({ place: { path } }) => path.attribute.name === 'emails');
  const [base] = section.bases;
  if (lens?.ldap === undefined || base === undefined || lens.ldap.toLowerCase() === rdn.toLowerCase()) return [];
  return [
    {
      severity: 'note',
      place: inMapping(lineAt(section, lens.path)),
      message: `there is no unique overlay: nothing keeps two people from having one ${lens.ldap}`,
      help: `overlay unique, unique_uri "serialize ldap:///${base.dn}?${lens.ldap}?sub"`,
    },
  ];
}

function inspectDangling({ section, references }: SectionSurvey): readonly Finding[] {
  const { dangling, followed, exampleOfDangling } = references;
  const [lens] = memberLenses(section);
  if (lens === undefined || dangling === 0) return [];
  return [
    {
      severity: 'warning',
      place: inMapping(lineAt(section, lens.path)),
      message: `${dangling} of ${followed} members that were looked at don't exist, such as ${exampleOfDangling}`,
      help: 'clients are not shown them; referential integrity (refint on OpenLDAP) would remove them',
    },
  ];
}

/** From how many members on sorted values are worth a word (ldap.md §6: half the time at 10, a tenth at 5,000). */
const LONG_LIST = 500;

function inspectSortedValues({ section, references }: SectionSurvey, sorted: ReadonlySet<string> | undefined): readonly Finding[] {
  const [lens] = memberLenses(section);
  if (lens === undefined || sorted?.has(lens.ldap.toLowerCase()) === true) return [];
  if (sorted === undefined && references.longest < LONG_LIST) return [];
  return [
    {
      severity: 'note',
      place: inMapping(lineAt(section, lens.path)),
      message:
        `${sorted === undefined ? 'if' : ''} ${lens.ldap} is not sorted: adding 1,000 members to a group of 5,000 takes 45 ms instead of 4`.trim(),
      help: `sortvals ${lens.ldap}, once the values that are there were loaded anew (slapcat, slapadd)`,
    },
  ];
}

function memberLenses({ plan }: Section) {
  return plan.lenses.filter(isReferenceLens).filter((lens) => plan.target === 'groups' && isWritten(lens));
}
