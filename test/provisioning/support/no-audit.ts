import type { AuditTrail } from '../../../src/provisioning/audit.ts';

/** An audit trail that nobody reads. */
export const NO_AUDIT: AuditTrail = { keepsValues: true, open: () => ({ widen() {}, keep() {} }) };
