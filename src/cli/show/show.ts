import { isAbsolute, relative } from 'node:path';
import { formatDiagnostics, formatDiagnosticsAsJson } from '../../config/format-diagnostics.ts';
import { listSchemas, schemasOf } from '../../provisioning/discover.ts';
import type { AttributeDefinition, SchemaDefinition } from '../../scim/schema.ts';
import { EXIT } from '../exit-codes.ts';
import { type CheckedService, checkService } from '../load-service.ts';
import { describeMapping, type ShownMapping, type ShownResource } from './describe-mapping.ts';
import { formatDetails, formatSettings, formatTable, type PlainMap, toPlain } from './plain.ts';

export interface ShowOptions {
  readonly json?: boolean;
  /** The SCIM schemas that clients see, instead of the mapping. */
  readonly schemas?: boolean;
}

type Checked = Extract<CheckedService, { ok: true }>;

/** Prints what is in force, without network and without secrets. */
export function show(configPath: string, { json = false, schemas = false }: ShowOptions = {}): number {
  const checked = checkService(configPath);
  if (!checked.ok) {
    const { diagnostics } = checked;
    process.stderr.write(`${json ? formatDiagnosticsAsJson(diagnostics) : formatDiagnostics(diagnostics)}\n`);
    return EXIT.configuration;
  }
  const data = schemas ? schemasByTenant(checked) : describe(checked);
  const text = schemas ? formatSchemas(checked) : format(configPath, describe(checked));
  process.stdout.write(json ? `${JSON.stringify(data, null, 2)}\n` : text);
  return EXIT.ok;
}

interface Shown {
  readonly service: PlainMap;
  readonly directories: { readonly [name: string]: PlainMap };
  readonly tenants: { readonly [name: string]: PlainMap };
  /** By the path that tenants name. */
  readonly mappings: { readonly [path: string]: ShownMapping };
}

function describe({ bridge, plans, mappings }: Checked): Shown {
  const { format: _format, directories, tenants, ...service } = bridge;
  const described = [...mappings].flatMap(([path, { file }]) => {
    const plan = plans.get(path);
    return plan === undefined ? [] : [[path, describeMapping(file, plan)] as const];
  });
  return {
    service: toPlain(service) as PlainMap,
    directories: toPlain(directories) as Shown['directories'],
    tenants: toPlain(tenants) as Shown['tenants'],
    mappings: Object.fromEntries(described),
  };
}

function format(configPath: string, { service, directories, tenants, mappings }: Shown): string {
  const usersOf = (mapping: string) => Object.keys(tenants).filter((name) => tenants[name]?.['mapping'] === mapping);
  const sections = [
    [configPath, formatSettings(service, '  ')],
    ...Object.entries(directories).map(([name, settings]) => [`directory ${name}`, formatSettings(settings, '  ')]),
    ...Object.entries(tenants).map(([name, settings]) => [`tenant ${name}`, formatSettings(settings, '  ')]),
    ...Object.entries(mappings).map(([path, mapping]) => [
      `mapping ${isAbsolute(configPath) ? path : relative('', path)} of ${usersOf(path).join(', ')}`,
      `${mapping.resources.map(formatResource).join('\n')}\n${formatSettings(mapping.settings, '  ')}`,
    ]),
  ];
  return sections.map(([title, text]) => `${title}\n${text}`).join('\n');
}

function formatResource({ resourceType, settings, attributes, generated }: ShownResource): string {
  const rows = [
    ['SCIM', '', 'LDAP', 'KIND', 'MUTABILITY', ''],
    ...attributes.map(({ scim, direction, ldap = '', kind, mutability, details }) => [
      scim,
      direction,
      ldap,
      kind,
      mutability,
      formatDetails(details),
    ]),
    ...generated.map(({ ldap, templates, details }) => [templates.join(' | '), '->', ldap, 'generated', '', formatDetails(details)]),
  ];
  return `  ${resourceType}\n${formatSettings(settings, '    ')}\n${formatTable(rows, '    ')}`;
}

/** What `GET /Schemas` answers, by tenant. */
function schemasByTenant({ bridge, plans }: Checked): object {
  const answers = [...bridge.tenants].flatMap(([name, { path, mapping }]) => {
    const plan = plans.get(mapping);
    return plan === undefined ? [] : [[name, listSchemas({ plan, baseUrl: `${bridge.publicUrl}${path}` })] as const];
  });
  return Object.fromEntries(answers);
}

function formatSchemas({ bridge, plans }: Checked): string {
  return [...bridge.tenants]
    .map(([name, { path, mapping }]) => {
      const plan = plans.get(mapping);
      const schemas = plan === undefined ? [] : schemasOf(plan);
      return `tenant ${name}: ${bridge.publicUrl}${path}/Schemas\n\n${schemas.map(formatSchema).join('\n')}`;
    })
    .join('\n');
}

function formatSchema({ id, attributes }: SchemaDefinition): string {
  const rows = [
    ['ATTRIBUTE', 'TYPE', 'MUTABILITY', 'RETURNED', 'UNIQUENESS', ''],
    ...attributes.flatMap((attribute) => schemaRows(attribute, '')),
  ];
  return `  ${id}\n${formatTable(rows, '    ')}`;
}

function schemaRows(attribute: AttributeDefinition, parent: string): readonly (readonly string[])[] {
  const { name, type, multiValued, mutability, returned, uniqueness, required, caseExact, canonicalValues = [], subAttributes } = attribute;
  const details = [
    ...(required ? ['required'] : []),
    ...(caseExact ? ['caseExact'] : []),
    ...(canonicalValues.length > 0 ? [`one of: ${canonicalValues.join(', ')}`] : []),
  ];
  const row = [`${parent}${name}`, multiValued ? `${type}[]` : type, mutability, returned, uniqueness, details.join(', ')];
  return [row, ...subAttributes.flatMap((sub) => schemaRows(sub, `${parent}${name}.`))];
}
