import { join } from 'node:path';
import type { Logger } from 'pino';
import type { BridgeFile, TenantSection } from '../config/bridge-file.ts';
import { secretAttributesOf } from '../explain/secret-attributes.ts';
import { beginShadowRun } from '../explain/shadow-run.ts';
import { formatChanges } from '../ldap/format-ldif.ts';
import { type Plan, plansOf } from '../mapping/plan.ts';
import type { ReferenceTarget } from '../mapping/reference-table.ts';
import type { OperatingMode, Shadow } from '../provisioning/operating-mode.ts';
import type { Filter } from '../scim/filter.ts';
import { parseFilter } from '../scim/parse-filter.ts';
import { openShadowFile } from '../state/shadow-record.ts';

/** Where the records of shadows are; undefined: in the log only. */
export function shadowFolder({ stateDirectory }: BridgeFile): string | undefined {
  return stateDirectory === undefined ? undefined : join(stateDirectory, 'shadow');
}

/** How a tenant writes; undefined: as it is asked. @throws Error of the system, when there is no place for its records */
export function modeOf(
  bridge: BridgeFile,
  tenant: string,
  { mode, canary }: TenantSection,
  plan: Plan,
  log: Logger,
): { readonly mode?: OperatingMode } {
  if (mode === 'live') return {};
  const shadow = openShadow(bridge, tenant, plan, log);
  return mode === 'shadow' ? { mode: { kind: mode, shadow } } : { mode: { kind: mode, shadow, filters: filtersOf(plan, canary) } };
}

function filtersOf(plan: Plan, canary: TenantSection['canary'] = {}): Partial<Record<ReferenceTarget, Filter>> {
  const filters: Partial<Record<ReferenceTarget, Filter>> = {};
  for (const target of ['users', 'groups'] as const) {
    const [text, type] = [canary[target], plansOf(plan).find((each) => each.target === target)?.resourceType];
    if (text !== undefined && type !== undefined) filters[target] = parseFilter(text, type);
  }
  return filters;
}

function openShadow(bridge: BridgeFile, tenant: string, plan: Plan, log: Logger): Shadow {
  const folder = shadowFolder(bridge);
  const file = folder === undefined ? undefined : openShadowFile(folder, tenant);
  const secretAttributes = secretAttributesOf(plan);
  return {
    begin: beginShadowRun,
    keep({ method, path, status, detail, writes }) {
      const ldif = formatChanges(
        writes.map(({ change }) => change),
        { secretAttributes },
      );
      const line = { time: new Date().toISOString(), method, path, status, ...(detail === undefined ? {} : { detail }), ldif };
      try {
        if (file === undefined) log.info(line, 'not carried out (mode)');
        else if (!file.add(line)) log.error({ folder }, 'the record of what is not carried out is full');
      } catch (err) {
        log.error({ err, folder }, 'what is not carried out could not be recorded');
      }
    },
  };
}
