import { isList, isObject, type ScimValue } from './resource.ts';
import type { AttributeDefinition } from './schema.ts';

/**
 * Whether two values of an attribute are the same to a client: text is compared exactly or without case, as the attribute
 * says (RFC 7643 §2.2), complex values by the sub-attributes that the schema knows, lists as sets.
 */
export function sameValue(definition: AttributeDefinition, a: ScimValue | undefined, b: ScimValue | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (typeof a === 'string' && typeof b === 'string') return !definition.caseExact && a.toLowerCase() === b.toLowerCase();
  return valueKey(definition, a) === valueKey(definition, b);
}

/** A text that two values of an attribute share exactly when they are the same: what they are found by in large lists. */
export function valueKey(definition: AttributeDefinition, value: ScimValue): string {
  if (isList(value)) {
    const keys = new Set(value.map((each) => valueKey(definition, each)));
    return `[${[...keys].toSorted().join()}]`;
  }
  if (isObject(value)) {
    const members = definition.subAttributes.map((sub) => {
      const member = value[sub.name];
      return member === undefined ? '' : valueKey(sub, member);
    });
    return `{${members.join()}}`;
  }
  return JSON.stringify(typeof value === 'string' && !definition.caseExact ? value.toLowerCase() : value);
}
