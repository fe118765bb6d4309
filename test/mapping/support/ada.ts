import type { ScimObject } from '../../../src/scim/resource.ts';
import { type Attributes, entryOf, shippedPlan, updated } from './plans.ts';

export const {
  users,
  groups: [groups = users],
} = shippedPlan('openldap.yaml');

/** A person as we would have made her. */
export const person: Attributes = {
  objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'scimObject'],
  uid: ['ada'],
  cn: ['Ada Lovelace'],
  sn: ['Lovelace'],
  givenName: ['Ada'],
};

export const entry = (more: Attributes = {}, dn?: string) => entryOf({ ...person, ...more }, dn);

/** The write that sets some top-level attributes of what an entry shows; `undefined` clears. */
export function set(attributes: { readonly [name: string]: unknown }, of = entry(), plan = users): readonly string[] {
  const given = Object.entries(attributes);
  return updated(plan, of, (before) => {
    const members = new Map<string, unknown>([...Object.entries(before), ...given]);
    return Object.fromEntries([...members].filter(([, value]) => value !== undefined)) as ScimObject;
  });
}
