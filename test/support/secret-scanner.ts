/** What is too short could be a part of something else. */
const SHORTEST_SECRET = 8;

/** The passwords in a body. */
export function secretsIn(body: unknown): readonly string[] {
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body).flatMap(([name, value]: [string, unknown]) => {
    if (name === 'Operations' || typeof value === 'object') return secretsIn(value);
    const { path } = body as { readonly path?: unknown };
    const isPassword = name.toLowerCase() === 'password' || (name === 'value' && path === 'password');
    return isPassword && typeof value === 'string' && value.length >= SHORTEST_SECRET ? [value] : [];
  });
}

/** Every test file that starts a bridge holds that no secret of its requests has reached the log. */
export function refuseSecretsIn(log: readonly string[], secrets: ReadonlySet<string>): void {
  for (const line of log) {
    for (const secret of secrets)
      if (line.includes(JSON.stringify(secret).slice(1, -1))) throw new Error(`a secret is in the log: ${line}`);
  }
}
