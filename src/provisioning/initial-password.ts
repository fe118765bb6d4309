import { randomBytes } from 'node:crypto';
import { passwordLensOf, type ResourcePlan } from '../mapping/plan.ts';
import { newObject, type ScimObject } from '../scim/resource.ts';

/** Letters of both cases, digits and signs: no policy that asks for kinds of characters is left wanting. */
const EVERY_KIND = 'aA1-';

/**
 * A new resource with a password that nobody knows, where the directory switches no account on without one (decisions 7) and the
 * client sent none.
 */
export function withInitialPassword(plan: ResourcePlan, resource: ScimObject): ScimObject {
  const needsOne = passwordLensOf(plan)?.method === 'unicodePwd' && resource['password'] === undefined;
  if (!needsOne) return resource;
  const password = `${EVERY_KIND}${randomBytes(24).toString('base64url')}`;
  return Object.assign(newObject(), resource, { password });
}
