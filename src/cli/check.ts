import { countDiagnostics, formatDiagnostics, formatDiagnosticsAsJson } from '../config/format-diagnostics.ts';
import type { FileOptions } from '../config/load-configuration.ts';
import { EXIT } from './exit-codes.ts';
import { type CheckedService, checkService, withExamples } from './load-service.ts';

export interface CheckOptions extends FileOptions {
  /** Diagnostics as one JSON array on standard output, and nothing else. */
  readonly json?: boolean;
}

/** Says everything that is wrong with the configuration, and which examples in it don't come true; without network and without secrets. */
export async function check(configPath: string, options: CheckOptions = {}): Promise<number> {
  const checked = await withExamples(checkService(configPath, options));
  if (options.json === true) {
    process.stdout.write(`${formatDiagnosticsAsJson(checked.diagnostics)}\n`);
  } else {
    const { diagnostics } = checked;
    if (diagnostics.length > 0) process.stderr.write(`${formatDiagnostics(diagnostics)}\n\n${countDiagnostics(diagnostics)}\n`);
    if (checked.ok) process.stdout.write(`${configPath} is in order\n${summaries(checked).join('')}`);
  }
  return checked.ok ? EXIT.ok : EXIT.configuration;
}

function summaries({ bridge, plans }: Extract<CheckedService, { ok: true }>): readonly string[] {
  return [...bridge.tenants].map(([name, { path, mapping }]) => {
    const plan = plans.get(mapping);
    const ofGroups = plan?.groups.reduce((count, { lenses }) => count + lenses.length, 0) ?? 0;
    return `${name}: ${path}, ${plan?.users.lenses.length ?? 0} attributes of users, ${ofGroups} of groups\n`;
  });
}
