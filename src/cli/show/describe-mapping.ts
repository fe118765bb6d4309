import type { GeneratedLine, MappingFile, ResourceSection } from '../../config/mapping-file.ts';
import type { Lens } from '../../mapping/lens.ts';
import { type Plan, plansOf, type ResourcePlan } from '../../mapping/plan.ts';
import { type Plain, type PlainMap, toPlain } from './plain.ts';

/** What is in force of a mapping file. */
export interface ShownMapping {
  readonly resources: readonly ShownResource[];
  /** All sections that are about no single resource. */
  readonly settings: PlainMap;
}

export interface ShownResource {
  readonly resourceType: string;
  /** The SCIM filter that sends new resources here; absent where all come. */
  readonly settings: PlainMap;
  readonly attributes: readonly ShownLine[];
  readonly generated: readonly ShownGenerated[];
}

export interface ShownLine {
  readonly scim: string;
  readonly ldap?: string;
  /** `<->` read and written; `<-` read only; `->` written only. */
  readonly direction: '<->' | '<-' | '->';
  readonly kind: Lens['kind'];
  readonly mutability: string;
  /** Everything else that the line says, or that is as if it did. */
  readonly details: PlainMap;
}

export interface ShownGenerated {
  readonly ldap: string;
  readonly templates: readonly string[];
  readonly details: PlainMap;
}

/** The plan, line by line, each with what the file says beside it. */
export function describeMapping(file: MappingFile, plan: Plan): ShownMapping {
  const { format: _format, users, groups, schemas, examples = [], ...rest } = file;
  return {
    resources: plansOf(plan).map((resourcePlan) => {
      const section = resourcePlan.target === 'users' ? users : groups[plan.groups.indexOf(resourcePlan)];
      if (section === undefined) throw new Error('a plan without its section');
      return describeResource(section, resourcePlan);
    }),
    settings: { ...asMap(toPlain(rest)), schemas: [...schemas.keys()], examples: examples.map(({ name }) => name) },
  };
}

function describeResource(section: ResourceSection, plan: ResourcePlan): ShownResource {
  const { attributes, generated, ...settings } = section;
  return {
    resourceType: plan.resourceType.name,
    settings: without(asMap(toPlain(settings)), ['at']),
    attributes: plan.lenses.map((lens) => describeLine(lens, asMap(toPlain(attributes.get(lens.path) ?? {})))),
    generated: [...generated].map(([ldap, line]) => describeGenerated(ldap, line)),
  };
}

function describeGenerated(ldap: string, line: GeneratedLine): ShownGenerated {
  switch (line.kind) {
    case 'template': {
      const { templates, unique, write } = line;
      return { ldap, templates, details: { ...(unique ? { unique } : {}), write } };
    }
    case 'random':
      return { ldap, templates: [], details: { random: line.random, write: 'once' } };
    case 'number': {
      const { allocate, counter } = line;
      return { ldap, templates: [], details: { allocate: `${allocate.from}-${allocate.to}`, counter, write: 'once' } };
    }
    default:
      return line satisfies never;
  }
}

function describeLine(lens: Lens, written: PlainMap): ShownLine {
  const { path, ldap, kind, definition, place } = lens;
  const isReadOnly = definition.mutability === 'readOnly' || place.path.attribute.mutability === 'readOnly';
  const direction = isReadOnly || kind === 'constant' ? '<-' : definition.mutability === 'writeOnly' ? '->' : '<->';
  return {
    scim: path,
    ...(ldap === undefined ? {} : { ldap }),
    direction,
    kind,
    mutability: isReadOnly ? 'readOnly' : definition.mutability,
    details: {
      ...without(written, ['kind', 'ldap', 'mutability', 'required', 'returned']),
      ...(definition.required ? { required: true } : {}),
      ...(definition.returned === 'default' ? {} : { returned: definition.returned }),
    },
  };
}

function without(map: PlainMap, keys: readonly string[]): PlainMap {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}

function asMap(value: Plain): PlainMap {
  return typeof value === 'object' && !Array.isArray(value) ? (value as PlainMap) : {};
}
