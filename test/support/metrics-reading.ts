/** One number of `/metrics`. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Everything that `/metrics` said at one moment. */
export interface MetricsReading {
  readonly samples: readonly Sample[];
  /** The sum of the samples whose labels are these, others left open; 0 when there are none. The name is without its prefix. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
}

export const PREFIX = 'scim_ldap_bridge_';

/** Asks an admin listener for its metrics. */
export async function readMetrics(adminUrl: string, headers: Record<string, string> = {}): Promise<MetricsReading> {
  const response = await fetch(`${adminUrl}/metrics`, { headers });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return parseMetrics(await response.text());
}

/** Reads Prometheus' text format, as far as prom-client writes it. */
export function parseMetrics(text: string): MetricsReading {
  const samples = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): Sample => {
      const { name = '', labels = '', value } = /^(?<name>\w+)(?:\{(?<labels>.*)\})? (?<value>\S+)$/.exec(line)?.groups ?? {};
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', written = '']) => [label, written]);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    });
  return {
    samples,
    sum: (name, labels = {}) =>
      samples
        .filter((sample) => sample.name === `${PREFIX}${name}`)
        .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
        .reduce((total, { value }) => total + value, 0),
  };
}
