import { isList, isObject, type ScimValue } from './resource.ts';
import type { AttributeDefinition } from './schema.ts';

/**
 * Whether two values of an attribute are the same to a client: text is compared exactly or without case, as the attribute
 * says (RFC 7643 §2.2), complex values member by member, lists as sets.
 */
export function sameValue(definition: AttributeDefinition, a: ScimValue | undefined, b: ScimValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (isList(a) || isList(b)) {
    return isList(a) && isList(b) && a.length === b.length && a.every((each) => b.some((other) => sameValue(definition, each, other)));
  }
  if (isObject(a) || isObject(b)) {
    return isObject(a) && isObject(b) && definition.subAttributes.every((sub) => sameValue(sub, a[sub.name], b[sub.name]));
  }
  if (typeof a === 'string' && typeof b === 'string' && !definition.caseExact) return a.toLowerCase() === b.toLowerCase();
  return a === b;
}
