import { readFileSync } from 'node:fs';
import type { Plan } from '../../../src/mapping/plan.ts';
import { shippedPlan } from '../../mapping/support/plans.ts';
import type { BridgeOptions } from '../../support/bridge.ts';

export type MappingName = 'openldap' | 'full-rfc7643';

/** A mapping file that we ship, and what a bridge that uses it has to be started with. */
export interface ShippedMapping {
  readonly name: MappingName;
  readonly plan: Plan;
  readonly bridge: Pick<BridgeOptions, 'mapping' | 'files' | 'configure'>;
}

const shipped = (path: string): string => readFileSync(new URL(`../../../config/${path}`, import.meta.url), 'utf8');

/** Whatever is promised to clients holds with each of them. */
export const SHIPPED_MAPPINGS: readonly ShippedMapping[] = [
  { name: 'openldap', plan: shippedPlan('openldap.yaml'), bridge: {} },
  {
    name: 'full-rfc7643',
    plan: shippedPlan('full-rfc7643.yaml'),
    bridge: {
      mapping: () => shipped('mappings/full-rfc7643.yaml'),
      files: new Map([['scim-full.schema', shipped('schema/scim-full.schema')]]),
      configure: (text) => text.replace('@DIR@/scim.schema', '@DIR@/scim.schema\ninclude @DIR@/scim-full.schema'),
    },
  },
];
