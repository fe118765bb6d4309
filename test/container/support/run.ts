import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a command to its end. @returns its stdout. @throws Error with its stderr, when its exit code isn't 0 */
export async function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

export function docker(...args: readonly string[]): Promise<string> {
  return run('docker', args);
}
