/** What the program says to its caller when it ends; systemd doesn't restart after `configuration`. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 64,
  unreachable: 69,
  configuration: 78,
} as const;
