import { caseIgnoreKey } from '../ldap/case-ignore.ts';
import { type Dn, formatDn, formatRdn, parseDn, type Rdn } from '../ldap/dn.ts';
import { type Entry, type LdapValue, type LinePath, valuesOf } from '../ldap/entry.ts';
import type { WantedAttribute } from './lens.ts';
import type { PlannedChange } from './write-plan.ts';

/**
 * The rename that a new naming value or another branch needs (RFC 4511 §4.9), and the entry as it will be after it. An adopted entry
 * may be named by another attribute than new ones, or by several: each keeps its part of the name, with its new value.
 *
 * @param newParent where the entry is to stand; undefined: where it is
 */
export function planRename(
  entry: Entry,
  wanted: ReadonlyMap<string, WantedAttribute>,
  newParent: Dn | undefined,
): { readonly planned: PlannedChange; readonly entry: Entry } | undefined {
  const [rdn = [], ...parent] = parseDn(entry.dn);
  const attributes = new Map(entry.attributes);
  let source: LinePath = [];
  const hadValue: boolean[] = [];
  const newRdn: Rdn = rdn.map((ava) => {
    const wish = wanted.get(ava.type.toLowerCase());
    const [value] = wish?.values ?? [];
    const current = valuesOf(entry, ava.type);
    const spelled = current.find((each) => isSameValue(each, ava.value)) ?? ava.value;
    if (wish === undefined || typeof value !== 'string' || spelled === value) return ava;
    source = wish.source;
    hadValue.push(current.some((each) => each !== spelled && isSameValue(each, value)));
    const others = current.filter((each) => each !== spelled && !isSameValue(each, value));
    attributes.set(ava.type.toLowerCase(), [value, ...others]);
    return { type: ava.type, value };
  });
  if (newParent === undefined && newRdn.every((ava, index) => ava === rdn[index])) return undefined;
  const dn = formatDn([newRdn, ...(newParent ?? parent)]);
  const below = (superior: Dn) => (newParent === undefined ? {} : { newSuperior: formatDn(superior) });
  return {
    planned: {
      change: { kind: 'rename', dn: entry.dn, newRdn: formatRdn(newRdn), ...below(newParent ?? parent), source },
      undo: {
        kind: 'rename',
        dn,
        newRdn: formatRdn(rdn),
        ...below(parent),
        ...(hadValue.length > 0 && hadValue.every(Boolean) ? { keepsOldRdn: true } : {}),
      },
    },
    entry: { dn, attributes },
  };
}

export function isSameValue(a: LdapValue, b: LdapValue): boolean {
  return typeof a === 'string' && typeof b === 'string' && caseIgnoreKey(a) === caseIgnoreKey(b);
}
