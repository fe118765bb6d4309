import type { Filter } from './filter.ts';
import type { AttributeDefinition, SchemaDefinition } from './schema.ts';

/**
 * A path such as `userName`, `name.givenName`, `emails[type eq "work"].value` or
 * `urn:…:enterprise:2.0:User:manager.value`, resolved against a resource type (RFC 7644 §3.10, §3.5.2 figure 7).
 *
 * Inside a value filter, `attribute` is a sub-attribute of the filtered attribute and `sub` is absent.
 */
export interface AttributePath {
  readonly schema: SchemaDefinition;
  /** True when the attribute lives in the object under the schema's URN instead of in the resource itself. */
  readonly isExtension: boolean;
  readonly attribute: AttributeDefinition;
  readonly valueFilter?: Filter;
  readonly sub?: AttributeDefinition;
}
