import type { AttributePath } from './attribute-path.ts';

/** Comparison operators of RFC 7644 §3.4.2.2, in their canonical lower case. */
export type ComparisonOperator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

/**
 * The right side of a comparison: a JSON string, number, boolean or null. Dates are still text here.
 * The parser has read it as the attribute's type where that is possible; a value of another type matches nothing.
 * `null` stands for "unassigned" (RFC 7643 §2.5) and occurs with `eq` and `ne` only.
 */
export type FilterValue = string | number | boolean | null;

/**
 * A parsed filter (RFC 7644 §3.4.2.2). Every path has been resolved against the resource type.
 * Inside a `valuePath` the paths of `filter` name sub-attributes of the value path's attribute.
 *
 * From the parser, `and` and `or` hold at least two filters, value paths don't nest, and nesting is bounded: it may be walked by recursion.
 */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | Comparison
  | { readonly kind: 'present'; readonly path: AttributePath }
  | { readonly kind: 'valuePath'; readonly path: AttributePath; readonly filter: Filter };

/** Leads to a simple attribute: a complex one is compared by its sub-attribute `value`, which is then `path.sub`. */
export interface Comparison {
  readonly kind: 'compare';
  readonly path: AttributePath;
  readonly operator: ComparisonOperator;
  readonly value: FilterValue;
}
