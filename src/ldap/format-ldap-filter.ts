import type { LdapValue } from './entry.ts';
import type { LdapFilter } from './filter.ts';
import { formatHexPairs } from './octets.ts';

/**
 * The text of a filter (RFC 4515 §3), for people and logs; to the directory filters go as objects. Always one line:
 * control characters are escaped beside those that must be. A value that is a Buffer is escaped byte by byte.
 *
 * @param filter its depth is the depth of the recursion; `parseLdapFilter` and the SCIM filter parser both bound it
 */
export function formatLdapFilter(filter: LdapFilter): string {
  switch (filter.kind) {
    case 'and':
      return `(&${filter.filters.map(formatLdapFilter).join('')})`;
    case 'or':
      return `(|${filter.filters.map(formatLdapFilter).join('')})`;
    case 'not':
      return `(!${formatLdapFilter(filter.filter)})`;
    case 'equality':
      return `(${filter.attribute}=${formatValue(filter.value)})`;
    case 'greaterOrEqual':
      return `(${filter.attribute}>=${formatValue(filter.value)})`;
    case 'lessOrEqual':
      return `(${filter.attribute}<=${formatValue(filter.value)})`;
    case 'approximate':
      return `(${filter.attribute}~=${formatValue(filter.value)})`;
    case 'present':
      return `(${filter.attribute}=*)`;
    case 'substring':
      return `(${filter.attribute}=${[filter.initial ?? '', ...filter.any, filter.final ?? ''].map(formatValue).join('*')})`;
    case 'extensible': {
      const rule = filter.matchingRule === undefined ? '' : `:${filter.matchingRule}`;
      return `(${filter.attribute ?? ''}${filter.dnAttributes ? ':dn' : ''}${rule}:=${formatValue(filter.value)})`;
    }
    default:
      return filter satisfies never;
  }
}

const SPECIAL = /[\0-\x1f\x7f()*\\]/g;

function formatValue(value: LdapValue): string {
  if (typeof value !== 'string') return formatHexPairs(value);
  return value.replace(SPECIAL, (special) => formatHexPairs(Buffer.from(special)));
}
