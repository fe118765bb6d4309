import type { Diagnostic } from '../config/diagnostic.ts';
import type { AttributeLine, GeneratedLine, MappingFile, ResourceSection } from '../config/mapping-file.ts';
import type { YamlPath, YamlSource } from '../config/yaml-source.ts';
import { attributeKey } from '../ldap/attribute-description.ts';
import { DnSyntaxError, parseDn } from '../ldap/dn.ts';
import { EVERYTHING, type LdapFilter } from '../ldap/filter.ts';
import { FilterSyntaxError, parseLdapFilter } from '../ldap/parse-ldap-filter.ts';
import type { ResourceType } from '../scim/resource-type.ts';
import { advertise } from './advertise.ts';
import type { CompileContext } from './compile-context.ts';
import { compileLine } from './compile-line.ts';
import { compileResourceTypes } from './compile-schemas.ts';
import type { Lens } from './lens.ts';
import { samePlace } from './place.ts';
import type { GeneratedAttribute, Plan, ResourcePlan } from './plan.ts';
import type { ReferenceTarget } from './reference-table.ts';
import { parseTemplate, type Template, TemplateError } from './template.ts';

export type CompileResult =
  | { readonly ok: true; readonly plan: Plan; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Compiles a mapping file that has the right form: every name in it is looked up, every filter, DN and template parsed, every
 * contradiction found. No request looks at configuration afterwards.
 *
 * @returns the plan and what is worth a warning, or everything that is wrong; in file order
 */
export function compileMapping(file: MappingFile, source: YamlSource): CompileResult {
  const diagnostics: Diagnostic[] = [];
  const context: CompileContext = { file, report: (...args) => void diagnostics.push(source.report(...args)) };
  const types = compileResourceTypes(context);
  const users = compileSection('users', file.users, types.users, context);
  const groups = file.groups === undefined ? undefined : compileSection('groups', file.groups, types.groups, context);
  const inOrder = diagnostics.toSorted((a, b) => a.line - b.line || a.column - b.column);
  if (diagnostics.some((each) => each.severity === 'error')) return { ok: false, diagnostics: inOrder };
  return { ok: true, plan: { users, groups, unmapped: file.unmapped, unknown: file.unknown }, diagnostics: inOrder };
}

/** What a resource can't do without; the line that maps it is required, whether it says so or not. */
const ESSENTIAL: Record<ReferenceTarget, string> = { users: 'userName', groups: 'displayName' };

function compileSection(
  target: ReferenceTarget,
  section: ResourceSection,
  resourceType: ResourceType,
  context: CompileContext,
): ResourcePlan {
  const lenses: Lens[] = [];
  for (const [path, line] of section.attributes) {
    const lens = compileLine(target, path, line, resourceType, context);
    if (lens !== undefined) lenses.push(lens);
  }
  refuseSharedPlaces(target, lenses, context);
  refuseSharedAttributes(target, lenses, section.attributes, context);
  const essential = resourceType.findAttribute(ESSENTIAL[target], resourceType.schema)?.attribute;
  const isNamingBroken = brokenLines(section, lenses).some(
    (line) => 'ldap' in line && line.ldap.toLowerCase() === section.rdn.toLowerCase(),
  );
  if (!isNamingBroken && !lenses.some((lens) => lens.place.path.attribute === essential)) {
    context.report([target, 'attributes'], 'key', `no line maps ${ESSENTIAL[target]}, which every ${resourceType.name} has`);
  }
  const generated = [...section.generated].map(([ldap, line]) => compileGenerated(target, ldap, line, resourceType, lenses, context));
  if (!isNamingBroken) refuseUnnamed(target, section, lenses, generated, context);
  return {
    target,
    source: [target],
    resourceType,
    advertised: advertise(resourceType, lenses),
    base: section.base,
    baseDn: readDn([target, 'base'], section.base, context),
    filter: readFilter([target, 'filter'], section.filter, context),
    id: section.id,
    rdn: section.rdn,
    objectClasses: section.objectClass,
    lenses,
    generated,
    meta: section.meta,
  };
}

/** Lines with mistakes of their own, which have been reported: what they were meant to do is not missing. */
function brokenLines(section: ResourceSection, lenses: readonly Lens[]): readonly AttributeLine[] {
  return [...section.attributes].flatMap(([path, line]) => (lenses.some((lens) => lens.path === path) ? [] : [line]));
}

function readDn(path: YamlPath, text: string, { report }: CompileContext): ResourcePlan['baseDn'] {
  try {
    return parseDn(text);
  } catch (error) {
    if (!(error instanceof DnSyntaxError)) throw error;
    report(path, 'value', `not a DN: ${error.reason}`, { offset: error.offset, length: 1 });
    return [];
  }
}

function readFilter(path: YamlPath, text: string, { report }: CompileContext): LdapFilter {
  try {
    return parseLdapFilter(text);
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    report(path, 'value', `not an LDAP filter: ${error.reason}`, { offset: error.offset, length: 1 });
    return EVERYTHING;
  }
}

/** One line per place; and a list is fed by one line, or its elements are described one by one. */
function refuseSharedPlaces(target: ReferenceTarget, lenses: readonly Lens[], { report }: CompileContext): void {
  for (const [index, lens] of lenses.entries()) {
    const first = lenses.slice(0, index).find((each) => samePlace(each.place, lens.place));
    if (first !== undefined) report([target, 'attributes', lens.path], 'key', `${first.path} maps the same place already`);
    if (lens.place.kind !== 'list' || first !== undefined) continue;
    const other = lenses.find(
      ({ place }, at) => place.path.attribute === lens.place.path.attribute && (place.kind === 'element' || at < index),
    );
    if (other === undefined) continue;
    report([target, 'attributes', lens.path], 'key', `${lens.path} feeds a whole list, which ${other.path} feeds too`, {
      help: 'describe the elements one by one, as in emails[type eq "work"].value, or keep one of the lines',
    });
  }
}

/** One owner per LDAP attribute: two lines that write the same one would undo each other. */
function refuseSharedAttributes(
  target: ReferenceTarget,
  lenses: readonly Lens[],
  lines: ReadonlyMap<string, AttributeLine>,
  { report }: CompileContext,
): void {
  const owners = new Map<string, Lens>();
  for (const lens of lenses) {
    if (lens.ldap === undefined || lens.definition.mutability === 'readOnly') continue;
    const owner = owners.get(attributeKey(lens.ldap));
    if (owner === undefined) {
      owners.set(attributeKey(lens.ldap), lens);
      continue;
    }
    const isPlain = lines.get(lens.path)?.kind === 'text';
    report(
      [target, 'attributes', lens.path],
      'value',
      `${lens.ldap} is written by ${owner.path} already: an LDAP attribute has one owner`,
      {
        help: isPlain ? 'keep one of the two lines, or make one of them { ldap: …, mutability: readOnly }' : 'keep one of the two lines',
      },
    );
  }
}

function compileGenerated(
  target: ReferenceTarget,
  ldap: string,
  line: GeneratedLine,
  resourceType: ResourceType,
  lenses: readonly Lens[],
  { report }: CompileContext,
): GeneratedAttribute {
  const owner = lenses.find((lens) => lens.ldap?.toLowerCase() === ldap.toLowerCase() && lens.definition.mutability !== 'readOnly');
  if (owner !== undefined && owner.kind !== 'text') {
    report([target, 'generated', ldap], 'key', `${ldap} is written by ${owner.path} already: an LDAP attribute has one owner`);
  }
  const templates: Template[] = [];
  const sources = line.places.map((place) => [target, 'generated', ldap, ...place]);
  for (const [index, text] of line.templates.entries()) {
    try {
      templates.push(parseTemplate(text, resourceType));
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      report(sources[index] ?? [target, 'generated', ldap], 'value', error.message, { offset: error.offset, length: error.length });
    }
  }
  return { ldap, templates, sources, write: line.write };
}

/** Something has to give each new entry its name. */
function refuseUnnamed(
  target: ReferenceTarget,
  section: ResourceSection,
  lenses: readonly Lens[],
  generated: readonly GeneratedAttribute[],
  { report }: CompileContext,
): void {
  const rdn = section.rdn.toLowerCase();
  const isWritten =
    lenses.some((lens) => lens.kind === 'text' && lens.ldap?.toLowerCase() === rdn && lens.definition.mutability !== 'readOnly') ||
    generated.some((line) => line.ldap.toLowerCase() === rdn);
  if (!isWritten) {
    report([target, 'rdn'], 'value', `no line writes ${section.rdn}, so new entries would have no name`, {
      help: `map ${ESSENTIAL[target]} to ${section.rdn}, or generate ${section.rdn}`,
    });
  }
}
