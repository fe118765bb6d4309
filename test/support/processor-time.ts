/** Milliseconds that this process has kept the processor busy; what others do on the machine doesn't count. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
