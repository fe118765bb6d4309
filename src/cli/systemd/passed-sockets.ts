import type { Environment } from '../../config/secrets.ts';

/** The first descriptor that systemd passes on (sd_listen_fds(3)); the others follow it. */
const FIRST_FD = 3;

/**
 * The sockets that systemd opened for this process: descriptors, in the order of the socket unit. None where the variables are not
 * there or are meant for another process, whose environment ours was made from.
 */
export function passedSockets({ LISTEN_PID, LISTEN_FDS = '' }: Environment, pid: number): readonly number[] {
  if (LISTEN_PID !== String(pid) || !/^\d+$/.test(LISTEN_FDS)) return [];
  return Array.from({ length: Number(LISTEN_FDS) }, (_, index) => FIRST_FD + index);
}
