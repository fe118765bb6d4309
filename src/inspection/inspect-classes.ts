import { demandedAttributes } from '../ldap/demanded-attributes.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import type { LdapObjectClass, LdapSchema } from '../ldap/schema.ts';
import { isWritten, passwordLensOf } from '../mapping/plan.ts';
import { type Finding, inMapping, type Remark } from './finding.ts';
import type { Section } from './section.ts';

/** Classes that make an entry something else than one that is looked up and kept: aliases, referrals, entries of the server's own. */
const OF_OTHER_ENTRIES: ReadonlySet<string> = new Set(
  'alias referral subentry subschema collectiveattributesubentry dynamicobject glue openldaprootdse ldaprootdse'.split(' '),
);

/** The classes that new entries get: whether there are such, whether they go together, and whether what they demand is written. */
export function inspectClasses(section: Section, schema: LdapSchema): readonly Finding[] {
  const classes = section.plan.objectClasses.map((name) => schema.objectClass(name));
  const known = classes.filter((each) => each !== undefined);
  return [
    ...section.plan.objectClasses.flatMap((name, index) => {
      const remark = judgeClass(name, classes[index], classes.indexOf(classes[index]) < index, schema);
      return remark === undefined ? [] : [{ place: inMapping([...section.path, 'objectClass', index]), ...remark }];
    }),
    ...(known.length < classes.length ? [] : inspectStructure(section, known)),
    ...inspectDemands(section, schema),
    ...inspectFilterClass(section, known),
  ];
}

function judgeClass(name: string, known: LdapObjectClass | undefined, isDouble: boolean, schema: LdapSchema): Remark | undefined {
  if (known === undefined) {
    const message = `the directory's schema has no class ${name}`;
    const isOurs = name.toLowerCase().startsWith('scim');
    return isOurs
      ? { severity: 'error', message, help: 'load it: config/schema/scim.ldif, config/schema/scim-full.ldif' }
      : { severity: 'error', message, guess: { written: name, known: schema.objectClasses.flatMap(({ names }) => names) } };
  }
  if (isDouble) return { severity: 'error', message: `${name} stands here twice`, help: 'leave one of them out' };
  if (known.names.some((each) => OF_OTHER_ENTRIES.has(each.toLowerCase()))) {
    return { severity: 'error', message: `${name} is no class of users or groups: the server treats such entries otherwise` };
  }
  return undefined;
}

/** An entry has one structural class and those that it comes from (RFC 4512 §2.4.2). */
function inspectStructure(section: Section, classes: readonly LdapObjectClass[]): readonly Finding[] {
  const structural = classes.filter(({ kind }) => kind === 'structural');
  const place = inMapping([...section.path, 'objectClass'], 'key');
  const bare = classes.find(({ kind, oid }) => kind === 'abstract' && !classes.some(({ superiors }) => superiors.has(oid.toLowerCase())));
  if (bare !== undefined) {
    return [
      { severity: 'error', place, message: `${bare.names[0]} is abstract: only a class that comes from it can be given to an entry` },
    ];
  }
  if (structural.length === 0) {
    return [{ severity: 'error', place, message: 'no class here is structural, and every entry has one', help: 'add inetOrgPerson, say' }];
  }
  const isBelow = (one: LdapObjectClass, other: LdapObjectClass) => one === other || one.superiors.has(other.oid.toLowerCase());
  const isChain = structural.some((leaf) => structural.every((other) => isBelow(leaf, other)));
  if (isChain) return [];
  const leaves = structural.filter((one) => !structural.some((other) => other !== one && isBelow(other, one)));
  const names = leaves.map(({ names: [name = ''] }) => name);
  return [
    {
      severity: 'error',
      place,
      message: `${names.join(' and ')} are both structural, and neither comes from the other: no entry can have both`,
      help: 'keep one of them; RFC 2307bis has an auxiliary posixGroup (config/schema/)',
    },
  ];
}

/** The attributes that the classes demand (MUST), each by one line that always writes it. */
function inspectDemands(section: Section, schema: LdapSchema): readonly Finding[] {
  const { plan } = section;
  return [...demandedAttributes(schema, plan.objectClasses)].flatMap(([name, demander]): Finding[] => {
    const type = schema.attributeType(name);
    const isThis = (ldap: string | undefined) =>
      ldap !== undefined && (type ?? ldap.toLowerCase()) === (schema.attributeType(ldap) ?? name);
    if (isThis(plan.rdn) || plan.generated.some(({ ldap }) => isThis(ldap))) return [];
    // A password that is set by an operation of its own comes after the entry.
    const comesLater = passwordLensOf(plan)?.method === 'passwordModify';
    const lens = plan.lenses.find((each) => isThis(each.ldap) && isWritten(each) && !(each.kind === 'password' && comesLater));
    const shown = type?.names[0] ?? name;
    const place = inMapping([...section.path, 'objectClass'], 'key');
    if (lens === undefined) {
      return [
        {
          severity: 'error',
          place,
          message: `${demander} demands ${shown}, and no line writes it: every create would fail`,
          help: `map an attribute to ${shown}, or generate it: ${shown}: '{userName}'`,
        },
      ];
    }
    const line = section.written.attributes.get(lens.path);
    const isSure = lens.definition.required || (line !== undefined && 'whenEmpty' in line && line.whenEmpty !== undefined);
    const isState = line?.kind === 'state' && 'active' in line && line.active !== undefined;
    if (isSure || isState) return [];
    return [
      {
        severity: 'warning',
        place: inMapping([...section.path, 'attributes', lens.path]),
        message: `${demander} demands ${shown}: who is sent without ${lens.path} can't be created`,
        help: `add whenEmpty, as in { ldap: ${shown}, whenEmpty: … }, or generate ${shown}, or make it required: true`,
      },
    ];
  });
}

/** New entries have to match `filter`, or they are gone as soon as they are made. Told from the classes that it asks for. */
function inspectFilterClass(section: Section, classes: readonly LdapObjectClass[]): readonly Finding[] {
  const has = (name: string) =>
    classes.some(({ names, oid, superiors }) => superiors.has(name) || [oid, ...names].some((each) => each.toLowerCase() === name));
  const listed = new Set(section.plan.objectClasses.map((name) => name.toLowerCase()));
  const missing = demandedClasses(section.plan.filter).find((name) => !has(name.toLowerCase()) && !listed.has(name.toLowerCase()));
  if (missing === undefined) return [];
  return [
    {
      severity: 'error',
      place: inMapping([...section.path, 'filter']),
      message: `new entries won't match: they don't get the class ${missing}`,
      help: `add ${missing} to objectClass, or ask for one of those in it`,
    },
  ];
}

/** The classes without which no entry matches a filter. */
function demandedClasses(filter: LdapFilter): readonly string[] {
  if (filter.kind === 'and') return filter.filters.flatMap(demandedClasses);
  const isClass = filter.kind === 'equality' && filter.attribute.toLowerCase() === 'objectclass';
  return isClass && typeof filter.value === 'string' ? [filter.value] : [];
}
