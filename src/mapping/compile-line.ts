import type { AttributeLine } from '../config/mapping-file.ts';
import type { YamlPath } from '../config/yaml-source.ts';
import { attributeKey, isAttributeDescription } from '../ldap/attribute-description.ts';
import { DnSyntaxError, parseDn } from '../ldap/dn.ts';
import type { AttributePath } from '../scim/attribute-path.ts';
import { describeElement } from '../scim/element-description.ts';
import { ScimError } from '../scim/errors.ts';
import { parseAttributePath } from '../scim/parse-attribute-path.ts';
import { readSingle } from '../scim/read-value.ts';
import type { ResourceType } from '../scim/resource-type.ts';
import type { CompileContext } from './compile-context.ts';
import { compileState } from './compile-state.ts';
import { compileText } from './compile-text.ts';
import { knownPaths } from './known-paths.ts';
import type { Lens } from './lens.ts';
import { constantLens } from './lenses/constant.ts';
import { passwordLens } from './lenses/password.ts';
import { referenceLens } from './lenses/reference.ts';
import { reverseLens } from './lenses/reverse.ts';
import type { ElementPlace, Place } from './place.ts';

/** One line under `attributes` as a lens; undefined when something is wrong with it, which has been reported then. */
export function compileLine(
  section: YamlPath,
  path: string,
  line: AttributeLine,
  resourceType: ResourceType,
  context: CompileContext,
): Lens | undefined {
  const at = [...section, 'attributes', path];
  const place = compilePlace(at, path, resourceType, context);
  if (place === undefined) return undefined;
  const leaf = place.path.sub ?? place.path.attribute;
  const refuse = (message: string, help?: string): undefined => {
    context.report(at, 'value', message, help === undefined ? {} : { help });
    return undefined;
  };
  if ('ldap' in line && !isAttributeDescription(line.ldap)) {
    return refuse(`${JSON.stringify(line.ldap)} can't be an LDAP attribute`, 'a name, and perhaps options, as in userCertificate;binary');
  }
  switch (line.kind) {
    case 'text':
      return compileText(at, path, place, line, context);
    case 'constant': {
      if (place.kind === 'list')
        return refuse('a constant needs one place, not a list', 'describe the element: emails[type eq "work"].primary');
      try {
        const constant = readSingle(leaf, line.constant, path, { unknown: 'reject', note: () => undefined });
        return constant === undefined ? refuse('an empty constant') : constantLens({ path, source: at, place, definition: leaf, constant });
      } catch (error) {
        if (error instanceof ScimError) return refuse(error.detail);
        throw error;
      }
    }
    case 'reference':
      return compileReference(at, path, place, line, context);
    case 'reverse':
      return compileReverse(at, path, place, line, context);
    case 'state':
      return compileState(at, path, place, line, context);
    case 'password':
      if (leaf.name !== 'password' || place.path.isExtension) return refuse('only password has a method');
      return passwordLens({ path, source: at, place, definition: leaf, ldap: line.ldap, method: line.method });
    default:
      return line satisfies never;
  }
}

function compileReference(
  at: YamlPath,
  path: string,
  place: Place,
  line: Extract<AttributeLine, { kind: 'reference' }>,
  context: CompileContext,
): Lens | undefined {
  const { attribute } = place.path;
  const hasValue = attribute.subAttributes.some((each) => each.name === 'value');
  if (place.kind === 'element' || (attribute.type === 'complex' ? !hasValue : !['string', 'reference'].includes(attribute.type))) {
    context.report(at, 'value', `${path} can't hold a reference`, {
      help: 'manager, members, groups, or an attribute of type reference can',
    });
    return undefined;
  }
  if (line.refersTo.includes('groups') && context.file.groups.length === 0) {
    context.report(at, 'value', 'refersTo names groups, and the file has none');
  }
  if (line.whenEmpty !== undefined && line.by === undefined) {
    try {
      parseDn(line.whenEmpty);
    } catch (error) {
      if (!(error instanceof DnSyntaxError)) throw error;
      context.report([...at, 'whenEmpty'], 'value', `not a DN: ${error.reason}`, { offset: error.offset, length: 1 });
    }
  }
  if (line.by !== undefined && !isAttributeDescription(line.by)) {
    context.report([...at, 'by'], 'value', `${JSON.stringify(line.by)} can't be an LDAP attribute`, {
      help: 'by is dn, or an attribute of what is referred to, such as uid',
    });
  }
  const { schema, isExtension } = place.path;
  const whole: Place = { kind: place.kind, path: { schema, isExtension, attribute } };
  const definition = { ...attribute, mutability: line.mutability ?? attribute.mutability };
  return referenceLens({
    path,
    source: at,
    place: whole,
    definition,
    ldap: line.ldap,
    refersTo: line.refersTo,
    by: line.by === undefined ? undefined : attributeKey(line.by),
    whenEmpty: line.whenEmpty,
    placeholders: placeholdersOf(context.file),
    unresolved: line.unresolved,
  });
}

function compileReverse(
  at: YamlPath,
  path: string,
  place: Place,
  { indirect }: Extract<AttributeLine, { kind: 'reverse' }>,
  context: CompileContext,
): Lens | undefined {
  const { attribute, isExtension } = place.path;
  if (attribute.name !== 'groups' || isExtension || place.path.sub !== undefined) {
    context.report(at, 'value', 'only groups of a user can be found in reverse', { help: 'groups: { reverse: groups.members }' });
    return undefined;
  }
  const members = context.file.groups.map(({ attributes }) => attributes.get('members'));
  if (!members.some((line) => line?.kind === 'reference' && line.refersTo.includes('users'))) {
    context.report([...at, 'reverse'], 'value', 'no line maps the members of groups to users');
    return undefined;
  }
  return reverseLens({ path, source: at, place, definition: attribute, indirect });
}

/** The DNs that stand in for members that a class demands, of all lines. */
function placeholdersOf({ users, groups }: CompileContext['file']): readonly string[] {
  const lines = [users, ...groups].flatMap(({ attributes }) => [...attributes.values()]);
  return lines.flatMap((line) => (line.kind === 'reference' && line.whenEmpty !== undefined ? [line.whenEmpty] : []));
}

function compilePlace(at: YamlPath, text: string, resourceType: ResourceType, { file, report }: CompileContext): Place | undefined {
  const path = compilePath(at, text, resourceType, file, report);
  if (path === undefined) return undefined;
  const { attribute, sub, valueFilter } = path;
  if (['id', 'meta', 'schemas'].includes(attribute.name) && !path.isExtension) {
    report(at, 'key', `${attribute.name} is not mapped here`, {
      help: attribute.name === 'schemas' ? 'it is made by the bridge' : `it has a key of its own: ${attribute.name}:`,
    });
    return undefined;
  }
  if (!attribute.multiValued) {
    if (valueFilter === undefined) return { kind: 'single', path };
    report(at, 'key', `${attribute.name} has one value: leave the brackets out`);
    return undefined;
  }
  if (valueFilter === undefined) return { kind: 'list', path };
  const description = describeElement(valueFilter);
  if (description === undefined || sub === undefined) {
    report(at, 'key', 'an element is described by eq alone, and a sub-attribute follows', {
      help: `as in ${attribute.name}[type eq "work"].value`,
    });
    return undefined;
  }
  return { kind: 'element', path: path as ElementPlace['path'], description };
}

function compilePath(
  at: YamlPath,
  text: string,
  resourceType: ResourceType,
  file: CompileContext['file'],
  report: CompileContext['report'],
): AttributePath | undefined {
  try {
    const parsed = parseAttributePath(text, resourceType);
    if (parsed.kind === 'attribute') return parsed.path;
    if (parsed.kind === 'schema') {
      report(at, 'key', 'this is a schema: map its attributes', { help: `as in ${text}:${parsed.schema.attributes[0]?.name ?? 'name'}` });
      return undefined;
    }
    const isOwn = /^urn:/i.test(text) && file.schemas.size === 0;
    report(at, 'key', `no SCIM schema knows ${JSON.stringify(text)}`, {
      ...(isOwn ? { help: 'describe an extension of your own under schemas:' } : {}),
      guess: { written: text, known: knownPaths(resourceType) },
    });
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    report(at, 'key', error.detail);
  }
  return undefined;
}
