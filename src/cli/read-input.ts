import { readFileSync } from 'node:fs';
import { CommandFailure } from './command-failure.ts';
import { EXIT } from './exit-codes.ts';

/**
 * The text of a file that a command is given.
 *
 * @param file `-` is standard input
 * @throws CommandFailure EXIT.usage
 */
export function readInput(command: string, file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CommandFailure(EXIT.usage, `${command}: ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
