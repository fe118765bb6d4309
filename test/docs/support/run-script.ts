import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a script ended. */
export interface ScriptEnd {
  readonly code: number | null;
  /** Stdout and stderr, as they came. */
  readonly output: string;
}

/** Runs a script as somebody would who pastes it into a shell, until its first command that fails. */
export async function runScript(script: string, options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Promise<ScriptEnd> {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
