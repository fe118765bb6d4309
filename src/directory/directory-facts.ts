import type { Entry } from '../ldap/entry.ts';
import { textsOf } from '../ldap/entry.ts';
import { ANY_ENTRY, type LdapFilter } from '../ldap/filter.ts';
import { parseLdapSchema } from '../ldap/schema.ts';
import { withLengthLimits } from '../ldap/with-length-limits.ts';
import { CONTROL } from './controls.ts';
import type { DirectoryFacts, DirectoryServer, SearchRequest } from './directory.ts';
import { DirectoryError } from './directory-error.ts';
import { readLengthLimits } from './read-length-limits.ts';

const ROOT_DSE = '';
const ROOT_DSE_ATTRIBUTES = [
  'objectClass',
  'vendorName',
  'supportedCapabilities',
  'supportedControl',
  'subschemaSubentry',
  'schemaNamingContext',
];
const SUBSCHEMA_ATTRIBUTES = ['attributeTypes', 'objectClasses', 'dITContentRules'];
/** What only Active Directory and its likes can do (MS-ADTS §3.1.1.3.4.3). */
const ACTIVE_DIRECTORY = '1.2.840.113556.1.4.800';
/** A server needn't return the subschema to a search for all entries (RFC 4512 §4.4). */
const SUBSCHEMA_ENTRY: LdapFilter = { kind: 'equality', attribute: 'objectClass', value: 'subschema' };

/**
 * Asks a directory what it is: one search for the root DSE, one for the subschema; of Active Directory one more, for limits.
 *
 * @throws DirectoryError whatever `search` throws; `refused` when one of the two can't be seen with our rights
 */
export async function readDirectoryFacts(search: (request: SearchRequest) => Promise<readonly Entry[]>): Promise<DirectoryFacts> {
  const readOne = async (base: string, filter: LdapFilter, attributes: readonly string[]): Promise<Entry> => {
    const [entry] = await search({ base, scope: 'base', filter, attributes });
    if (entry === undefined) throw new DirectoryError('refused', 'the directory does not show its root DSE or its subschema', { dn: base });
    return entry;
  };

  const rootDse = await readOne(ROOT_DSE, ANY_ENTRY, ROOT_DSE_ATTRIBUTES);
  const controls = new Set(textsOf(rootDse, 'supportedControl'));
  const server = serverOf(rootDse);
  const [subschemaDn = 'cn=Subschema'] = textsOf(rootDse, 'subschemaSubentry');
  const subschema = await readOne(subschemaDn, SUBSCHEMA_ENTRY, SUBSCHEMA_ATTRIBUTES);

  const [schemaBase] = textsOf(rootDse, 'schemaNamingContext');
  const hasLimits = server === 'activeDirectory' && schemaBase !== undefined;
  const limits = hasLimits ? await readLengthLimits(search, schemaBase) : new Map<string, number>();
  const schema = parseLdapSchema(
    textsOf(subschema, 'attributeTypes'),
    textsOf(subschema, 'objectClasses'),
    textsOf(subschema, 'dITContentRules'),
  );

  return {
    server,
    dnAttribute: server === 'activeDirectory' ? 'distinguishedName' : 'entryDN',
    schema: withLengthLimits(schema, limits),
    supportsAssertion: controls.has(CONTROL.assertion),
    supportsPostRead: controls.has(CONTROL.postRead),
    supportsMatchedValues: controls.has(CONTROL.matchedValues),
    supportsPermissiveModify: controls.has(CONTROL.permissiveModify) || server === 'openldap',
    supportsSorting: controls.has(CONTROL.sorting),
  };
}

function serverOf(rootDse: Entry): DirectoryServer {
  if (textsOf(rootDse, 'supportedCapabilities').includes(ACTIVE_DIRECTORY)) return 'activeDirectory';
  if (textsOf(rootDse, 'objectClass').some((name) => name.toLowerCase() === 'openldaprootdse')) return 'openldap';
  return textsOf(rootDse, 'vendorName').some((name) => name.startsWith('389 ')) ? '389ds' : 'other';
}
