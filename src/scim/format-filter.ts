import type { AttributePath } from './attribute-path.ts';
import type { Filter } from './filter.ts';

/**
 * A filter as text by the grammar of RFC 7644 §3.4.2.2, canonical: `parseFilter` reads the same filter from it.
 * Groups inside groups stand in parentheses even where precedence alone would do.
 */
export function formatFilter(filter: Filter): string {
  return format(filter, formatAttributePath);
}

/**
 * A path as text, canonical: `userName`, `emails[type eq "work"].value`, `urn:…:User:manager.value` for extensions.
 * `parseAttributePath` reads the same path from it.
 */
export function formatAttributePath(path: AttributePath): string {
  const attribute = path.isExtension ? `${path.schema.id}:${path.attribute.name}` : path.attribute.name;
  const filter = path.valueFilter === undefined ? '' : formatInBrackets(path.valueFilter);
  const sub = path.sub === undefined ? '' : `.${path.sub.name}`;
  return attribute + filter + sub;
}

/** Names inside brackets are those of sub-attributes and carry no URN. */
function formatInBrackets(filter: Filter): string {
  return `[${format(filter, (path) => path.attribute.name)}]`;
}

function format(filter: Filter, formatPath: (path: AttributePath) => string): string {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const formatMember = (each: Filter): string => (isGroup(each) ? `(${format(each, formatPath)})` : format(each, formatPath));
      return filter.filters.map(formatMember).join(` ${filter.kind} `);
    }
    case 'not':
      return `not (${format(filter.filter, formatPath)})`;
    case 'compare':
      return `${formatPath(filter.path)} ${filter.operator} ${JSON.stringify(filter.value)}`;
    case 'present':
      return `${formatPath(filter.path)} pr`;
    case 'valuePath':
      return `${formatPath(filter.path)}${formatInBrackets(filter.filter)}`;
    default:
      return filter satisfies never;
  }
}

function isGroup(filter: Filter): boolean {
  return filter.kind === 'and' || filter.kind === 'or';
}
