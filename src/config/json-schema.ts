import * as z from 'zod';
import { bridgeFileForm } from './bridge-file-form.ts';
import { descriptionOf } from './form.ts';
import { mappingFileForm } from './mapping-file-form.ts';

/**
 * JSON Schemas (draft 2020-12) of the configuration files, for editors: they complete keys and words, and underline what the forms
 * refuse. They let pass what only the program finds: the small languages inside texts, names that mean nothing, contradictions.
 */
export function jsonSchemas(): ReadonlyMap<'bridge' | 'mapping', object> {
  return new Map([
    ['bridge', titled('bridge.yaml of scim-ldap-bridge', bridgeFileForm([]))],
    ['mapping', titled('A mapping file of scim-ldap-bridge', mappingFileForm)],
  ]);
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

function titled(title: string, form: z.ZodType): object {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title, ...describe(form) };
}

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
