import { randomUUID } from 'node:crypto';
import { adoptEntries } from '../provisioning/adopt.ts';
import type { OperationContext } from '../provisioning/operation-context.ts';
import { CommandFailure, orFail } from './command-failure.ts';
import { EXIT } from './exit-codes.ts';
import { asOperator } from './operator-context.ts';
import { readInput } from './read-input.ts';

export interface AdoptOptions {
  /** DNs, one a line, or what `rehearse --json` printed; `-` is standard input. */
  readonly file: string;
  readonly tenant?: string;
  /** Only says what would become of them. */
  readonly dryRun: boolean;
}

/**
 * Hands entries that others made over to the bridge, by the class that marks its own, and says a line for each.
 *
 * @returns 1 when one could not be handed over, 69 when the directory can't be reached, 78 for an invalid configuration, otherwise 0
 */
export function adopt(configPath: string, { file, tenant: wanted, dryRun }: AdoptOptions): Promise<number> {
  return orFail(async () => {
    const dns = readDns(readInput('adopt', file), file);
    return await asOperator('adopt', configPath, wanted, randomUUID(), ({ context }) => handOver(context, dns, dryRun));
  });
}

async function handOver(context: OperationContext, dns: readonly string[], dryRun: boolean): Promise<number> {
  let code: number = EXIT.ok;
  for await (const { dn, outcome, reason, members } of adoptEntries(context, dns, dryRun)) {
    const beside = members === undefined ? '' : ` (${members} members already)`;
    process.stdout.write(`${outcome}: ${dn}${beside}${reason === undefined ? '' : `: ${reason}`}\n`);
    if (!['marked', 'would be marked', 'marked already'].includes(outcome)) code = EXIT.failure;
  }
  return code;
}

/** @throws CommandFailure EXIT.usage */
function readDns(text: string, file: string): readonly string[] {
  if (!text.trimStart().startsWith('{')) return text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  try {
    const { adoptable } = JSON.parse(text) as { readonly adoptable?: unknown };
    if (Array.isArray(adoptable))
      return adoptable.flatMap((each: { readonly dn?: unknown }) => (typeof each.dn === 'string' ? each.dn : []));
  } catch {
    // Told below, as what isn't a rehearsal.
  }
  throw new CommandFailure(EXIT.usage, `adopt: ${file} is neither a list of DNs, one a line, nor what rehearse --json prints`);
}
