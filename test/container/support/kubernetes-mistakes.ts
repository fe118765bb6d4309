/** What a manifest is to us before its schema has looked at it. */
export interface Manifest {
  readonly kind: string;
  readonly apiVersion: string;
}

/** A class of kubernetes-models, which has Kubernetes' own OpenAPI schema as a validator. */
interface Model {
  readonly prototype: { validate(this: object): void };
}

/** What Kubernetes' schema has against a manifest: values that it refuses, and keys that it doesn't know. Empty for none. */
export async function mistakesIn(manifest: Manifest): Promise<readonly string[]> {
  const { apiVersion, kind } = manifest;
  const model = await modelOf(apiVersion, kind);
  if (model === undefined) return [`there is no schema for ${apiVersion} ${kind}`];
  const asked = new Set<string>();
  try {
    model.prototype.validate.call(watched(manifest, '', asked));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  return keysOf(manifest, '').filter((path) => !asked.has(path));
}

/** By a name that the compiler can't follow: the package's declarations don't hold under our strictness. */
async function modelOf(apiVersion: string, kind: string): Promise<Model | undefined> {
  const specifier = `kubernetes-models/${apiVersion}`;
  const models: Readonly<Record<string, Model>> = await import(/* @vite-ignore */ specifier).catch(() => ({}));
  return models[kind];
}

/** The same value; whoever reads a property of it, however deep, leaves its path in `asked`. The schemas don't refuse unknown keys, and never look at them. */
function watched<T extends object>(value: T, path: string, asked: Set<string>): T {
  return new Proxy(value, {
    get(target, key) {
      const found: unknown = Reflect.get(target, key);
      if (typeof key !== 'string') return found;
      asked.add(`${path}/${key}`);
      return typeof found === 'object' && found !== null ? watched(found, `${path}/${key}`, asked) : found;
    },
  });
}

function keysOf(value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [`${path}/${key}`, ...keysOf(each, `${path}/${key}`)]);
}
