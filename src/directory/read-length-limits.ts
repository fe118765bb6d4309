import { type Entry, valuesOf } from '../ldap/entry.ts';
import { allOf, type LdapFilter } from '../ldap/filter.ts';
import type { SearchRequest } from './directory.ts';
import { DirectoryError } from './directory-error.ts';

/** Attributes with a limit whose values are Unicode text (MS-ADTS §3.1.1.2.2.2.9): the others' limits are of numbers and octets. */
const LIMITED_TEXTS: LdapFilter = allOf(
  { kind: 'equality', attribute: 'objectClass', value: 'attributeSchema' },
  { kind: 'equality', attribute: 'attributeSyntax', value: '2.5.5.12' },
  { kind: 'present', attribute: 'rangeUpper' },
);

/**
 * How long Active Directory lets the texts of its attributes be: its subschema doesn't say so, the entries behind that do.
 *
 * @param base the schema naming context, from the root DSE
 * @returns the greatest length by attribute name in lower case; nothing where we may not look: the directory refuses what is too long
 */
export async function readLengthLimits(
  search: (request: SearchRequest) => Promise<readonly Entry[]>,
  base: string,
): Promise<ReadonlyMap<string, number>> {
  try {
    const entries = await search({ base, scope: 'one', filter: LIMITED_TEXTS, attributes: ['lDAPDisplayName', 'rangeUpper'] });
    return new Map(
      entries.map((entry) => [String(valuesOf(entry, 'lDAPDisplayName')[0]).toLowerCase(), Number(valuesOf(entry, 'rangeUpper')[0])]),
    );
  } catch (error) {
    if (error instanceof DirectoryError && (error.kind === 'refused' || error.kind === 'tooLarge')) return new Map();
    throw error;
  }
}
