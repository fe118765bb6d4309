import type { Filter } from './filter.ts';
import type { AttributeDefinition, SchemaDefinition } from './schema.ts';

/**
 * A path such as `userName`, `name.givenName`, `emails[type eq "work"].value` or
 * `urn:…:enterprise:2.0:User:manager.value`, resolved against a resource type (RFC 7644 §3.10, §3.5.2 figure 7).
 *
 * Inside a value filter, `attribute` is a sub-attribute of the filtered attribute and `sub` is absent.
 * Only paths of PATCH operations and of the mapping carry a `valueFilter`; paths inside a `Filter` never do.
 */
export interface AttributePath {
  readonly schema: SchemaDefinition;
  /** True when the attribute lives in the object under the schema's URN instead of in the resource itself. */
  readonly isExtension: boolean;
  readonly attribute: AttributeDefinition;
  readonly valueFilter?: Filter;
  readonly sub?: AttributeDefinition;
}

/** What a well-formed path leads to in a resource type. */
export type PathTarget =
  | { readonly kind: 'attribute'; readonly path: AttributePath }
  /** The path is a schema's URN: everything of that schema. */
  | { readonly kind: 'schema'; readonly schema: SchemaDefinition; readonly isExtension: boolean }
  /** No schema of the resource type knows the attribute, its sub-attribute or a name in its value filter. */
  | { readonly kind: 'unknown'; readonly text: string };
