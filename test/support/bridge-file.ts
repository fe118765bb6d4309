/** What a test may say in its bridge.yaml. */
export interface BridgeFileOptions {
  readonly listen?: string;
  readonly admin?: string;
  readonly bindDn?: string;
  /** The connection says who the bridge is: no name, no password. */
  readonly isExternal?: boolean;
  /** Lines beside `listen`. */
  readonly service?: string;
  /** Lines of the directory, indented by four. */
  readonly directory?: string;
  /** Lines of `auth` of the tenant, indented by six. */
  readonly auth?: string;
  /** Lines of the tenant, indented by four. */
  readonly tenant?: string;
}

/** bridge.yaml for a directory at an URL, or at several, on free ports; its secrets are in the environment. */
export function bridgeFile(
  url: string | readonly string[],
  {
    listen = '127.0.0.1:0',
    admin = '127.0.0.1:0',
    bindDn = 'cn=bridge,dc=example,dc=org',
    isExternal = false,
    service = '',
    directory = '',
    auth = '',
    tenant = '',
  }: BridgeFileOptions = {},
): string {
  return `format: 1
listen: ${listen}
publicUrl: https://scim.example.org
admin: ${admin}
${service}
directories:
  corp:
    urls: ${JSON.stringify([url].flat())}
    ${isExternal ? 'sasl: EXTERNAL' : `bindDn: ${bindDn}\n    bindPassword: { env: LDAP_PASSWORD }`}
${directory}
tenants:
  contoso:
    path: /scim/v2
    directory: corp
    mapping: mapping.yaml
    auth:
      tokens:
        - { name: tests, secret: { env: SCIM_TOKEN } }
${auth}
${tenant}
`;
}
