import { dnKey } from '../ldap/dn.ts';

/** Sections of the mapping file, and so kinds of resources, that a reference may name. */
export type ReferenceTarget = 'users' | 'groups';

/** A resource that something refers to. */
export interface ReferencedResource {
  readonly target: ReferenceTarget;
  readonly id: string;
  readonly dn: string;
  /** Absolute URL of the resource. */
  readonly location: string;
}

/** Ids and DNs of the resources that a request or an entry names, gathered before translation. Look-ups only. */
export interface ReferenceTable {
  /** The visible resource behind a DN; undefined when it lies outside our bases and filters or doesn't exist. */
  resourceOf(dn: string, targets: readonly ReferenceTarget[]): ReferencedResource | undefined;
  /** The DN behind an id, compared without case; targets are tried in their order. */
  dnOf(id: string, targets: readonly ReferenceTarget[]): string | undefined;
}

export function makeReferenceTable(resources: Iterable<ReferencedResource>): ReferenceTable {
  const byDn = new Map<string, ReferencedResource>();
  const byId = new Map<string, ReferencedResource>();
  for (const resource of resources) {
    byDn.set(`${resource.target} ${dnKey(resource.dn)}`, resource);
    byId.set(`${resource.target} ${resource.id.toLowerCase()}`, resource);
  }
  const first = (map: ReadonlyMap<string, ReferencedResource>, targets: readonly ReferenceTarget[], key: string) => {
    for (const target of targets) {
      const found = map.get(`${target} ${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    resourceOf: (dn, targets) => first(byDn, targets, dnKey(dn)),
    dnOf: (id, targets) => first(byId, targets, id.toLowerCase())?.dn,
  };
}

export const NO_REFERENCES = makeReferenceTable([]);
