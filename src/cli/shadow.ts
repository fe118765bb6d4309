import { formatDiagnostics } from '../config/format-diagnostics.ts';
import { readChanges } from '../explain/read-changes.ts';
import type { Change } from '../ldap/change.ts';
import { formatReport } from '../rehearsal/format-report.ts';
import type { ReportSection } from '../rehearsal/report-sections.ts';
import { readShadowLines, type ShadowLine } from '../state/shadow-record.ts';
import { chooseTenant } from './choose-tenant.ts';
import { CommandFailure, orFail } from './command-failure.ts';
import { EXIT } from './exit-codes.ts';
import { checkService, withStateDirectory } from './load-service.ts';
import { shadowFolder } from './tenant-mode.ts';

export interface ShadowOptions {
  readonly tenant?: string;
  readonly form: 'text' | 'json' | 'ldif';
}

/** Says what all requests to a tenant would have done that were recorded and not carried out (`mode: shadow | canary`). No network. */
export function shadow(configPath: string, action: string, { tenant: wanted, form }: ShadowOptions): Promise<number> {
  return orFail(() => {
    if (action !== 'report') throw new CommandFailure(EXIT.usage, 'shadow takes report');
    const checked = checkService(configPath);
    if (!checked.ok) throw new CommandFailure(EXIT.configuration, formatDiagnostics(checked.diagnostics));
    const { name } = chooseTenant('shadow', checked, wanted);
    const folder = shadowFolder(withStateDirectory(checked.bridge, process.env));
    if (folder === undefined)
      throw new CommandFailure(EXIT.configuration, 'shadow: without a stateDirectory the records are in the log only');
    const lines = readShadowLines(folder, name);
    process.stdout.write(print(lines, name, form));
    return Promise.resolve(EXIT.ok);
  });
}

function print(lines: readonly ShadowLine[], tenant: string, form: ShadowOptions['form']): string {
  if (form === 'json') return `${JSON.stringify({ format: 1, tenant, requests: lines }, null, 2)}\n`;
  if (form === 'ldif') return lines.flatMap(({ ldif }) => (ldif === '' ? [] : [ldif])).join('\n');
  const head = `What ${lines.length} requests to tenant ${tenant} would have done, none of which was carried out.`;
  return formatReport([head], sectionsOf(lines));
}

function sectionsOf(lines: readonly ShadowLine[]): readonly ReportSection[] {
  const changes = lines.flatMap(({ ldif }) => readChanges(ldif));
  const counted = (keys: readonly string[]): readonly (readonly string[])[] =>
    [...Map.groupBy(keys, (key) => key)].map(([key, same]) => [key, String(same.length)]).toSorted((a, b) => Number(b[1]) - Number(a[1]));
  const refused = lines.filter(({ detail }) => detail !== undefined);
  const sections: readonly ReportSection[] = [
    {
      title: 'Requests',
      columns: ['method and answer', 'requests'],
      rows: counted(lines.map(({ method, status }) => `${method} ${status}`)),
    },
    { title: 'Changes', columns: ['operation', 'changes'], rows: counted(changes.map(({ kind }) => kind)) },
    { title: 'Attributes', columns: ['attribute', 'changes'], rows: counted(changes.flatMap(attributesOf)) },
    {
      title: 'Would have been refused',
      columns: ['method', 'path', 'status', 'detail'],
      rows: refused.map(({ method, path, status, detail = '' }) => [method, path, String(status), detail]),
    },
    { title: 'Entries', columns: ['operation', 'entry'], rows: changes.map(({ kind, dn }) => [kind, dn]) },
  ];
  return sections.filter(({ rows }) => rows.length > 0);
}

function attributesOf(change: Change): readonly string[] {
  return change.kind === 'modify' ? change.modifications.map(({ operation, attribute }) => `${operation} ${attribute}`) : [];
}
