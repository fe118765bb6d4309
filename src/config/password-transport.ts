import type { BridgeFile } from './bridge-file.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { MappingFile } from './mapping-file.ts';
import type { YamlSource } from './yaml-source.ts';

/**
 * Active Directory takes passwords over TLS only, and the bridge sends them no other way: a tenant that maps them needs such a
 * connection.
 *
 * @param mappings by path, as in `TenantSection.mapping`
 */
export function* refuseClearPasswords(
  bridge: BridgeFile,
  mappings: ReadonlyMap<string, { readonly file: MappingFile; readonly source: YamlSource }>,
): Generator<Diagnostic, void> {
  for (const [name, { directory: of, mapping }] of bridge.tenants) {
    const directory = bridge.directories.get(of);
    const clear = directory?.startTls === true ? undefined : directory?.urls.find((url) => /^ldap:/i.test(url));
    const read = mappings.get(mapping);
    if (clear === undefined || read === undefined) continue;
    for (const [path, line] of read.file.users.attributes) {
      if (line.kind !== 'password' || line.method !== 'unicodePwd') continue;
      const message = `passwords would go in clear over ${clear}, which tenant ${name} uses: Active Directory doesn't take them so`;
      yield read.source.report(['users', 'attributes', path, 'method'], 'value', message, {
        help: `give directory ${of} an ldaps:// URL or startTls: true, or take the line out`,
      });
    }
  }
}
