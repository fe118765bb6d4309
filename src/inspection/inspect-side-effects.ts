import { makeEntry } from '../ldap/entry.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import { fillTemplate, type Template } from '../mapping/template.ts';
import { newObject } from '../scim/resource.ts';
import { classesThatAllow } from './classes-that-allow.ts';
import { type Finding, inMapping, type Remark } from './finding.ts';
import { keptByServer } from './kept-by-server.ts';
import { SAMPLE_ID } from './sample-resource.ts';
import { lineAt, type Section } from './section.ts';
import { unknownAttribute } from './unknown-attribute.ts';
import { valueProblem } from './value-problem.ts';

/** What is written when an account is switched off or deleted and kept, against the schema. */
export function inspectSideEffects(section: Section, schema: LdapSchema): readonly Finding[] {
  return [...inspectSwitch(section, schema), ...inspectDeletion(section, schema)];
}

function inspectDeletion(section: Section, schema: LdapSchema): readonly Finding[] {
  const { onDelete } = section.plan;
  if (onDelete.kind === 'remove') return [];
  const { set, clear, source } = onDelete;
  const mark = onDelete.kind === 'deactivate' ? onDelete.mark : undefined;
  return [
    ...(mark === undefined ? [] : place([...source, 'mark', 'ldap'], judgeSet(mark.ldap, mark.value, section, schema))),
    ...set.flatMap(({ ldap, template, source: at }) => place(at, judgeSet(ldap, sampleText(template, 1), section, schema))),
    ...clear.flatMap((name, index) => place([...source, 'clear', index], judgeClear(name, section, schema))),
    ...place([...source, 'rdn'], judgeNewName(section, onDelete.rdn, schema)),
  ];
}

/** A name that only just fits may not fit any more with an id behind it, and then nobody of that name can be deleted. */
function judgeNewName({ plan }: Section, rdn: Template, schema: LdapSchema): Remark | undefined {
  const limit = schema.attributeType(plan.rdn)?.lengthLimit;
  if (limit === undefined || sampleText(rdn, limit).length <= limit) return undefined;
  const room = limit - sampleText(rdn, 0).length;
  const message = `the new name may be longer than the ${limit} characters of ${plan.rdn}: such an entry can't be deleted`;
  return {
    severity: 'warning',
    message,
    ...(room > 0 ? { help: `cut what stands beside {id}: '{ldap:${plan.rdn} | truncate ${room}}'` } : {}),
  };
}

/** What a template makes, as long as each of its LDAP attributes may be. */
function sampleText(template: Template, length: number): string {
  const blanks = template.parts.flatMap((part) => (part.kind === 'ldap' ? { name: part.attribute, values: ['x'.repeat(length)] } : []));
  return (fillTemplate(template, newObject([['id', SAMPLE_ID]]), makeEntry('', blanks)) ?? []).join('');
}

function inspectSwitch(section: Section, schema: LdapSchema): readonly Finding[] {
  return [...section.written.attributes].flatMap(([path, line]) => {
    if (line.kind !== 'state' || line.whenInactive === undefined) return [];
    const at = [...lineAt(section, path), 'whenInactive'];
    const { set, clear } = line.whenInactive;
    return [
      ...[...set].flatMap(([name, value]) => place([...at, 'set', name], judgeSet(name, value, section, schema))),
      ...clear.flatMap((name, index) => place([...at, 'clear', index], judgeClear(name, section, schema))),
    ];
  });
}

function place(path: Finding['place']['path'], remark: Remark | undefined): readonly Finding[] {
  return remark === undefined ? [] : [{ place: inMapping(path), ...remark }];
}

function judgeSet(name: string, value: string, { plan }: Section, schema: LdapSchema): Remark | undefined {
  const type = schema.attributeType(name);
  if (type === undefined) return unknownAttribute(name, schema, 'error');
  const problem = keptByServer(name, type) ?? valueProblem(type, value);
  if (problem !== undefined) return { severity: 'error', message: `${JSON.stringify(value)} can't be set: ${problem}` };
  if (schema.allows(plan.objectClasses, name)) return undefined;
  const message = `none of the classes under objectClass allows ${name}`;
  return { severity: 'error', message, help: classesThatAllow(name, plan.objectClasses, schema) };
}

function judgeClear(name: string, { plan }: Section, schema: LdapSchema): Remark | undefined {
  const type = schema.attributeType(name);
  if (type === undefined) return unknownAttribute(name, schema, 'warning');
  const demander = plan.objectClasses.find((each) => schema.demands([each], name));
  return demander === undefined ? undefined : { severity: 'error', message: `${demander} demands ${name}: it can't be cleared` };
}
