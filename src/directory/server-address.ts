/** Where an LDAP server listens. */
export type ServerAddress =
  | { readonly url: string; readonly transport: 'tcp' | 'tls'; readonly host: string; readonly port: number }
  | { readonly url: string; readonly transport: 'unix'; readonly path: string };

/**
 * Reads `ldap://host[:port]`, `ldaps://host[:port]` and `ldapi://%2fpath%2fto%2fsocket` (RFC 4516; ldapi as in OpenLDAP).
 * A DN, attributes or a filter after the host are refused: nothing here would respect them.
 *
 * @throws Error the text is no such URL
 */
export function parseServerAddress(url: string): ServerAddress {
  const ldapi = /^ldapi:\/\/([^/?]*)\/?$/i.exec(url);
  if (ldapi !== null) {
    const path = decodeURIComponent(ldapi[1] ?? '');
    if (path === '') throw new TypeError(`${url}: the path of the socket is missing, as in ldapi://%2frun%2fslapd%2fldapi`);
    return { url, transport: 'unix', path };
  }

  const parsed = new URL(url);
  const secure = parsed.protocol === 'ldaps:';
  if (!secure && parsed.protocol !== 'ldap:') throw new TypeError(`${url}: not an LDAP URL`);
  if (parsed.hostname === '' || parsed.username !== '' || !['', '/'].includes(parsed.pathname) || parsed.search !== '') {
    throw new TypeError(`${url}: an LDAP URL is ldap://host:port here, nothing more`);
  }
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
  return { url, transport: secure ? 'tls' : 'tcp', host, port: parsed.port === '' ? (secure ? 636 : 389) : Number(parsed.port) };
}
