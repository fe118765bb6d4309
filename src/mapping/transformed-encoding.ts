import { caseIgnoreKey } from '../ldap/case-ignore.ts';
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
 * What a step doesn't take can't be stored, and what was stored so that a step can't show it isn't shown. Neither is what wouldn't come
 * back: of a blank, `trim` leaves nothing, however much another step adds to it.
 */
export function transformedEncoding(steps: readonly TwoWayTransform[]): Encoding {
  const backwards = steps.toReversed();
  const isLax = steps.some((step) => step.isLax);
  const store = (sent: string | undefined, caseExact: boolean): string | undefined =>
    steps.reduce((text, step) => (text === undefined ? undefined : step.store(text, caseExact)), sent);
  const show = (stored: string): string | undefined =>
    backwards.reduce<string | undefined>((text, step) => (text === undefined ? undefined : step.show(text)), stored);
  return {
    name: 'text',
    types: [...TABLE_TYPES.keys()],
    takes: steps.flatMap(({ takes }) => takes ?? []).join(', ') || 'text',
    showsAll: steps.length === 1 && steps.every((step) => step.showsAll),
    pipe: {
      isLax,
      keepsEquality: steps.every((step) => step.keepsEquality),
      sample: steps.findLast((step) => step.sample !== undefined)?.sample,
    },
    decode(stored, definition) {
      const text = typeof stored === 'string' ? show(stored) : undefined;
      const again = store(text, definition.caseExact);
      const comesBack = again !== undefined && again !== '' && caseIgnoreKey(again) === caseIgnoreKey(String(stored));
      return text === undefined || !comesBack ? undefined : fromText(text, definition);
    },
    encode(value, { caseExact }) {
      const text = store(toText(value), caseExact);
      if (text === undefined || text === '') return undefined;
      return store(show(text), caseExact) === text ? text : undefined;
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
