import { caseIgnoreKey } from '../../ldap/case-ignore.ts';
import { octetKey } from '../../ldap/diff.ts';
import { equalityKey } from '../../ldap/equality-key.ts';
import { allOf, NOTHING } from '../../ldap/filter.ts';
import type { LdapSchema } from '../../ldap/schema.ts';
import { badRequest } from '../../scim/errors.ts';
import { foldCase } from '../../scim/evaluate-filter.ts';
import type { ScimValue } from '../../scim/resource.ts';
import type { Encoding } from '../encodings.ts';
import { type TextLens, type TextLensOptions, textLens } from './text.ts';

export interface SplitLensOptions extends Omit<TextLensOptions, 'takesAll' | 'several'> {
  readonly separator: string;
  /** What becomes of the whole text; `encoding` is that of its parts. */
  readonly whole: Encoding;
}

/**
 * One text over all values of an LDAP attribute, which are a set: written in another order they are the same, and they are shown
 * in the directory's order.
 *
 * Parts are neither empty nor twice there, else the text can't be stored. A stored value that can be no part, because the
 * separator is in it, is kept and not shown.
 */
export function splitLens({ separator, whole, ...options }: SplitLensOptions): TextLens {
  const { path, definition, ldap } = options;
  const encoding = partEncoding(options.encoding, separator);
  const parts = textLens({ ...options, encoding, takesAll: true });

  const partsOf = (value: ScimValue): readonly string[] | undefined => {
    const text = whole.encode(value, definition);
    const found = typeof text === 'string' ? text.split(separator) : [];
    return found.length > 0 && found.every((part) => encoding.encode(part, definition) !== undefined) ? found : undefined;
  };

  /** A key that two parts share when they are the same to the client or to the directory. */
  const partKey = (part: string, schema: LdapSchema): string => {
    const stored = encoding.encode(part, definition) ?? part;
    const key = typeof stored === 'string' ? equalityKey(schema.attributeType(ldap), stored) : octetKey(stored);
    return definition.caseExact ? key : caseIgnoreKey(key);
  };

  return {
    ...parts,
    showsStored: false,
    separator,
    get(entry, context) {
      const shown = parts.get(entry, context).map(String);
      const byKey = new Map(shown.toReversed().map((part) => [partKey(part, context.schema), part]));
      const text = [...byKey.values()].toReversed().join(separator);
      const value = text === '' ? undefined : whole.decode(text, definition);
      return value === undefined ? [] : [value];
    },
    put(wanted, current, context) {
      const [value] = wanted.filter((each) => !parts.isPlaceholder(each));
      if (value === undefined) return parts.put([], current, context);
      const found = partsOf(value);
      if (found === undefined || new Set(found.map((part) => partKey(part, context.schema))).size < found.length) {
        const between = `parts with ${JSON.stringify(separator)} between them, none empty and none twice`;
        throw badRequest('invalidValue', `${path}: takes ${whole.takes}, made of ${between}; each of them is ${encoding.takes}`);
      }
      if (found.length > 1 && context.schema.attributeType(ldap)?.singleValue === true) {
        throw badRequest('invalidValue', `${path}: the directory keeps one value here, and this makes ${found.length}`);
      }
      return parts.put(found, current, context);
    },
    match(operator, value, context) {
      if (operator !== 'eq' || value === null) return parts.matchPresent(context);
      const found = partsOf(value) ?? (typeof value === 'string' && !definition.caseExact ? partsOf(foldCase(value)) : undefined);
      if (found === undefined) return { filter: NOTHING, exact: true };
      return { filter: allOf(...found.map((part) => parts.match('eq', part, context).filter)), exact: false };
    },
    matchPresent: (context) => ({ ...parts.matchPresent(context), exact: false }),
  };
}

/** The encoding of a part: what the separator would take apart again is none. */
function partEncoding(encoding: Encoding, separator: string): Encoding {
  const isPart = (text: string): boolean => {
    // Between two of its kind, for a separator of several characters may overlap with what is beside it.
    const [before, after, ...more] = `${text}${separator}${text}`.split(separator);
    return before === text && after === text && more.length === 0;
  };
  return {
    ...encoding,
    showsAll: false,
    decode(stored, definition) {
      const text = encoding.decode(stored, definition);
      return typeof text === 'string' && isPart(text) ? text : undefined;
    },
  };
}
