import { type Drift, WrittenEntries } from '../journal/find-drift.ts';
import type { Change } from '../ldap/change.ts';
import { dnKey, formatDn, formatRdn, leafRdn, parseDn } from '../ldap/dn.ts';
import { formatChanges } from '../ldap/format-ldif.ts';
import { findDrifts } from '../provisioning/find-drifts.ts';
import { namingAttributes } from '../provisioning/journaled-entries.ts';
import { readUndoJournal } from '../state/read-undo-journal.ts';
import { EXIT } from './exit-codes.ts';
import { asOperator, neededJournal } from './operator-context.ts';

export interface DriftOptions {
  readonly tenant?: string;
  /** Prints the changes that bring the entries back. */
  readonly ldif: boolean;
  readonly json: boolean;
}

/**
 * Says what others have changed in what was written through us, since our last write, entry by entry. Writes nothing.
 *
 * @returns 1 when something has changed, 69 when the directory can't be reached, 78 for an invalid configuration, otherwise 0
 */
export function drift(configPath: string, { tenant, ldif, json }: DriftOptions): Promise<number> {
  return asOperator('drift', configPath, tenant, 'drift', async (work) => {
    const { context } = work;
    const { schema } = await context.directory.facts();
    const written = new WrittenEntries(schema, namingAttributes(context));
    for await (const write of readUndoJournal(neededJournal('drift', work))) if (write.tenant === context.tenant) written.take(write);
    let count = 0;
    for await (const each of findDrifts(context, written.entries())) {
      count += 1;
      process.stdout.write(json ? `${JSON.stringify(each)}\n` : ldif ? formatRepair(each) : formatDrift(each));
    }
    if (!json && !ldif)
      process.stdout.write(count === 0 ? 'nothing has changed behind our back\n' : `${count} entries have changed behind our back\n`);
    return count === 0 ? EXIT.ok : EXIT.failure;
  });
}

function formatDrift({ dn, was, kind, since, attributes }: Drift): string {
  const head = kind === 'removed' ? `${printable(dn)}: is gone` : `${printable(dn)}${was === undefined ? '' : `: was ${printable(was)}`}`;
  const lines = attributes.map(({ attribute, missing, foreign }) => {
    const parts = [...missing.map((value) => `-${printable(value)}`), ...foreign.map((value) => `+${printable(value)}`)];
    return `  ${attribute}: ${parts.join(', ')}`;
  });
  return `${[`${head} (last written ${since})`, ...lines].join('\n')}\n`;
}

/** A value may be octets, or hold what steers a terminal. */
function printable(value: string | Buffer): string {
  return typeof value === 'string' ? value.replace(/\p{Cc}/gu, '?') : `(${value.length} octets)`;
}

/** What an entry is renamed back to stands before what is changed in it. */
function formatRepair({ dn, was, kind, repair }: Drift): string {
  if (kind === 'removed') return `# ${printable(dn)} is gone: to have it back, let the client create it again\n\n`;
  const changes: Change[] = [];
  if (was !== undefined) changes.push({ kind: 'rename', dn, newRdn: formatRdn(leafRdn(was) ?? []), ...superiorOf(was, dn) });
  if (repair.length > 0) changes.push({ kind: 'modify', dn: was ?? dn, modifications: repair });
  return `${formatChanges(changes)}\n`;
}

function superiorOf(was: string, dn: string): { readonly newSuperior?: string } {
  const [[, ...parent], [, ...now]] = [parseDn(was), parseDn(dn)];
  return dnKey(parent) === dnKey(now) ? {} : { newSuperior: formatDn(parent) };
}
