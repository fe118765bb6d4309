import type { Entry, LdapValue, LinePath } from '../ldap/entry.ts';
import type { LdapFilter } from '../ldap/filter.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import type { ComparisonOperator, FilterValue } from '../scim/filter.ts';
import type { ScimValue } from '../scim/resource.ts';
import type { AttributeDefinition } from '../scim/schema.ts';
import type { SuppliedValues } from './needed-value.ts';
import type { Place } from './place.ts';
import type { ReferenceTable } from './reference-table.ts';

/** What a lens may look at while it translates. All of it is known before translation begins. */
export interface LensContext {
  readonly schema: LdapSchema;
  readonly references: ReferenceTable;
  /** What `generated` lines have been given that need something from outside; absent: nothing. */
  readonly supplied?: SuppliedValues;
}

/**
 * What an LDAP attribute is to hold after a write.
 *
 * `style` says how to get there from what it holds now: `values` adds and deletes the values that differ, which is also a
 * compare-and-set; `replace` writes all values in one, where order matters or the operator expects to read it so; `unread` takes away
 * whatever there is, of an attribute that is not ours to read.
 */
export interface WantedValues {
  readonly values: readonly LdapValue[];
  readonly style: 'values' | 'replace' | 'unread';
}

/** An LDAP attribute, under the name that the file gives it, and what it is to hold. */
export interface WantedAttribute extends WantedValues {
  readonly name: string;
  /** The line that wants it. */
  readonly source: LinePath;
}

/**
 * The LDAP filter behind a SCIM comparison.
 *
 * `filter` selects at least all entries that match. Unless `exact`, it selects more, and the candidates have to be checked
 * on the resource.
 */
export interface FilterMatch {
  readonly filter: LdapFilter;
  readonly exact: boolean;
}

/**
 * One two-way line of the mapping file: a place in the resource and the LDAP attribute behind it.
 *
 * Laws, which `test/mapping/laws.test.ts` holds: putting back what was read changes nothing; what was put is read;
 * putting twice is putting once; `match` agrees with `get`.
 */
export interface Lens {
  readonly kind: 'text' | 'constant' | 'reference' | 'reverse' | 'state' | 'password';
  /** The line's key, as the operator wrote it. */
  readonly path: string;
  /** Where the line stands in the file. */
  readonly source: LinePath;
  readonly place: Place;
  /** The attribute or sub-attribute at the end of the path, with the line's characteristics. */
  readonly definition: AttributeDefinition;
  /** The LDAP attribute that the line reads and writes; a constant has none. */
  readonly ldap: string | undefined;

  /** The values that an entry shows at the place; empty when there is nothing to show. */
  get(entry: Entry, context: LensContext): readonly ScimValue[];

  /**
   * What the LDAP attribute is to hold when the resource holds `wanted` at the place.
   *
   * @param current the entry as it is; an entry without attributes when it is being created
   * @returns undefined when the line writes nothing
   * @throws ScimError invalidValue for a value that the attribute can't hold
   */
  put(wanted: readonly ScimValue[], current: Entry, context: LensContext): WantedValues | undefined;

  /**
   * The entries for which `get` yields a value that compares so.
   *
   * @throws ScimError invalidFilter when the line can't be asked
   */
  match(operator: ComparisonOperator, value: FilterValue, context: LensContext): FilterMatch;

  /** The entries for which `get` yields a value. */
  matchPresent(context: LensContext): FilterMatch;
}
