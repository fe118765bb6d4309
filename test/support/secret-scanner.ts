/** What is too short could be a part of something else. */
const SHORTEST_SECRET = 8;
/** What is one wherever it stands, whoever it belongs to. */
const ALWAYS_SECRET = /Bearer [A-Za-z0-9]|\{SSHA\}/;

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

/** The passwords and tokens in the environment of a process. */
export function secretsInEnvironment(environment: Readonly<Record<string, string>>): ReadonlySet<string> {
  const secret = Object.entries(environment).filter(([name, value]) => /PASSWORD|TOKEN/.test(name) && value.length >= SHORTEST_SECRET);
  return new Set(secret.map(([, value]) => value));
}

/** Adds a secret, unless whoever looks for the others finds it too. */
export function addSecret(secrets: Set<string>, secret: string): void {
  for (const known of secrets) if (secret.includes(known)) return;
  secrets.add(secret);
}

/** Every test that starts a daemon holds that no secret has reached its log. */
export function refuseSecretsIn(log: readonly string[], secrets: ReadonlySet<string>): void {
  const written = [...secrets].map((secret) => JSON.stringify(secret).slice(1, -1));
  for (const line of log) {
    if (ALWAYS_SECRET.test(line) || written.some((secret) => line.includes(secret))) throw new Error(`a secret is in the log: ${line}`);
  }
}
