import { readFileSync } from 'node:fs';

/** A name for this process that no other gets, not even after a restart of the machine's count of process ids. */
export function ownProcessName(): string {
  return `${process.pid}-${startTimeOf(process.pid) ?? 0}`;
}

/** Whether the process behind a name, or behind a longer text that begins with one, still runs. */
export function isRunning(name: string): boolean {
  const [, pid, startTime] = /^(\d+)-(\d+)/.exec(name) ?? [];
  return pid !== undefined && startTimeOf(Number(pid)) === startTime;
}

/** Ticks between the machine's start and the process's (proc(5): field 22 of stat, behind the name in parentheses). */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
