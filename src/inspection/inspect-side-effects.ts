import type { LdapSchema } from '../ldap/schema.ts';
import { classesThatAllow } from './classes-that-allow.ts';
import { type Finding, inMapping, type Remark } from './finding.ts';
import { keptByServer } from './kept-by-server.ts';
import { lineAt, type Section } from './section.ts';
import { unknownAttribute } from './unknown-attribute.ts';
import { valueProblem } from './value-problem.ts';

/** What is written when an account is switched off or deleted and kept, against the schema. */
export function inspectSideEffects(section: Section, schema: LdapSchema): readonly Finding[] {
  const { onDelete } = section.written;
  if (onDelete.kind !== 'deactivate') return inspectSwitch(section, schema);
  const { ldap, value } = onDelete.mark;
  return [
    ...place([...section.path, 'onDelete', 'deactivate', 'mark', 'ldap'], judgeSet(ldap, value, section, schema)),
    ...inspectSwitch(section, schema),
  ];
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
