import type { Comparison } from './compare.ts';

/** What was promised, and what became of it. */
export interface Verdict {
  readonly target: string;
  readonly isMet: boolean;
  /** Of the case that is furthest from it. */
  readonly worst: string;
}

interface Target {
  readonly text: string;
  readonly appliesTo: (comparison: Comparison) => boolean;
  readonly value: (comparison: Comparison) => number | undefined;
  readonly atLeast?: number;
  readonly atMost?: number;
}

const DURABLE_WRITES: ReadonlySet<Comparison['kind']> = new Set(['post', 'patch']);
const LARGE_GROUP = 5000;
const at16 = ({ inFlight }: Comparison): boolean => inFlight === 16;

const TARGETS: readonly Target[] = [
  {
    text: 'reads: at least 0.80 of the throughput of (b), 16 in flight',
    appliesTo: (each) => each.kind === 'read' && at16(each),
    value: ({ toRoute }) => toRoute,
    atLeast: 0.8,
  },
  {
    text: 'reads: p99 at most 1.5 times that of (b), 16 in flight',
    appliesTo: (each) => each.kind === 'read' && at16(each),
    value: ({ p99ToRoute }) => p99ToRoute,
    atMost: 1.5,
  },
  {
    text: 'POST and PATCH on a durable database: at least 0.85 of (a), 16 in flight',
    appliesTo: (each) => DURABLE_WRITES.has(each.kind) && each.durable && at16(each),
    value: ({ toLdap }) => toLdap,
    atLeast: 0.85,
  },
  {
    text: 'PATCH without fsync: at least 0.70 of (b), 16 in flight',
    appliesTo: (each) => each.kind === 'patch' && !each.durable && at16(each),
    value: ({ toRoute }) => toRoute,
    atLeast: 0.7,
  },
  {
    text: 'members of a group of 5,000 and more: at least 3 times (a), 16 in flight',
    appliesTo: (each) => (each.groupSize ?? 0) >= LARGE_GROUP && at16(each),
    value: ({ toLdap }) => toLdap,
    atLeast: 3,
  },
  {
    text: 'members of a small group: at least as many as (a), 16 in flight',
    appliesTo: (each) => (each.groupSize ?? LARGE_GROUP) < LARGE_GROUP && at16(each),
    value: ({ toLdap }) => toLdap,
    atLeast: 1,
  },
  {
    text: 'memory: at most 200 MB at 64 in flight',
    appliesTo: ({ inFlight }) => inFlight === 64,
    value: ({ medians }) => medians.bridge?.residentMegabytes,
    atMost: 200,
  },
];

/** The targets that something was measured for. */
export function judge(comparisons: readonly Comparison[]): readonly Verdict[] {
  return TARGETS.flatMap(({ text, appliesTo, value, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY }) => {
    const measured = comparisons.filter(appliesTo).flatMap((each) => {
      const found = value(each);
      return found === undefined ? [] : [{ each, found, distance: Math.max(atLeast - found, found - atMost) }];
    });
    const [worst] = measured.toSorted((a, b) => b.distance - a.distance);
    if (worst === undefined) return [];
    return [{ target: text, isMet: worst.distance <= 0, worst: `${worst.found.toFixed(2)}: ${describe(worst.each)}` }];
  });
}

const START_MS = 400;

export function judgeStart(milliseconds: number): Verdict {
  return { target: `start to ready: at most ${START_MS} ms`, isMet: milliseconds <= START_MS, worst: `${milliseconds.toFixed(0)} ms` };
}

/** A page at the end against the same at the start. */
export function judgePages(comparisons: readonly Comparison[]): readonly Verdict[] {
  const pairs = [
    { by: 'cursor', atMost: 1.25, text: 'a page by cursor costs at the end what it costs at the start (within 1.25)' },
    { by: 'index', atMost: 3, text: 'a page by index costs at the end at most 3 times what it costs at the start' },
  ];
  return pairs.flatMap(({ by, atMost, text }) => {
    const ends = comparisons.filter(({ name }) => name === `page of 100 by ${by}, end`);
    const ratios = ends.flatMap((end) => {
      const isSame = (each: Comparison) => each.people === end.people && each.inFlight === end.inFlight && each.tls === end.tls;
      const start = comparisons.find((each) => each.name === `page of 100 by ${by}, start` && isSame(each));
      const [atEnd, atStart] = [end.medians.bridge?.p50, start?.medians.bridge?.p50];
      return atEnd === undefined || atStart === undefined ? [] : [{ found: atEnd / atStart, end }];
    });
    const [worst] = ratios.toSorted((a, b) => b.found - a.found);
    if (worst === undefined) return [];
    return [{ target: text, isMet: worst.found <= atMost, worst: `${worst.found.toFixed(2)}: ${describe(worst.end)}` }];
  });
}

export function describe({ name, people, inFlight, durable, tls }: Comparison): string {
  return [name, `${people} people`, `${inFlight} in flight`, ...(durable ? ['durable'] : []), ...(tls ? ['TLS'] : [])].join(', ');
}
