import type { AttributeLine, SchemaAttributeSection, SchemaSection } from '../config/mapping-file.ts';
import type { YamlPath } from '../config/yaml-source.ts';
import { ScimError } from '../scim/errors.ts';
import { parseAttributePath } from '../scim/parse-attribute-path.ts';
import { defineResourceType, type ResourceType } from '../scim/resource-type.ts';
import {
  type AttributeDefinition,
  COMMON_ATTRIBUTES,
  defineAttribute,
  ENTERPRISE_USER_SCHEMA,
  GROUP_SCHEMA,
  type SchemaDefinition,
  standardSchema,
  USER_SCHEMA,
} from '../scim/schema.ts';
import type { CompileContext } from './compile-context.ts';

/** RFC 8141 form, with the SCIM shape that Entra can send: it skips names without `:<version>:<resource>` (entra-scim-client §10.3). */
const SCHEMA_URN = /^urn:[a-z0-9][a-z0-9-]{0,31}:[A-Za-z0-9()+,\-.:=@;$_!*'%/?#]+:\d+\.\d+:(User|Group)$/i;
const ATTRIBUTE_NAME = /^[A-Za-z$][\w$-]*$/;

/**
 * The resource types of a file: the standard schemas, its own extensions, and the characteristics that its lines give.
 * Of groups one for each location.
 */
export function compileResourceTypes(context: CompileContext): { readonly users: ResourceType; readonly groups: readonly ResourceType[] } {
  const own = [...context.file.schemas].flatMap(([urn, section]) => compileSchema(urn, section, context));
  const extending = (base: 'User' | 'Group') => own.filter((each) => each.base === base).map((each) => each.schema);
  const user = defineResourceType('User', standardSchema(USER_SCHEMA), [standardSchema(ENTERPRISE_USER_SCHEMA), ...extending('User')]);
  const group = defineResourceType('Group', standardSchema(GROUP_SCHEMA), extending('Group'));
  return {
    users: withCharacteristics(user, context.file.users.attributes, 'userName'),
    groups: context.file.groups.map(({ attributes }) => withCharacteristics(group, attributes, 'displayName')),
  };
}

interface OwnSchema {
  readonly base: 'User' | 'Group';
  readonly schema: SchemaDefinition;
}

function compileSchema(urn: string, section: SchemaSection, { report }: CompileContext): readonly OwnSchema[] {
  if (!SCHEMA_URN.test(urn)) {
    report(['schemas', urn], 'key', `${JSON.stringify(urn)} can't be the URN of a schema`, {
      help: 'as in urn:ietf:params:scim:schemas:extension:acme:2.0:User; Entra skips attributes of other forms',
    });
    return [];
  }
  if ([USER_SCHEMA, GROUP_SCHEMA, ENTERPRISE_USER_SCHEMA].some((each) => each.toLowerCase() === urn.toLowerCase())) {
    report(['schemas', urn], 'key', 'the SCIM standard defines this schema already', { help: 'give your extension a URN of its own' });
    return [];
  }
  const attributes = compileAttributes(['schemas', urn, 'attributes'], section.attributes, report);
  const name = urn.split(':').at(-3) ?? urn;
  return [{ base: section.extends, schema: { id: urn, name, description: section.description ?? '', attributes } }];
}

function compileAttributes(
  at: readonly string[],
  sections: ReadonlyMap<string, SchemaAttributeSection>,
  report: CompileContext['report'],
): readonly AttributeDefinition[] {
  return [...sections].flatMap(([name, section]) => {
    if (!ATTRIBUTE_NAME.test(name)) {
      report([...at, name], 'key', `${JSON.stringify(name)} can't be the name of an attribute`, {
        help: 'a letter, then letters, digits, "-", "_" (RFC 7643 §2.1)',
      });
      return [];
    }
    const { subAttributes, ...rest } = section;
    const { type } = rest;
    if (type === 'complex' && subAttributes === undefined) {
      report([...at, name], 'key', `${name} is complex and has no subAttributes`, {
        help: '{ type: complex, subAttributes: { value: { type: string } } }',
      });
    }
    if (type !== 'complex' && subAttributes !== undefined) {
      report([...at, name, 'subAttributes'], 'key', `${name} is ${type}, and only complex attributes have subAttributes`, {
        help: 'type: complex',
      });
    }
    refuseContradictions([...at, name], section, report);
    const subs = compileAttributes([...at, name, 'subAttributes'], subAttributes ?? new Map(), report);
    return [
      defineAttribute(name, {
        ...rest,
        type,
        caseExact: IS_CASE_EXACT.has(type) || section.caseExact === true,
        // RFC 7643 §7: what is write-only is not returned.
        ...(section.mutability === 'writeOnly' ? { returned: 'never' } : {}),
        subAttributes: subs,
      }),
    ];
  });
}

/** Whose values are the same in one spelling only (RFC 7643 §2.3.6, §2.3.7). */
const IS_CASE_EXACT: ReadonlySet<string> = new Set(['reference', 'binary']);

/** Characteristics that don't go with the type, or with each other (RFC 7643 §2.2, §7). */
function refuseContradictions(at: YamlPath, section: SchemaAttributeSection, report: CompileContext['report']): void {
  const { type, caseExact, canonicalValues, referenceTypes, required, mutability, returned } = section;
  const refuse = (key: keyof SchemaAttributeSection, message: string, help: string): void =>
    report([...at, key], 'value', message, { help });
  if (caseExact !== undefined && type !== 'string' && !(caseExact && IS_CASE_EXACT.has(type))) {
    const why = IS_CASE_EXACT.has(type) ? `letter case always counts for type ${type}` : `type ${type} has no letter case`;
    refuse('caseExact', why, 'leave it out, or type: string');
  }
  if (canonicalValues !== undefined && type !== 'string')
    refuse('canonicalValues', `canonical values are text, and this is ${type}`, 'type: string');
  if (referenceTypes !== undefined && type !== 'reference') refuse('referenceTypes', `type ${type} refers to nothing`, 'type: reference');
  if (required === true && mutability === 'readOnly')
    refuse('required', 'no client can send what is read-only', 'leave one of the two out');
  if (mutability === 'writeOnly' && returned !== undefined && returned !== 'never') {
    refuse('returned', 'what is write-only is never returned', 'leave one of the two out');
  }
}

/** The resource type with `mutability`, `required`, `returned`, `caseExact` and `canonicalValues` as the lines say (RFC 7643 §7). */
function withCharacteristics(type: ResourceType, lines: ReadonlyMap<string, AttributeLine>, essential: string): ResourceType {
  const changes = new Map<AttributeDefinition, Partial<AttributeDefinition>>();
  for (const [text, line] of lines) {
    const leaf = leafOf(text, type);
    if (leaf === undefined) continue;
    changes.set(leaf, { ...changes.get(leaf), ...characteristicsOf(line, leaf), ...(leaf.name === essential ? { required: true } : {}) });
  }
  if (changes.size === 0) return type;
  const changeAll = (attributes: readonly AttributeDefinition[]): readonly AttributeDefinition[] =>
    attributes.map((attribute) => ({
      ...attribute,
      ...changes.get(attribute),
      subAttributes: changeAll(attribute.subAttributes),
    }));
  const changeSchema = (schema: SchemaDefinition): SchemaDefinition => ({ ...schema, attributes: changeAll(schema.attributes) });
  return defineResourceType(type.name, changeSchema(type.schema), type.extensions.map(changeSchema), changeAll(COMMON_ATTRIBUTES));
}

/** The attribute that a line's characteristics are about. Of an element with brackets none: its siblings share the definition. */
function leafOf(text: string, type: ResourceType): AttributeDefinition | undefined {
  try {
    const parsed = parseAttributePath(text, type);
    if (parsed.kind !== 'attribute' || parsed.path.valueFilter !== undefined) return undefined;
    return parsed.path.sub ?? parsed.path.attribute;
  } catch (error) {
    // What is wrong with the path is said when its line is compiled.
    if (error instanceof ScimError) return undefined;
    throw error;
  }
}

function characteristicsOf(line: AttributeLine, { type }: AttributeDefinition): Partial<AttributeDefinition> {
  switch (line.kind) {
    case 'text': {
      const { mutability, required, returned, caseExact, encoding, values } = line;
      return {
        // A table says which values there are.
        ...(values === undefined || type !== 'string' ? {} : { canonicalValues: [...values.keys()] }),
        ...(mutability === undefined ? {} : { mutability }),
        // RFC 7643 §7: what is write-only is not returned.
        ...(mutability === 'writeOnly' ? { returned: 'never' } : {}),
        ...(required === undefined ? {} : { required }),
        ...(returned === undefined ? {} : { returned }),
        // Base64 text is the same in one spelling only.
        ...(encoding === 'base64' ? { caseExact: true } : {}),
        ...(caseExact === undefined ? {} : { caseExact }),
      };
    }
    case 'reference':
      return line.mutability === undefined ? {} : { mutability: line.mutability };
    case 'constant':
    case 'reverse':
    case 'state':
    case 'password':
      return {};
    default:
      return line satisfies never;
  }
}
