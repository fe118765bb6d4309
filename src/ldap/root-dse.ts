import { type Entry, valuesOf } from './entry.ts';

/** What a server says of itself (RFC 4512 §5.1). */
export interface RootDse {
  /** Name and version, for people; empty when it gives none. */
  readonly product: string;
  /** Of Active Directory's only the default one, for the others hold no people. */
  readonly namingContexts: readonly string[];
  /** OIDs, as `extensions`. */
  readonly controls: ReadonlySet<string>;
  readonly extensions: ReadonlySet<string>;
}

/** The attributes that `readRootDse` makes something of. */
export const ROOT_DSE_ATTRIBUTES: readonly string[] = [
  'vendorName',
  'vendorVersion',
  'namingContexts',
  'defaultNamingContext',
  'supportedControl',
  'supportedExtension',
];

/** @param entry the root DSE, with `ROOT_DSE_ATTRIBUTES` */
export function readRootDse(entry: Entry): RootDse {
  const texts = (attribute: string) => valuesOf(entry, attribute).filter((value) => typeof value === 'string');
  const [vendorName = ''] = texts('vendorName');
  const [vendorVersion = ''] = texts('vendorVersion');
  const [defaultContext] = texts('defaultNamingContext');
  return {
    product: (vendorVersion.startsWith(vendorName) ? vendorVersion : `${vendorName} ${vendorVersion}`).trim(),
    namingContexts: defaultContext === undefined ? texts('namingContexts') : [defaultContext],
    controls: new Set(texts('supportedControl')),
    extensions: new Set(texts('supportedExtension')),
  };
}
