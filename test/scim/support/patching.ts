import { applyPatch } from '../../../src/scim/apply-patch.ts';
import type { JsonValue } from '../../../src/scim/json.ts';
import { readPatch } from '../../../src/scim/read-patch.ts';
import type { ReadPolicy } from '../../../src/scim/read-value.ts';
import type { ScimObject } from '../../../src/scim/resource.ts';
import { defineResourceType, type ResourceType } from '../../../src/scim/resource-type.ts';
import { defineAttribute, ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, standardSchema, USER_SCHEMA } from '../../../src/scim/schema.ts';

export const ACME_SCHEMA = 'urn:example:scim:schemas:extension:acme:2.0:User';

/** A user with the enterprise extension and one of our own, which has an attribute of each type that the standard ones lack. */
export const user = defineResourceType('User', standardSchema(USER_SCHEMA), [
  standardSchema(ENTERPRISE_USER_SCHEMA),
  {
    id: ACME_SCHEMA,
    name: 'Acme',
    description: '',
    attributes: [
      defineAttribute('badge', { mutability: 'immutable' }),
      defineAttribute('floor', { type: 'integer' }),
      defineAttribute('weight', { type: 'decimal' }),
      defineAttribute('hired', { type: 'dateTime' }),
      defineAttribute('skills', { multiValued: true }),
      defineAttribute('keys', { multiValued: true, mutability: 'immutable', caseExact: true }),
      defineAttribute('schemas', { multiValued: true }),
    ],
  },
]);

export const group = defineResourceType('Group', standardSchema(GROUP_SCHEMA), []);

/** Reads leniently, and keeps what it was told. */
export function takingNotes(unknown: ReadPolicy['unknown'] = 'ignore'): ReadPolicy & { readonly notes: readonly string[] } {
  const notes: string[] = [];
  return { unknown, notes, note: (message) => void notes.push(message) };
}

export interface PatchSettings {
  readonly type?: ResourceType;
  readonly policy?: ReadPolicy;
}

/** The resource after a PATCH with these operations. */
export function patched(before: ScimObject, operations: readonly JsonValue[], { type = user, policy = takingNotes() }: PatchSettings = {}) {
  return applyPatch(before, readPatch({ Operations: operations }, type, policy), policy);
}
