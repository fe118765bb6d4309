import { padBase64 } from './base64.ts';
import { parseDateTime } from './date-time.ts';
import type { ComparisonOperator, FilterValue } from './filter.ts';
import type { Token } from './filter-lexer.ts';
import type { AttributeDefinition } from './schema.ts';

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/**
 * The literal of a comparison, read as the attribute's type where it can be:
 *
 * - `"True"`, `"false"`, unquoted `True` against a boolean are booleans (entra-scim-client §7 row 12);
 * - `"5"` against an integer or decimal is a number: Entra quotes every value (§2.4);
 * - `5` and `true` against text are text, as written (§7 row 15);
 * - base64 without its padding has it against a binary (RFC 7643 §2.3.6), as values have that were sent without;
 * - with `bareWords`, an unquoted word against text is text (§2.4, §7 row 13).
 *
 * A literal that doesn't fit stays as it is and will match nothing: Entra's probe compares any attribute with a random GUID.
 *
 * @returns undefined when the token is no literal
 */
export function readLiteral(attribute: AttributeDefinition, token: Token, bareWords: boolean): FilterValue | undefined {
  if (token.kind === 'string') return convertText(attribute, token.value);
  if (token.kind !== 'word') return undefined;
  const { text } = token;
  if (text === 'null') return null;
  if (attribute.type === 'boolean') {
    const boolean = readBoolean(text);
    if (boolean !== undefined) return boolean;
  }
  const isNumber = NUMBER.test(text);
  if (isText(attribute)) return isNumber || text === 'true' || text === 'false' || bareWords ? text : undefined;
  if (isNumber) return readNumber(text);
  return text === 'true' || text === 'false' ? text === 'true' : undefined;
}

/**
 * Why an attribute can't be compared that way (RFC 7644 §3.4.2.2: no order among booleans and binaries), or undefined.
 * An order needs an instant on the right of a dateTime, and only `eq` and `ne` make sense with null.
 */
export function objectionTo(attribute: AttributeDefinition, operator: ComparisonOperator, value: FilterValue): string | undefined {
  const { type, name } = attribute;
  switch (operator) {
    case 'eq':
    case 'ne':
      return undefined;
    case 'co':
    case 'sw':
    case 'ew':
      if (!isText(attribute)) return `${operator} needs text, but ${name} is of type ${type}`;
      break;
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      if (type === 'boolean' || type === 'binary') return `${operator} needs an order, but ${name} is of type ${type}`;
      if (type === 'dateTime' && typeof value === 'string' && parseDateTime(value) === undefined) {
        return `${operator} on ${name} needs a dateTime such as "2011-05-13T04:42:34Z"`;
      }
      break;
    default:
      return operator satisfies never;
  }
  return value === null ? `${operator} can't compare with null` : undefined;
}

function convertText(attribute: AttributeDefinition, text: string): FilterValue {
  if (attribute.type === 'boolean') return readBoolean(text) ?? text;
  if (attribute.type === 'integer' || attribute.type === 'decimal') return (NUMBER.test(text) ? readNumber(text) : undefined) ?? text;
  if (attribute.type === 'binary') return padBase64(text) ?? text;
  return text;
}

function readBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

/** Numbers beyond the range of a double are no literal; minus zero is zero. */
function readNumber(text: string): number | undefined {
  const number = Number(text);
  return Number.isFinite(number) ? number + 0 : undefined;
}

function isText({ type }: AttributeDefinition): boolean {
  return type === 'string' || type === 'reference' || type === 'dateTime' || type === 'binary';
}
