import type { AttributeLine, GeneratedLine, MappingFile, ResourceSection, TemplateLine } from '../../../src/config/mapping-file.ts';
import { readMappingFile } from '../../../src/config/read-mapping-file.ts';
import type { YamlSource } from '../../../src/config/yaml-source.ts';
import { type LdapValue, makeEntry } from '../../../src/ldap/entry.ts';
import { compileMapping } from '../../../src/mapping/compile.ts';
import type { LensContext } from '../../../src/mapping/lens.ts';
import type { Plan, ResourcePlan } from '../../../src/mapping/plan.ts';
import { attributesToRead, readEntry } from '../../../src/mapping/read-entry.ts';
import { makeReferenceTable, type ReferencedResource } from '../../../src/mapping/reference-table.ts';
import { planCreate, planUpdate } from '../../../src/mapping/write-entry.ts';
import type { WritePlan } from '../../../src/mapping/write-plan.ts';
import type { ScimObject } from '../../../src/scim/resource.ts';
import { directorySchema } from './directory-schema.ts';

export const PEOPLE = 'ou=people,dc=example,dc=org';
export const GROUPS = 'ou=groups,dc=example,dc=org';
export const CSN = '20260131083000.000001Z#000000#000#000000';

/** Two users and a group that references may name; whatever is elsewhere doesn't exist for us. */
export const ada = resource('users', '00000000-0000-4000-8000-00000000000a', `uid=ada,${PEOPLE}`);
export const bob = resource('users', '00000000-0000-4000-8000-00000000000b', `uid=bob,${PEOPLE}`);
export const staff = resource('groups', '00000000-0000-4000-8000-00000000000c', `cn=staff,${GROUPS}`);
export const OUTSIDER = 'cn=service,ou=services,dc=example,dc=org';

export const context: LensContext = { schema: directorySchema, references: makeReferenceTable([ada, bob, staff]) };

function resource(target: ReferencedResource['target'], id: string, dn: string): ReferencedResource {
  return { target, id, dn, location: `https://scim.example.org/${target === 'users' ? 'Users' : 'Groups'}/${id}` };
}

type Lines = Readonly<Record<string, string | DistributiveOmit<AttributeLine, 'kind'> | AttributeLine>>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export interface PlanSettings {
  readonly attributes: Lines;
  readonly generated?: Readonly<Record<string, GeneratedLine | Omit<TemplateLine, 'kind' | 'unique'>>>;
  readonly section?: Partial<ResourceSection>;
  readonly schemas?: MappingFile['schemas'];
}

/** A plan for users out of lines as a mapping file has them; a line without a `kind` is text, or a template. */
export function usersPlan({ attributes, generated = {}, section = {}, schemas = new Map() }: PlanSettings): ResourcePlan {
  const lines = Object.entries(attributes).map(([path, line]): readonly [string, AttributeLine] => [path, toLine(line)]);
  const users: ResourceSection = {
    ...emptySection(PEOPLE, 'inetOrgPerson', 'uid'),
    objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'scimObject'],
    attributes: new Map(lines),
    generated: new Map(
      Object.entries(generated).map(([ldap, line]) => [ldap, 'kind' in line ? line : { kind: 'template', unique: false, ...line }]),
    ),
    ...section,
  };
  const groups: ResourceSection = {
    ...emptySection(GROUPS, 'groupOfNames', 'cn'),
    attributes: new Map([['displayName', { kind: 'text', ldap: 'cn' }]]),
  };
  return compile({
    format: 1,
    users,
    groups: [{ ...groups, at: ['groups'] }],
    schemas,
    unmapped: 'ignore',
    unknown: 'ignore',
    protected: { below: [], matching: [] },
  }).users;
}

function toLine(line: Lines[string]): AttributeLine {
  if (typeof line === 'string') return { kind: 'text', ldap: line };
  return 'kind' in line ? line : ({ kind: 'text', ...line } as AttributeLine);
}

function emptySection(base: string, objectClass: string, rdn: string): ResourceSection {
  return {
    base,
    placement: [],
    filter: `(objectClass=${objectClass})`,
    id: { ldap: 'entryUUID' },
    rdn,
    objectClass: ['top', objectClass],
    attributes: new Map(),
    generated: new Map(),
    onDelete: { kind: 'remove' },
    meta: { created: 'createTimestamp', lastModified: 'modifyTimestamp', version: 'entryCSN' },
  };
}

function compile(file: MappingFile): Plan {
  const messages: string[] = [];
  const result = compileMapping(file, silentSource(messages));
  if (!result.ok) throw new Error(messages.join('\n'));
  return result.plan;
}

/** The source of a file that nobody has written; what is wrong with it is put into `messages`. */
export function silentSource(messages: string[]): YamlSource {
  return {
    file: 'test',
    report: (path, _at, message, { severity = 'error' } = {}) => {
      messages.push(`${path.join(' ')}: ${message}`);
      return { severity, file: 'test', line: 1, column: 1, length: 1, sourceLine: '', message };
    },
  };
}

/** The plan of a mapping file that we ship. */
export function shippedPlan(name: string): Plan {
  const reading = readMappingFile(`config/mappings/${name}`);
  if (!reading.ok) throw new Error(JSON.stringify(reading.diagnostics));
  const result = compileMapping(reading.file, reading.source);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.plan;
}

export type Attributes = Readonly<Record<string, readonly LdapValue[]>>;

/** An entry of ours, called `uid=ada` unless said otherwise. */
export function entryOf(attributes: Attributes, dn = `uid=ada,${PEOPLE}`) {
  return makeEntry(
    dn,
    Object.entries({ entryUUID: [ada.id], entryCSN: [CSN], ...attributes }).map(([name, values]) => ({ name, values })),
  );
}

export function read(plan: ResourcePlan, entry: ReturnType<typeof entryOf>): ScimObject {
  return readEntry(plan, plan.lenses, entry, 'https://scim.example.org/x', context);
}

/** What a resource shows of its mapped attributes. */
export function readMapped(plan: ResourcePlan, entry: ReturnType<typeof entryOf>): object {
  const { schemas: _schemas, id: _id, meta: _meta, ...mapped } = read(plan, entry);
  return mapped;
}

/** A write as text, near LDIF: what an operator would say about it. The guard is left out. */
export function describePlan({ dn, changes }: WritePlan): readonly string[] {
  const lines = changes.flatMap(({ change }) => {
    switch (change.kind) {
      case 'add':
        return ['add', ...change.attributes.map(({ name, values }) => `${name}: ${values.map(String).join(' | ')}`)];
      case 'modify':
        return change.modifications.map(({ operation, attribute, values }) =>
          [operation, `${attribute}:`, values.map(String).join(' | ')].join(' ').trim(),
        );
      case 'rename':
        return [`rename to ${change.newRdn}${change.newSuperior === undefined ? '' : ` below ${change.newSuperior}`}`];
      case 'password':
        return [`password ${change.newPassword}`];
      case 'delete':
        return ['delete'];
      default:
        return change satisfies never;
    }
  });
  return dn.endsWith(PEOPLE) || dn.endsWith(GROUPS) ? lines : [...lines, `at ${dn}`];
}

export function created(plan: ResourcePlan, sent: ScimObject): readonly string[] {
  return describePlan(planCreate(plan, sent, context));
}

/** The write that takes an entry from what it shows to what `change` makes of that. */
export function updated(
  plan: ResourcePlan,
  entry: ReturnType<typeof entryOf>,
  change: (before: ScimObject) => ScimObject,
): readonly string[] {
  const before = read(plan, entry);
  return describePlan(planUpdate(plan, plan.lenses, entry, before, change(before), context));
}

/** The attributes that a plan reads, in lower case. */
export function readNames(plan: ResourcePlan): readonly string[] {
  return attributesToRead(plan, plan.lenses).map((name) => name.toLowerCase());
}
