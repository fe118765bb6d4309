import { randomUUID } from 'node:crypto';
import { parseDate } from '../config/bridge-values.ts';
import { Mistake } from '../config/mistake.ts';
import type { SettledWrite } from '../journal/journaled-write.ts';
import type { UndoPlan, UndoStep } from '../journal/plan-undo.ts';
import type { Change } from '../ldap/change.ts';
import { formatChanges } from '../ldap/format-ldif.ts';
import { carryOutUndo, prepareUndo } from '../provisioning/undo.ts';
import { readUndoJournal } from '../state/read-undo-journal.ts';
import { EXIT } from './exit-codes.ts';
import { fail } from './fail.ts';
import { asOperator, neededJournal } from './operator-context.ts';

export interface UndoOptions {
  /** One request; otherwise `since`. */
  readonly request?: string;
  /** A day, or a point in time with its offset. */
  readonly since?: string;
  readonly tenant?: string;
  /** Otherwise it is only printed. */
  readonly execute: boolean;
}

/**
 * Takes back what was written for one request, or since a point in time: prints the LDIF that does, or carries it out and says a line for
 * each step.
 *
 * @returns 1 when something was skipped, 64 for wrong usage, 69 when the directory can't be reached, 78 for an invalid configuration
 */
export async function undo(configPath: string, { request, since, tenant, execute }: UndoOptions): Promise<number> {
  if ((request === undefined) === (since === undefined)) return fail('undo needs --request ID or --since TIME', EXIT.usage);
  const from = since === undefined ? undefined : parseDate(since);
  if (from instanceof Mistake) return fail(`undo: ${from.message}: ${from.help}`, EXIT.usage);
  const isToBeUndone = (write: SettledWrite): boolean => (from === undefined ? write.request === request : Date.parse(write.time) >= from);
  const requestId = `undo-${randomUUID()}`;
  return asOperator('undo', configPath, tenant, requestId, async (work) => {
    const { context } = work;
    const writes: SettledWrite[] = [];
    for await (const write of readUndoJournal(neededJournal('undo', work))) {
      if (write.tenant === context.tenant && (writes.length > 0 || isToBeUndone(write))) writes.push(write);
    }
    if (writes.length === 0) return fail(`undo: the journal has nothing of ${request ?? `${since} and later`}`, EXIT.failure);
    const plan = await prepareUndo(context, writes, isToBeUndone);
    const skips = describeSkipped(plan);
    if (!execute) {
      process.stdout.write([...plan.steps.map(formatStep), ...skips.map((line) => `# ${line}\n`)].join('\n'));
      return EXIT.ok;
    }
    let hasSkipped = plan.skipped.length > 0;
    for await (const { dn, outcome, reason, newId } of carryOutUndo(context, plan)) {
      hasSkipped ||= outcome === 'skipped';
      process.stdout.write(
        `${outcome}: ${dn}${newId === undefined ? '' : ` (new id ${newId})`}${reason === undefined ? '' : `: ${reason}`}\n`,
      );
    }
    for (const line of skips) process.stdout.write(`${line}\n`);
    process.stdout.write(`to take this back: undo --request ${requestId}\n`);
    return hasSkipped ? EXIT.failure : EXIT.ok;
  });
}

function describeSkipped({ skipped, withheld }: UndoPlan): readonly string[] {
  return [
    ...skipped.map(({ dn, attributes }) => {
      const reason = attributes.length === 0 ? 'it is gone' : `changed since by others: ${attributes.join(', ')}`;
      return `skipped: ${oneLine(dn)}: ${reason}`;
    }),
    ...withheld.map(({ dn, attributes }) => `not put back, for it is kept nowhere: ${attributes.join(', ')} of ${oneLine(dn)}`),
  ];
}

function formatStep({ write, change, holders }: UndoStep): string {
  const named = holders.map(
    ({ dn, attribute, value }): Change => ({ kind: 'modify', dn, modifications: [{ operation: 'add', attribute, values: [value] }] }),
  );
  return `# takes back ${write.change.kind} of ${write.time}, request ${write.request}\n${formatChanges([change, ...named])}`;
}

/** A name may hold a line break. */
function oneLine(dn: string): string {
  return dn.replace(/\p{Cc}/gu, '?');
}
