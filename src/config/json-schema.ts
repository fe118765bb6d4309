import * as z from 'zod';
import { bridgeFileForm } from './bridge-file-form.ts';
import { descriptionOf } from './form.ts';
import { BRIDGE_KEYS, MAPPING_KEYS, USUAL_PATHS } from './key-descriptions.ts';
import { mappingFileForm } from './mapping-file-form.ts';

/**
 * JSON Schemas (draft 2020-12) of the configuration files, for editors: they complete keys and words, say what these mean, and underline
 * what the forms refuse. They let pass what only the program finds: the small languages inside texts, names that mean nothing,
 * contradictions.
 */
export function jsonSchemas(): ReadonlyMap<'bridge' | 'mapping', object> {
  const bridge = describe(bridgeFileForm([]));
  const mapping = describe(mappingFileForm);
  explainKeys(bridge, [], BRIDGE_KEYS);
  explainKeys(mapping, [], MAPPING_KEYS);
  return new Map([
    ['bridge', { $schema, title: 'bridge.yaml of scim-ldap-bridge', ...bridge }],
    ['mapping', { $schema, title: 'A mapping file of scim-ldap-bridge', ...mapping, $defs: shareLines(mapping) }],
  ]);
}

const $schema = 'https://json-schema.org/draft/2020-12/schema';

type JsonSchema = z.core.JSONSchema.BaseSchema;

function describe(form: z.ZodType): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(form, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => amend(zodSchema, jsonSchema),
  });
  return schema;
}

/** Puts in what is in code, and the file as an editor reads it: with YAML's core schema, where text may look like another type. */
function amend(form: z.core.$ZodType, schema: JsonSchema): void {
  const { anyOf, values } = descriptionOf(form);
  if (anyOf !== undefined) schema.anyOf = anyOf.map(describe);
  if (values !== undefined) Object.assign(schema, { type: 'object', minProperties: 1, additionalProperties: describe(values) });
  if (form instanceof z.ZodObject) schema.additionalProperties = false;
  if (typeof schema.default === 'object') delete schema.default;
  if (schema.enum !== undefined) {
    delete schema.type;
    delete schema.minLength;
    schema.enum = [...new Set(schema.enum.flatMap((word) => [...(FLAGS.get(word) ?? []), word]))];
  }
  if (schema.type === 'integer') delete schema.minLength;
  if (schema.type === 'string') Object.assign(schema, { type: ['string', 'number', 'boolean'] });
}

/** Words to us, booleans to an editor. */
const FLAGS: ReadonlyMap<unknown, readonly boolean[]> = new Map([
  ['true', [true]],
  ['false', [false]],
]);

function explainKeys(schema: JsonSchema, path: readonly string[], keys: ReadonlyMap<string, string>): void {
  const description = keys.get(path.join('.'));
  if (description !== undefined && path.length > 0) schema.description = description;
  for (const each of schema.anyOf ?? []) explainKeys(each, path, keys);
  if (isSchema(schema.items)) explainKeys(schema.items, path, keys);
  for (const [key, value] of Object.entries(schema.properties ?? {})) if (isSchema(value)) explainKeys(value, [...path, key], keys);
  if (isSchema(schema.additionalProperties)) {
    explainKeys(schema.additionalProperties, path.at(-1) === 'attributes' ? ['line'] : [...path, '*'], keys);
  }
}

/** Takes the form of a line out of the sections, which all have the same, and offers the usual paths in its place. @returns the definitions */
function shareLines(mapping: JsonSchema): Record<string, JsonSchema> {
  const $defs: Record<string, JsonSchema> = {};
  for (const name of ['users', 'groups'] as const) {
    for (const section of sectionsIn(mapping.properties?.[name])) {
      const attributes = section.properties?.['attributes'];
      if (!isSchema(attributes) || !isSchema(attributes.additionalProperties)) continue;
      $defs['line'] = attributes.additionalProperties;
      const line = { $ref: '#/$defs/line' };
      attributes.properties = Object.fromEntries(USUAL_PATHS[name].map((path) => [path, line]));
      attributes.additionalProperties = line;
    }
  }
  return $defs;
}

/** The forms of a section: a map, or a list of them. */
function sectionsIn(schema: unknown): readonly JsonSchema[] {
  if (!isSchema(schema)) return [];
  return [schema, ...(schema.anyOf ?? []).flatMap(sectionsIn), ...sectionsIn(schema.items)];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
