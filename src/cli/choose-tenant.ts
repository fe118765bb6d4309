import type { TenantSection } from '../config/bridge-file.ts';
import type { LoadedMapping } from '../config/load-configuration.ts';
import type { Plan } from '../mapping/plan.ts';
import { CommandFailure } from './command-failure.ts';
import { EXIT } from './exit-codes.ts';
import type { CheckedService } from './load-service.ts';

/** A tenant, and what its plan was compiled from. */
export interface ChosenTenant {
  readonly name: string;
  readonly section: TenantSection;
  readonly plan: Plan;
  readonly mapping: LoadedMapping;
}

/**
 * The tenant that a command is about: the one that is named, or else the only one, or the one that fits.
 *
 * @throws CommandFailure EXIT.usage when there is none, or no telling which
 */
export function chooseTenant(
  command: string,
  { bridge, plans, mappings }: Extract<CheckedService, { ok: true }>,
  wanted: string | undefined,
  fits: (section: TenantSection) => boolean = () => false,
): ChosenTenant {
  const names = [...bridge.tenants.keys()];
  if (wanted !== undefined && !bridge.tenants.has(wanted)) {
    throw new CommandFailure(EXIT.usage, `${command}: there is no tenant ${JSON.stringify(wanted)}; there is: ${names.join(', ')}`);
  }
  const [fitting] = [...bridge.tenants].find(([, each]) => fits(each)) ?? [];
  const name = wanted ?? fitting ?? (names.length === 1 ? names[0] : undefined);
  const section = bridge.tenants.get(name ?? '');
  if (name === undefined || section === undefined) {
    throw new CommandFailure(EXIT.usage, `${command}: which tenant? Say --tenant ${names.join(' | ')}`);
  }
  const [plan, mapping] = [plans.get(section.mapping), mappings.get(section.mapping)];
  if (plan === undefined || mapping === undefined) throw new Error(`tenant ${name} names a mapping that was not loaded`);
  return { name, section, plan, mapping };
}
