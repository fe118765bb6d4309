/** Says on standard error what went wrong. @returns the exit code, for the caller to return */
export function fail(message: string, code: number): number {
  process.stderr.write(`scim-ldap-bridge: ${message}\n`);
  return code;
}
