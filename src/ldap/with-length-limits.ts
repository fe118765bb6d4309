import { attributeTypeOf } from './attribute-description.ts';
import type { LdapAttributeType, LdapSchema } from './schema.ts';

/**
 * A schema whose attribute types know how long the server lets their values be.
 *
 * @param limits in UTF-16 code units, by name in lower case
 */
export function withLengthLimits(schema: LdapSchema, limits: ReadonlyMap<string, number>): LdapSchema {
  if (limits.size === 0) return schema;
  const limited = (type: LdapAttributeType): LdapAttributeType => {
    const lengthLimit = type.names.map((name) => limits.get(name.toLowerCase())).find((limit) => limit !== undefined);
    return lengthLimit === undefined ? type : { ...type, lengthLimit };
  };
  const types = new Map<string, LdapAttributeType>();
  for (const type of schema.attributeTypes.map(limited)) {
    for (const name of [type.oid, ...type.names]) types.set(name.toLowerCase(), type);
  }
  return { ...schema, attributeTypes: [...new Set(types.values())], attributeType: (name) => types.get(attributeTypeOf(name)) };
}
