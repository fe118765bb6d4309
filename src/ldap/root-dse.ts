import { type Entry, valuesOf } from './entry.ts';

/** Families of directory servers, as far as they have to be told apart. */
export type ServerKind = 'openLdap' | '389ds' | 'activeDirectory' | 'other';

/** What a server says of itself (RFC 4512 §5.1). */
export interface RootDse {
  readonly kind: ServerKind;
  /** Name and version, for people. */
  readonly product: string;
  readonly namingContexts: readonly string[];
  /** OIDs, as all three sets. */
  readonly controls: ReadonlySet<string>;
  readonly extensions: ReadonlySet<string>;
  readonly features: ReadonlySet<string>;
}

/** The attributes that `readRootDse` makes something of. */
export const ROOT_DSE_ATTRIBUTES: readonly string[] = [
  'objectClass',
  'vendorName',
  'vendorVersion',
  'namingContexts',
  'defaultNamingContext',
  'supportedControl',
  'supportedExtension',
  'supportedFeatures',
  'supportedCapabilities',
];

/** [MS-ADTS] §3.1.1.3.4.3.1: LDAP_CAP_ACTIVE_DIRECTORY_OID. Samba announces it too. */
const ACTIVE_DIRECTORY = '1.2.840.113556.1.4.800';

/** Of Active Directory's naming contexts only the default one holds people. */
export function readRootDse(entry: Entry): RootDse {
  const texts = (attribute: string) => valuesOf(entry, attribute).filter((value) => typeof value === 'string');
  const [vendorName = '', vendorVersion = ''] = [...texts('vendorName').slice(0, 1), ...texts('vendorVersion').slice(0, 1)];
  const kind = kindOf(vendorName, texts('objectClass'), texts('supportedCapabilities'));
  const [defaultContext] = texts('defaultNamingContext');
  const vendor = vendorVersion.startsWith(vendorName) ? vendorVersion : `${vendorName} ${vendorVersion}`;
  return {
    kind,
    product: vendor.trim() === '' ? PRODUCT[kind] : vendor.trim(),
    namingContexts: kind === 'activeDirectory' && defaultContext !== undefined ? [defaultContext] : texts('namingContexts'),
    controls: new Set(texts('supportedControl')),
    extensions: new Set(texts('supportedExtension')),
    features: new Set(texts('supportedFeatures')),
  };
}

const PRODUCT: Readonly<Record<ServerKind, string>> = {
  openLdap: 'OpenLDAP',
  '389ds': '389 Directory Server',
  activeDirectory: 'Active Directory',
  other: 'an LDAP server that gives no name',
};

function kindOf(vendorName: string, objectClasses: readonly string[], capabilities: readonly string[]): ServerKind {
  if (objectClasses.some((name) => name.toLowerCase() === 'openldaprootdse')) return 'openLdap';
  if (capabilities.includes(ACTIVE_DIRECTORY)) return 'activeDirectory';
  return vendorName.startsWith('389') ? '389ds' : 'other';
}
