import { processorTime, residentMegabytes } from './processor-time.ts';

/** Does request number `index` and waits for its answer. `lane` is below the number in flight; one lane has one request at a time. */
export type Send = (index: number, lane: number) => Promise<unknown>;

/** When a round is over: after so many milliseconds, or so many requests. */
export type Length = { readonly milliseconds: number } | { readonly requests: number };

/** What one round of requests showed. */
export interface Round {
  readonly requests: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the server's process for each request, in microseconds. */
  readonly processorMicroseconds: number | undefined;
  /** The most memory that the server's process held, in megabytes. */
  readonly residentMegabytes: number | undefined;
}

const MEMORY_SAMPLE_MS = 50;

/** @param pid of the server's process */
export async function measure(send: Send, inFlight: number, length: Length, pid: number): Promise<Round> {
  const latencies: number[] = [];
  const most = 'requests' in length ? length.requests : Number.POSITIVE_INFINITY;
  const memory: number[] = [];
  const sample = (): void => void memory.push(residentMegabytes(pid) ?? Number.NaN);
  sample();
  const sampling = setInterval(sample, MEMORY_SAMPLE_MS);
  const processorBefore = processorTime(pid);
  const started = performance.now();
  const end = 'milliseconds' in length ? started + length.milliseconds : Number.POSITIVE_INFINITY;
  let next = 0;
  const work = async (lane: number): Promise<void> => {
    while (next < most && performance.now() < end) {
      const index = next++;
      const sent = performance.now();
      await send(index, lane);
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, lane) => work(lane)));
  const seconds = (performance.now() - started) / 1000;
  const processorAfter = processorTime(pid);
  clearInterval(sampling);
  sample();
  const sorted = latencies.toSorted((a, b) => a - b);
  const used = processorBefore === undefined || processorAfter === undefined ? undefined : processorAfter - processorBefore;
  return {
    requests: latencies.length,
    perSecond: latencies.length / seconds,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    processorMicroseconds: used === undefined ? undefined : used / latencies.length,
    residentMegabytes: memory.some(Number.isNaN) ? undefined : Math.max(...memory),
  };
}

export function median(numbers: readonly number[]): number {
  return quantile(
    numbers.toSorted((a, b) => a - b),
    0.5,
  );
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
