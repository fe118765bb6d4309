import { parseArgs } from 'node:util';

/** What one run of the benchmark measures. */
export interface BenchOptions {
  readonly people: readonly number[];
  readonly groupSizes: readonly number[];
  readonly inFlight: readonly number[];
  readonly tls: readonly boolean[];
  /** Rounds of each of the three, alternating; the median counts. */
  readonly rounds: number;
  readonly roundMs: number;
  /** Changes of members in a round, and new people on a durable database. */
  readonly changes: number;
  readonly initialCycle: { readonly users: number; readonly groups: number };
  /** Only cases whose name contains this. */
  readonly only: string | undefined;
  /** Minutes; 0: no soak. */
  readonly soakMinutes: number;
  readonly output: string | undefined;
  readonly help: boolean;
}

export const USAGE = `usage: npm run bench -- [options]

  --quick             1,000 people, 16 in flight, without TLS, 3 short rounds: a minute
  --people N,N        default 1000,20000,100000; 1000000 takes some minutes more
  --in-flight N,N     default 1,16,64
  --tls no,yes        default both
  --rounds N          default 5
  --only TEXT         only the cases whose name contains it
  --soak MINUTES      instead of all else: steady traffic, and how memory goes
  --output FOLDER     writes bench.json and bench.svg there
`;

/** @throws TypeError for what is no option */
export function readOptions(args: readonly string[]): BenchOptions {
  const option = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      people: option,
      'in-flight': option,
      tls: option,
      rounds: option,
      only: option,
      soak: option,
      output: option,
      help: { type: 'boolean', default: false },
    },
  });
  const { quick } = values;
  return {
    people: numbers(values.people ?? (quick ? '1000' : '1000,20000,100000')),
    groupSizes: quick ? [10, 5000] : [10, 5000, 100_000],
    inFlight: numbers(values['in-flight'] ?? (quick ? '16' : '1,16,64')),
    tls: (values.tls ?? (quick ? 'no' : 'no,yes')).split(',').map((word) => word === 'yes'),
    rounds: Number(values.rounds ?? (quick ? 3 : 5)),
    roundMs: quick ? 300 : 500,
    changes: quick ? 100 : 200,
    initialCycle: quick ? { users: 200, groups: 4 } : { users: 10_000, groups: 100 },
    only: values.only,
    soakMinutes: Number(values.soak ?? 0),
    output: values.output,
    help: values.help,
  };
}

function numbers(text: string): readonly number[] {
  return text.split(',').map(Number);
}
