import { formatDn, parseDn } from '../../src/ldap/dn.ts';
import type { Entry, LdapValue } from '../../src/ldap/entry.ts';
import { formatEntry } from '../../src/ldap/format-ldif.ts';
import { parseLdif } from '../../src/ldap/parse-ldif.ts';
import type { Placeholders } from './exchange-placeholders.ts';
import { GROUPS, type OpenLdap, PEOPLE } from './openldap.ts';

/** Entries as JSON: by DN, in each the values by attribute in lower case. */
export interface DirectoryState {
  readonly [dn: string]: { readonly [attribute: string]: readonly string[] };
}

/** Operational attributes that are compared in every entry: what the shipped mapping writes of them. */
const ALWAYS_COMPARED: readonly string[] = ['pwdaccountlockedtime'];

/** @throws LdifSyntaxError */
export function readLdifState(ldif: string): DirectoryState {
  const entries = parseLdif(ldif).map((record) => {
    if (record.kind !== 'entry') throw new TypeError(`${record.dn}: expected an entry, not a change`);
    return [normalDn(record.dn), new Map(record.attributes.map(({ name, values }) => [name.toLowerCase(), values]))] as const;
  });
  return toState(entries);
}

export function formatState(state: DirectoryState): string {
  return Object.entries(state)
    .map(([dn, attributes]) => formatEntry({ dn, attributes: new Map(Object.entries(attributes)) }))
    .join('\n');
}

/** Everything below the bases of users and groups. Operational attributes come where `like` has them in the same entry. */
export async function takeState(ldap: OpenLdap, like: DirectoryState): Promise<DirectoryState> {
  const [entries, operational] = await Promise.all([search(ldap, '*'), search(ldap, '+')]);
  return toState(
    entries.map(({ dn, attributes }) => {
      const name = normalDn(dn);
      const wanted = new Set([...ALWAYS_COMPARED, ...Object.keys(like[name] ?? {})]);
      const ofServer = operational.find((entry) => entry.dn === dn)?.attributes ?? new Map<string, readonly LdapValue[]>();
      return [name, new Map([...attributes, ...[...ofServer].filter(([attribute]) => wanted.has(attribute))])];
    }),
  );
}

/** Adds the entries that an exchange begins with. A line `entryUUID: {id:name}` isn't sent: it names what the server makes up. */
export async function addGiven(ldap: OpenLdap, ldif: string, placeholders: Placeholders): Promise<void> {
  await ldap.adminAdd(ldif.replace(/^entryUUID:.*\n?/gim, ''));
  const named = readLdifState(ldif);
  const made = await takeState(ldap, named);
  for (const [dn, { entryuuid: [placeholder = ''] = [] }] of Object.entries(named)) {
    if (placeholder !== '' && !placeholders.match(placeholder, made[dn]?.['entryuuid']?.[0] ?? '')) {
      throw new RangeError(`${dn}: ${placeholder} names another entry`);
    }
  }
}

async function search(ldap: OpenLdap, attributes: string): Promise<readonly Entry[]> {
  const found = await Promise.all([PEOPLE, GROUPS].map((base) => ldap.adminSearch(base, '(objectClass=*)', [attributes])));
  return found.flat().filter(({ dn }) => dn !== PEOPLE && dn !== GROUPS);
}

function toState(entries: readonly (readonly [string, ReadonlyMap<string, readonly LdapValue[]>])[]): DirectoryState {
  const texts = (values: readonly LdapValue[]) => values.map((value) => (typeof value === 'string' ? value : value.toString('base64')));
  return Object.fromEntries(
    entries.map(([dn, attributes]) => [dn, Object.fromEntries([...attributes].map(([name, values]) => [name, texts(values)]))]),
  );
}

/** The DN in one spelling of its escapes; letter case stays. */
function normalDn(dn: string): string {
  return formatDn(parseDn(dn));
}
