import type { YamlPath } from '../config/yaml-source.ts';
import { type LdapFilter, mentionedAttributes } from '../ldap/filter.ts';
import type { LdapAttributeType, LdapSchema } from '../ldap/schema.ts';
import { classesThatAllow } from './classes-that-allow.ts';
import { type Finding, inMapping, type Remark } from './finding.ts';
import { keptByServer } from './kept-by-server.ts';
import type { Section } from './section.ts';
import { unknownAttribute } from './unknown-attribute.ts';

/** What a section names beside its lines, against the schema: id, rdn, meta, the attributes in its filter, what is generated. */
export function inspectNames(section: Section, schema: LdapSchema): readonly Finding[] {
  const { plan, path } = section;
  return [
    ...inspectId(section, schema),
    ...inspectNaming(section, schema),
    ...inspectMeta(section, schema),
    ...inspectFilter([...path, 'filter'], plan.filter, schema),
    ...plan.generated.flatMap(({ ldap }) => inspectGenerated(section, ldap, schema)),
  ];
}

function known(
  place: YamlPath,
  name: string,
  schema: LdapSchema,
  judge: (type: LdapAttributeType) => readonly Remark[],
  severity: Remark['severity'] = 'error',
  part: 'key' | 'value' = 'value',
): readonly Finding[] {
  const type = schema.attributeType(name);
  const remarks = type === undefined ? [unknownAttribute(name, schema, severity)] : judge(type);
  return remarks.map((remark) => ({ place: inMapping(place, part), ...remark }));
}

/** RFC 7643 §3.1: stable, unique, never reassigned; so the server has to be the one who gives it. */
function inspectId({ plan, path }: Section, schema: LdapSchema): readonly Finding[] {
  return known([...path, 'id'], plan.id, schema, (type) => {
    if (type.equality === undefined) {
      return [{ severity: 'error', message: `${plan.id} has no equality rule: nobody could be found by id` }];
    }
    if (!type.singleValue) {
      return [{ severity: 'warning', message: `${plan.id} may hold several values: the first one is the id`, help: 'entryUUID holds one' }];
    }
    if (!type.noUserModification && !type.isOperational) {
      return [
        {
          severity: 'warning',
          message: `${plan.id} can be changed, and an id must never change`,
          help: 'take what the server gives: entryUUID, nsUniqueId, objectGUID',
        },
      ];
    }
    return [];
  });
}

function inspectNaming({ plan, path }: Section, schema: LdapSchema): readonly Finding[] {
  const { rdn, objectClasses } = plan;
  return known([...path, 'rdn'], rdn, schema, (type) => {
    const reason = keptByServer(rdn, type);
    if (reason !== undefined || type.isOperational) {
      return [{ severity: 'error', message: reason ?? `${rdn} is operational: nothing can be named by it`, help: 'uid and cn can' }];
    }
    if (type.equality === undefined) {
      return [{ severity: 'error', message: `${rdn} has no equality rule: nothing can be named by it`, help: 'uid and cn have one' }];
    }
    if (!schema.allows(objectClasses, rdn)) {
      return [
        {
          severity: 'error',
          message: `none of the classes under objectClass allows ${rdn}`,
          help: classesThatAllow(rdn, objectClasses, schema),
        },
      ];
    }
    return [];
  });
}

function inspectMeta({ plan, path }: Section, schema: LdapSchema): readonly Finding[] {
  const lacks = (name: string) => schema.attributeType(name) === undefined;
  const of = (key: keyof typeof plan.meta, severity: Remark['severity'], help: string): readonly Finding[] => {
    const name = plan.meta[key];
    if (name === undefined || !lacks(name)) return [];
    return [{ severity, place: inMapping([...path, 'meta', key]), message: `the directory's schema has no attribute ${name}`, help }];
  };
  return [
    ...of('created', 'warning', 'meta.created is left out; Active Directory has whenCreated'),
    ...of('lastModified', 'warning', 'meta.lastModified is left out; Active Directory has whenChanged'),
    ...of('version', 'warning', 'no ETag, and of two changes at a time the later wins; 389 DS has entryUSN, Active Directory uSNChanged'),
  ];
}

/** Comparing with an unknown attribute is undefined (RFC 4511 §4.5.1.7): nothing matches, nor does its negation, without a word. */
export function inspectFilter(path: YamlPath, filter: LdapFilter, schema: LdapSchema): readonly Finding[] {
  const names = [...new Set(mentionedAttributes(filter))];
  return names.flatMap((name) => known(path, name, schema, () => []));
}

function inspectGenerated({ plan, path }: Section, ldap: string, schema: LdapSchema): readonly Finding[] {
  return known(
    [...path, 'generated', ldap],
    ldap,
    schema,
    (type) => {
      const reason = keptByServer(ldap, type);
      if (reason !== undefined) return [{ severity: 'error', message: reason }];
      if (schema.allows(plan.objectClasses, ldap)) return [];
      return [
        {
          severity: 'error',
          message: `none of the classes under objectClass allows ${ldap}`,
          help: classesThatAllow(ldap, plan.objectClasses, schema),
        },
      ];
    },
    'error',
    'key',
  );
}
