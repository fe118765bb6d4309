import { attributeTypeOf } from './attribute-description.ts';
import type { Change } from './change.ts';
import { formatDn, parseDn } from './dn.ts';
import type { LdapValue } from './entry.ts';
import type { LdapFilter } from './filter.ts';

/** What of a change or a filter may be seen. */
export interface Mask {
  /** @param type of an attribute, in lower case */
  readonly hides: (type: string) => boolean;
  /** Whether the entry's own name is hidden; those above it stay. Absent: it is not. */
  readonly hidesNames?: boolean;
  /** Of the values of an attribute, at least 1; how many more there are stands in place of the others. Absent: all. */
  readonly mostValues?: number;
  /** Characters, or octets, of a value; a longer one is cut. Absent: all. */
  readonly mostLength?: number;
}

const MASK = '***';

/** The same change for people to look at: values that nobody is to see show as `***`, a password is gone. */
export function maskChange(change: Change, mask: Mask): Change {
  const masked = maskContent(change, mask);
  return mask.hidesNames === true ? { ...masked, dn: maskName(masked.dn) } : masked;
}

function maskContent(change: Change, mask: Mask): Change {
  switch (change.kind) {
    case 'add':
      return { ...change, attributes: change.attributes.map((one) => ({ ...one, values: maskValues(one.name, one.values, mask) })) };
    case 'modify': {
      const modifications = change.modifications.map((one) => ({ ...one, values: maskValues(one.attribute, one.values, mask) }));
      return { ...change, modifications, ...maskedAssertion(change, mask) };
    }
    case 'rename': {
      const { newRdn } = change;
      return { ...change, newRdn: mask.hidesNames === true ? maskName(newRdn) : newRdn, ...maskedAssertion(change, mask) };
    }
    case 'delete':
      return { ...change, ...maskedAssertion(change, mask) };
    case 'password':
      return { ...change, newPassword: MASK };
    default:
      return change satisfies never;
  }
}

/** The same filter with the values hidden that nobody is to see. */
export function maskFilter(filter: LdapFilter, mask: Mask): LdapFilter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { ...filter, filters: filter.filters.map((one) => maskFilter(one, mask)) };
    case 'not':
      return { ...filter, filter: maskFilter(filter.filter, mask) };
    case 'present':
      return filter;
    case 'equality':
    case 'greaterOrEqual':
    case 'lessOrEqual':
    case 'approximate':
    case 'extensible':
      return { ...filter, value: maskValue(filter.attribute ?? '', filter.value, mask) };
    case 'substring': {
      const masked = (part: string) => String(maskValue(filter.attribute, part, mask));
      const { initial, any, final } = filter;
      return {
        ...filter,
        any: any.map(masked),
        ...(initial === undefined ? {} : { initial: masked(initial) }),
        ...(final === undefined ? {} : { final: masked(final) }),
      };
    }
    default:
      return filter satisfies never;
  }
}

/** @param dn a DN, or an RDN alone */
function maskName(dn: string): string {
  const [own = [], ...above] = parseDn(dn);
  return formatDn([own.map(({ type }) => ({ type, value: MASK })), ...above]);
}

function maskedAssertion({ assertion }: { readonly assertion?: LdapFilter }, mask: Mask): { readonly assertion?: LdapFilter } {
  return assertion === undefined ? {} : { assertion: maskFilter(assertion, mask) };
}

/** Hidden ones show once, however many they are. */
function maskValues(attribute: string, values: readonly LdapValue[], mask: Mask): readonly LdapValue[] {
  if (values.length > 0 && mask.hides(attributeTypeOf(attribute))) return [MASK];
  const { mostValues = values.length } = mask;
  const shown = values.slice(0, mostValues).map((value) => cut(value, mask));
  return values.length <= mostValues ? shown : [...shown, `${MASK} ${values.length - mostValues} more`];
}

function maskValue(attribute: string, value: LdapValue, mask: Mask): LdapValue {
  return mask.hides(attributeTypeOf(attribute)) ? MASK : cut(value, mask);
}

/** A copy: a part of a text would keep the whole of it in memory. */
function cut(value: LdapValue, { mostLength = Number.POSITIVE_INFINITY }: Mask): LdapValue {
  if (value.length <= mostLength) return value;
  if (typeof value === 'string') return `${Buffer.from(value.slice(0, mostLength)).toString()}${MASK}`;
  return Buffer.concat([value.subarray(0, mostLength)]);
}
