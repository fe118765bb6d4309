import type { ScimValue } from '../scim/resource.ts';
import type { AttributeDefinition, AttributeType } from '../scim/schema.ts';
import type { Encoding } from './encodings.ts';
import type { TwoWayTransform } from './transforms.ts';

/** Rules that don't tell texts apart by blanks at their ends, nor, those that begin with caseExact aside, by letter case. */
const RULES_FOR_TEXT = /^(?:caseIgnore|caseExact|telephoneNumber|numericString)/;

/** Types whose values are one text each, and what that looks like: a table can have them on its left. */
export const TABLE_TYPES: ReadonlyMap<AttributeType, RegExp> = new Map([
  ['string', /./s],
  ['reference', /./s],
  ['boolean', /^(?:true|false)$/],
  ['integer', /^(?:0|-?[1-9]\d{0,14})$/],
]);

/**
 * Text that goes through a pipe on its way into the directory, and back through it from the right to the left.
 *
 * What a step doesn't take can't be stored; what was stored so that a step can't show it is kept and not shown.
 */
export function transformedEncoding(steps: readonly TwoWayTransform[]): Encoding {
  const backwards = steps.toReversed();
  const isLax = steps.some((step) => step.isLax);
  return {
    name: 'text',
    types: [...TABLE_TYPES.keys()],
    takes: steps.flatMap(({ takes }) => takes ?? []).join(', ') || 'text',
    showsAll: steps.every((step) => step.showsAll),
    pipe: { isLax, keepsEquality: steps.every((step) => step.keepsEquality) },
    decode(stored, definition) {
      let text: string | undefined = typeof stored === 'string' && stored !== '' ? stored : undefined;
      for (const step of backwards) text = text === undefined ? undefined : step.show(text);
      return text === undefined || text === '' ? undefined : fromText(text, definition);
    },
    encode(value, { caseExact }) {
      let text = toText(value);
      for (const step of steps) text = text === undefined ? undefined : step.store(text, caseExact);
      return text === '' ? undefined : text;
    },
    comparesAlike: ({ equality }) => equality !== undefined && (!isLax || RULES_FOR_TEXT.test(equality)),
  };
}

function toText(value: ScimValue): string | undefined {
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  return typeof value === 'string' && value.isWellFormed() ? value : undefined;
}

function fromText(text: string, { type }: AttributeDefinition): ScimValue | undefined {
  switch (type) {
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'integer':
      return Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
    default:
      return text;
  }
}
