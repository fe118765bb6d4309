import type { Diagnostic } from '../config/diagnostic.ts';
import type { AttributeLine, MappingFile, ProtectedSection, ResourceSection } from '../config/mapping-file.ts';
import type { YamlPath, YamlSource } from '../config/yaml-source.ts';
import { attributeKey } from '../ldap/attribute-description.ts';
import { EVERYTHING, type LdapFilter } from '../ldap/filter.ts';
import { FilterSyntaxError, parseLdapFilter } from '../ldap/parse-ldap-filter.ts';
import { ScimError } from '../scim/errors.ts';
import type { Filter } from '../scim/filter.ts';
import { formatAttributePath } from '../scim/format-filter.ts';
import { parseFilter } from '../scim/parse-filter.ts';
import type { ResourceType } from '../scim/resource-type.ts';
import { advertise } from './advertise.ts';
import { compileAdoption, hideUnmarked } from './compile-adoption.ts';
import type { CompileContext } from './compile-context.ts';
import { compileDeletion, withoutDeleted } from './compile-deletion.ts';
import { compileDn } from './compile-dn.ts';
import { compileGenerated } from './compile-generated.ts';
import { compileLine } from './compile-line.ts';
import { compileResourceTypes } from './compile-schemas.ts';
import { compileInactiveBranch, refuseOwnedSideEffects } from './compile-state.ts';
import type { Lens } from './lens.ts';
import { samePlace } from './place.ts';
import { outermost, withoutEarlier } from './placement.ts';
import { type Branch, type GeneratedAttribute, isReferenceLens, type Plan, type Protection, type ResourcePlan } from './plan.ts';
import type { ReferenceTarget } from './reference-table.ts';
import { attributesOf } from './translate-filter.ts';

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
  const users = compileSection('users', ['users'], file.users, types.users, context);
  const groups: ResourcePlan[] = [];
  for (const [index, { at, ...section }] of file.groups.entries()) {
    const plan = compileSection('groups', at, section, types.groups[index] ?? types.users, context);
    groups.push({ ...plan, filter: withoutEarlier(plan, groups) });
  }
  const hide = (plan: ResourcePlan): ResourcePlan => hideUnmarked({ ...plan, filter: withoutDeleted(plan.filter, plan.onDelete) });
  refuseUnreachable(file.groups, context);
  const namesOf = (target: ReferenceTarget): readonly string[] => [
    ...new Set(
      [users, ...groups]
        .flatMap(({ lenses }) => lenses.filter(isReferenceLens))
        .flatMap(({ refersTo, by }) => (by !== undefined && refersTo.includes(target) ? [by] : [])),
    ),
  ];
  const protection = compileProtection(file.protected, [users, ...groups], context);
  const inOrder = diagnostics.toSorted((a, b) => a.line - b.line || a.column - b.column);
  if (diagnostics.some((each) => each.severity === 'error')) return { ok: false, diagnostics: inOrder };
  return {
    ok: true,
    plan: {
      users: { ...hide(users), namedBy: namesOf('users') },
      groups: groups.map((plan) => ({ ...hide(plan), namedBy: namesOf('groups') })),
      unmapped: file.unmapped,
      unknown: file.unknown,
      protection,
      ...(file.brakes === undefined ? {} : { brakes: file.brakes }),
    },
    diagnostics: inOrder,
  };
}

/** What a resource can't do without; the line that maps it is required, whether it says so or not. */
const ESSENTIAL: Record<ReferenceTarget, string> = { users: 'userName', groups: 'displayName' };

function compileSection(
  target: ReferenceTarget,
  at: YamlPath,
  section: ResourceSection,
  resourceType: ResourceType,
  context: CompileContext,
): ResourcePlan {
  const lenses: Lens[] = [];
  for (const [path, line] of section.attributes) {
    const lens = compileLine(at, path, line, resourceType, context);
    if (lens !== undefined) lenses.push(lens);
  }
  refuseSharedPlaces(at, lenses, context);
  refuseSharedAttributes(at, lenses, section.attributes, context);
  const essential = resourceType.findAttribute(ESSENTIAL[target], resourceType.schema)?.attribute;
  const isNamingBroken = brokenLines(section, lenses).some(
    (line) => 'ldap' in line && line.ldap.toLowerCase() === section.rdn.toLowerCase(),
  );
  if (!isNamingBroken && !lenses.some((lens) => lens.place.path.attribute === essential)) {
    context.report([...at, 'attributes'], 'key', `no line maps ${ESSENTIAL[target]}, which every ${resourceType.name} has`);
  }
  const generated = [...section.generated].map(([ldap, line]) =>
    compileGenerated([...at, 'generated', ldap], ldap, line, resourceType, lenses, context),
  );
  refuseOwnedSideEffects(at, section, lenses, context);
  const placed = compileBranches(at, section, resourceType, lenses, context);
  const branches = [...compileInactiveBranch(at, section.attributes, lenses, placed, resourceType, context), ...placed];
  if (!isNamingBroken) refuseUnnamed(target, at, section, lenses, generated, context);
  return {
    target,
    source: at,
    resourceType,
    advertised: advertise(resourceType, lenses),
    when: section.when === undefined ? undefined : compileWhen([...at, 'when'], section.when, resourceType, context),
    branches,
    searchBases: outermost(branches),
    filter: compileLdapFilter([...at, 'filter'], section.filter, context),
    adoption: compileAdoption(target, at, section, context),
    id: section.id.ldap,
    idEncoding: section.id.encoding ?? 'text',
    rdn: section.rdn,
    objectClasses: section.objectClass,
    namedBy: [],
    lenses,
    generated,
    onDelete: compileDeletion(at, section, resourceType, lenses, branches, context),
    meta: section.meta,
  };
}

/** Lines with mistakes of their own, which have been reported: what they were meant to do is not missing. */
function brokenLines(section: ResourceSection, lenses: readonly Lens[]): readonly AttributeLine[] {
  return [...section.attributes].flatMap(([path, line]) => (lenses.some((lens) => lens.path === path) ? [] : [line]));
}

/** The branches of `placement`, and `base` for whatever fits none of them. */
function compileBranches(
  at: YamlPath,
  { base, placement }: Pick<ResourceSection, 'base' | 'placement'>,
  resourceType: ResourceType,
  lenses: readonly Lens[],
  context: CompileContext,
): readonly Branch[] {
  const placed = placement.map((branch, index): Branch => {
    const place = [...at, 'placement', index];
    const when = compileWhen([...place, 'when'], branch.when, resourceType, context);
    if (when !== undefined) refuseUnmappedCondition([...place, 'when'], when, lenses, context);
    return { base: branch.base, dn: compileDn([...place, 'base'], branch.base, context), when };
  });
  return [...placed, { base, dn: compileDn([...at, 'base'], base, context), when: undefined }];
}

/** A condition is a SCIM filter, read as strictly as the grammar says: it is the operator's own. */
function compileWhen(path: YamlPath, text: string, resourceType: ResourceType, { report }: CompileContext): Filter | undefined {
  try {
    return parseFilter(text, resourceType);
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    report(path, 'value', error.detail, { help: `a condition is a SCIM filter, such as userType eq "Contractor"` });
    return undefined;
  }
}

/** What no line stores is gone after the create: the next change would move the entry to where it doesn't belong. */
function refuseUnmappedCondition(path: YamlPath, when: Filter, lenses: readonly Lens[], { report }: CompileContext): void {
  const unmapped = attributesOf(when).find(({ attribute }) => !lenses.some((lens) => lens.place.path.attribute === attribute));
  if (unmapped !== undefined) {
    report(path, 'value', `no line maps ${formatAttributePath(unmapped)}, so where an entry belongs would not be known later`);
  }
}

function compileProtection(
  { below, matching, owned }: ProtectedSection,
  plans: readonly ResourcePlan[],
  context: CompileContext,
): Protection {
  if (owned !== undefined) refuseUnmarked(owned, plans, context);
  return {
    below: below.map((base, index) => ({ base, dn: compileDn(['protected', 'below', index], base, context) })),
    matching: matching.map((filter, index) => compileLdapFilter(['protected', 'matching', index], filter, context)),
    owned,
  };
}

/** What we create carries the mark: without it, nothing could be changed after it was created. */
function refuseUnmarked(owned: string, plans: readonly ResourcePlan[], { report }: CompileContext): void {
  const unmarked = plans.find(({ objectClasses }) => !objectClasses.some((name) => name.toLowerCase() === owned.toLowerCase()));
  if (unmarked === undefined) return;
  report(['protected', 'owned'], 'value', `objectClass of ${unmarked.target} lacks "${owned}", so new ones would not count as our own`, {
    help: `add it to every objectClass, or name here an auxiliary class that is in all of them`,
  });
}

/** Every location but the last says which groups it is for. */
function refuseUnreachable(groups: MappingFile['groups'], { report }: CompileContext): void {
  for (const [index, { at, when }] of groups.entries()) {
    const isLast = index === groups.length - 1;
    if (!isLast && when === undefined) {
      report(at, 'value', 'only the last location goes without "when": new groups never reach those after this one', {
        help: `add, for instance, when: displayName sw "unix-"`,
      });
    }
    if (isLast && when !== undefined) {
      report([...at, 'when'], 'key', 'the last location takes all other groups: it has no "when"');
    }
  }
}

function compileLdapFilter(path: YamlPath, text: string, { report }: CompileContext): LdapFilter {
  try {
    return parseLdapFilter(text);
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    report(path, 'value', `not an LDAP filter: ${error.reason}`, { offset: error.offset, length: 1 });
    return EVERYTHING;
  }
}

/** One line per place; and a list is fed by one line, or its elements are described one by one. */
function refuseSharedPlaces(at: YamlPath, lenses: readonly Lens[], { report }: CompileContext): void {
  for (const [index, lens] of lenses.entries()) {
    const first = lenses.slice(0, index).find((each) => samePlace(each.place, lens.place));
    if (first !== undefined) report([...at, 'attributes', lens.path], 'key', `${first.path} maps the same place already`);
    if (lens.place.kind !== 'list' || first !== undefined) continue;
    const other = lenses.find(
      ({ place }, position) => place.path.attribute === lens.place.path.attribute && (place.kind === 'element' || position < index),
    );
    if (other === undefined) continue;
    report([...at, 'attributes', lens.path], 'key', `${lens.path} feeds a whole list, which ${other.path} feeds too`, {
      help: 'describe the elements one by one, as in emails[type eq "work"].value, or keep one of the lines',
    });
  }
}

/** One owner per LDAP attribute: two lines that write the same one would undo each other. */
function refuseSharedAttributes(
  at: YamlPath,
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
    report([...at, 'attributes', lens.path], 'value', `${lens.ldap} is written by ${owner.path} already: an LDAP attribute has one owner`, {
      help: isPlain ? 'keep one of the two lines, or make one of them { ldap: …, mutability: readOnly }' : 'keep one of the two lines',
    });
  }
}

/** Something has to give each new entry its name. */
function refuseUnnamed(
  target: ReferenceTarget,
  at: YamlPath,
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
    report([...at, 'rdn'], 'value', `no line writes ${section.rdn}, so new entries would have no name`, {
      help: `map ${ESSENTIAL[target]} to ${section.rdn}, or generate ${section.rdn}`,
    });
  }
}
