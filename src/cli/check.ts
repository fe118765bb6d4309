import { formatDiagnostics } from '../config/format-diagnostics.ts';
import { EXIT } from './exit-codes.ts';
import { checkService } from './load-service.ts';

/** Says everything that is wrong with the configuration, without network and without secrets. */
export function check(configPath: string): number {
  const checked = checkService(configPath);
  if (!checked.ok) {
    const errors = checked.diagnostics.length;
    process.stderr.write(`${formatDiagnostics(checked.diagnostics)}\n${errors} ${errors === 1 ? 'mistake' : 'mistakes'}\n`);
    return EXIT.configuration;
  }
  const lines = [...checked.bridge.tenants].map(([name, { path, mapping }]) => {
    const plan = checked.plans.get(mapping);
    return `${name}: ${path}, ${plan?.users.lenses.length ?? 0} attributes of users, ${plan?.groups?.lenses.length ?? 0} of groups\n`;
  });
  process.stdout.write(`${configPath} is in order\n${lines.join('')}`);
  return EXIT.ok;
}
