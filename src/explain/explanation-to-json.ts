import type { WriteControls } from '../directory/write-controls.ts';
import { attributeTypeOf } from '../ldap/attribute-description.ts';
import type { Change } from '../ldap/change.ts';
import type { LdapValue, LinePath } from '../ldap/entry.ts';
import { formatLdapFilter } from '../ldap/format-ldap-filter.ts';
import { formatChanges } from '../ldap/format-ldif.ts';
import type { JsonObject, JsonValue } from '../scim/json.ts';
import type { Explanation } from './explain-request.ts';
import type { MappingLine } from './mapping-lines.ts';
import type { RecordedOperation } from './planning-directory.ts';

export interface JsonFormat {
  readonly lineOf: (source: LinePath) => MappingLine;
  /** Attribute types, in lower case, whose values nobody is shown. */
  readonly secretAttributes: ReadonlySet<string>;
}

/** An explanation for machines; its members say what the text says. */
export function explanationToJson({ operations, answer, notes }: Explanation, format: JsonFormat): JsonObject {
  const body = answer.body === '' ? null : (JSON.parse(answer.body) as JsonValue);
  return {
    operations: operations.map((operation) => operationToJson(operation, format)),
    log: notes.map(({ message, fields }) => ({ message, ...textFields(fields) })),
    answer: { status: answer.status, headers: textFields(answer.headers), body },
  };
}

function operationToJson(operation: RecordedOperation, format: JsonFormat): JsonObject {
  if (operation.kind === 'search') {
    const { request, limit, sort, found } = operation;
    return {
      kind: 'search',
      base: request.base,
      scope: request.scope,
      filter: formatLdapFilter(request.filter),
      attributes: request.attributes,
      ...(request.matchedValues === undefined ? {} : { matchedValues: request.matchedValues.map(formatLdapFilter) }),
      ...(limit === undefined ? {} : { limit }),
      ...(sort === undefined ? {} : { sort: sort.map((key) => ({ ...key })) }),
      found,
    };
  }
  const { change, controls, refused } = operation;
  return {
    kind: change.kind,
    dn: change.dn,
    controls: controlsToJson(controls),
    values: valuesOfChange(change, format),
    ldif: formatChanges([change], { secretAttributes: format.secretAttributes }),
    ...(refused === undefined ? {} : { refused: { ...refused } }),
  };
}

function controlsToJson({ assertion, postRead, permissive }: WriteControls): JsonObject {
  return {
    ...(assertion === undefined ? {} : { assertion: formatLdapFilter(assertion) }),
    ...(postRead === undefined ? {} : { postRead }),
    ...(permissive ? { permissiveModify: true } : {}),
  };
}

/** What is written, each with the line of the mapping file that it comes from. */
function valuesOfChange(change: Change, { lineOf, secretAttributes }: JsonFormat): readonly JsonObject[] {
  const written = (attribute: string, values: readonly LdapValue[], source: LinePath | undefined, operation?: string): JsonObject => ({
    ...(operation === undefined ? {} : { operation }),
    attribute,
    values: values.map((value) => (secretAttributes.has(attributeTypeOf(attribute)) ? '********' : toText(value))),
    ...(source === undefined ? {} : { line: { ...lineOf(source) } }),
  });
  switch (change.kind) {
    case 'add':
      return change.attributes.map(({ name, values, source }) => written(name, values, source));
    case 'modify':
      return change.modifications.map(({ operation, attribute, values, source }) => written(attribute, values, source, operation));
    case 'rename':
      return change.source === undefined ? [] : [{ newRdn: change.newRdn, line: { ...lineOf(change.source) } }];
    case 'password':
      return change.source === undefined ? [] : [{ values: ['********'], line: { ...lineOf(change.source) } }];
    case 'delete':
      return [];
    default:
      return change satisfies never;
  }
}

/** Octets that are no text as base64. */
function toText(value: LdapValue): string {
  return typeof value === 'string' ? value : value.toString('base64');
}

function textFields(fields: Readonly<Record<string, unknown>>): JsonObject {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value instanceof Error ? value.message : (JSON.parse(JSON.stringify(value)) as JsonValue)]),
  );
}
