import { dnKey } from '../ldap/dn.ts';
import type { Entry } from '../ldap/entry.ts';
import type { EntryNames } from './entry-names.ts';

/** Sections of the mapping file, and so kinds of resources, that a reference may name. */
export type ReferenceTarget = 'users' | 'groups';

/** A resource that something refers to. */
export interface ReferencedResource {
  readonly target: ReferenceTarget;
  readonly id: string;
  readonly dn: string;
  /** Absolute URL of the resource. */
  readonly location: string;
  /** Its values of the attributes by which references name it. */
  readonly names?: EntryNames['names'];
}

/** A value of a reference attribute, as an entry holds it. */
export interface StoredReference {
  readonly value: string;
  /** Attribute whose value it is; undefined: it is a DN. */
  readonly by: string | undefined;
  readonly targets: readonly ReferenceTarget[];
}

/** A resource whose list names an entry; `direct` when it does so itself, and not by way of another one in between. */
export interface Membership {
  readonly holder: ReferencedResource;
  readonly direct: boolean;
}

/** Ids and stored values of the resources that a request or an entry names, gathered before translation. Look-ups only. */
export interface ReferenceTable {
  /**
   * The visible resource behind a stored value; undefined when it lies outside our bases and filters or doesn't exist.
   *
   * @param by the attribute whose value it is, compared to the letter; undefined: it is a DN, compared as a name
   */
  resourceOf(value: string, targets: readonly ReferenceTarget[], by?: string): ReferencedResource | undefined;
  /** The resource behind an id, compared without case; targets are tried in their order. */
  resourceWithId(id: string, targets: readonly ReferenceTarget[]): ReferencedResource | undefined;
  /** The resources whose lists name an entry. */
  membershipsOf(entry: Pick<Entry, 'dn'>): readonly Membership[];
}

/** @param memberships by `dnKey` of the entry that is named */
export function makeReferenceTable(
  resources: Iterable<ReferencedResource>,
  memberships: ReadonlyMap<string, readonly Membership[]> = new Map(),
): ReferenceTable {
  const byValue = new Map<string, ReferencedResource>();
  const bySpelling = new Map<string, ReferencedResource>();
  const byId = new Map<string, ReferencedResource>();
  for (const resource of resources) {
    bySpelling.set(`${resource.target} ${resource.dn}`, resource);
    byValue.set(`${resource.target} ${dnKey(resource.dn)}`, resource);
    byId.set(`${resource.target} ${resource.id.toLowerCase()}`, resource);
    for (const [by, name] of Object.entries(resource.names ?? {})) byValue.set(`${resource.target} ${by} ${name}`, resource);
  }
  const first = (map: ReadonlyMap<string, ReferencedResource>, targets: readonly ReferenceTarget[], key: string) => {
    for (const target of targets) {
      const found = map.get(`${target} ${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    resourceOf(value, targets, by) {
      if (by !== undefined) return first(byValue, targets, `${by} ${value}`);
      // Most directories spell a reference as the entry's own name; of 100,000 members only the others have to be taken apart.
      return first(bySpelling, targets, value) ?? first(byValue, targets, dnKey(value));
    },
    resourceWithId: (id, targets) => first(byId, targets, id.toLowerCase()),
    membershipsOf: ({ dn }) => memberships.get(dnKey(dn)) ?? [],
  };
}

export const NO_REFERENCES = makeReferenceTable([]);
