/** A `.cpuprofile`, as V8 writes it. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds between the samples. */
  readonly timeDeltas: readonly number[];
}

/** A function as it was called from one place, with the time spent in it and below, in microseconds. */
export interface CallNode {
  readonly name: string;
  /** The package or the file that it is in; empty for what is part of V8. */
  readonly place: string;
  readonly self: number;
  readonly total: number;
  readonly children: readonly CallNode[];
}

/** Not work of the process. */
const IDLE: ReadonlySet<string> = new Set(['(idle)', '(program)']);

/** The calls of a profile, from the root; without the time in which there was nothing to do. */
export function callTree({ nodes, samples, timeDeltas }: CpuProfile): CallNode {
  const self = new Map<number, number>();
  for (const [index, id] of samples.entries()) self.set(id, (self.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const build = (id: number): CallNode => {
    const node = byId.get(id);
    const children = (node?.children ?? []).map(build).filter(({ name, total }) => total > 0 && !IDLE.has(name));
    const own = self.get(id) ?? 0;
    return {
      name: node?.callFrame.functionName || '(anonymous)',
      place: placeOf(node?.callFrame.url ?? ''),
      self: own,
      total: own + children.reduce((sum, child) => sum + child.total, 0),
      children,
    };
  };
  return build(nodes[0]?.id ?? 0);
}

/** Time in functions themselves, wherever they were called from, the most first. */
export function selfTimes(root: CallNode): readonly { readonly name: string; readonly place: string; readonly microseconds: number }[] {
  const found = new Map<string, { name: string; place: string; microseconds: number }>();
  const visit = ({ name, place, self, children }: CallNode): void => {
    const known = found.get(`${name} ${place}`) ?? { name, place, microseconds: 0 };
    known.microseconds += self;
    found.set(`${name} ${place}`, known);
    for (const child of children) visit(child);
  };
  visit(root);
  return [...found.values()].toSorted((a, b) => b.microseconds - a.microseconds);
}

function placeOf(url: string): string {
  const [, ours] = /\/(?:dist|src)\/(.+)$/.exec(url) ?? [];
  const [, library] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  return library ?? ours ?? url;
}
