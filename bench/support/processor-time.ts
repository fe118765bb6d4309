import { readdirSync, readFileSync } from 'node:fs';

/**
 * Processor time that a process has used with all its threads, in microseconds; undefined where the system doesn't say (only Linux does).
 * Threads that have ended don't count any more: what is measured are differences over a time in which none ends.
 */
export function processorTime(pid: number): number | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const nanoseconds = threads.map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]));
    return nanoseconds.reduce((sum, each) => sum + each, 0) / 1000;
  } catch {
    return undefined;
  }
}

/** Memory that a process holds, in megabytes of a million bytes. */
export function residentMegabytes(pid: number): number | undefined {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kibibytes === undefined ? undefined : (Number(kibibytes) * 1024) / 1e6;
  } catch {
    return undefined;
  }
}
