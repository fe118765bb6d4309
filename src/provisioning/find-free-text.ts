import { attributeKey } from '../ldap/attribute-description.ts';
import type { LdapValue } from '../ldap/entry.ts';
import { valuesOf } from '../ldap/entry.ts';
import { equalityKey } from '../ldap/equality-key.ts';
import { anyOf } from '../ldap/filter.ts';
import { formerNames, hadNames } from '../mapping/former-names.ts';
import { type GeneratedText, occupiedBases, plansOf, type ResourcePlan } from '../mapping/plan.ts';
import { type NumberedText, nthText } from '../mapping/template.ts';
import { ScimError } from '../scim/errors.ts';
import type { OperationContext } from './operation-context.ts';

/** How many texts are asked for in one search: the first is mostly free. */
const TEXTS_PER_SEARCH = 16;
/** Thousands of the same name have another reason than chance. */
const GREATEST_NUMBER = 9999;

/**
 * The first of a text, the text with 2, with 3 and so on that no entry below the bases has, whatever its classes, and that no deleted
 * one had that is kept.
 *
 * LDAP: one search of each base for sixteen texts.
 *
 * @throws ScimError 409 uniqueness when there is none
 */
export async function findFreeText(
  context: OperationContext,
  plan: ResourcePlan,
  line: GeneratedText,
  text: NumberedText,
): Promise<string> {
  const { schema } = await context.directory.facts();
  const type = schema.attributeType(line.ldap);
  const keyOf = (value: LdapValue): string => (typeof value === 'string' ? equalityKey(type, value) : '');
  for (let from = 1; from <= GREATEST_NUMBER; from += TEXTS_PER_SEARCH) {
    const numbers = Array.from({ length: TEXTS_PER_SEARCH }, (_, index) => from + index);
    const texts = numbers.flatMap((number) => nthText(text, number) ?? []);
    if (texts.length === 0) break;
    const isName = attributeKey(line.ldap) === attributeKey(plan.rdn);
    const filter = anyOf(
      ...texts.map((value) => ({ kind: 'equality', attribute: line.ldap, value }) as const),
      ...(isName ? [hadNames(plan, texts)] : []),
    );
    const attributes = isName ? [line.ldap, plan.id] : [line.ldap];
    const found = await Promise.all(
      basesOf(context, plan).map((base) => context.directory.search({ base, scope: 'subtree', filter, attributes })),
    );
    const formerly = isName ? found.flat().flatMap((entry) => formerNames(plan, entry)) : [];
    const taken = new Set([...found.flat().flatMap((entry) => valuesOf(entry, line.ldap)), ...formerly].map(keyOf));
    const free = texts.find((each) => !taken.has(keyOf(each)));
    if (free !== undefined) return free;
  }
  throw new ScimError(409, `${line.ldap}: every value that could be made is in use already`, { scimType: 'uniqueness' });
}

/** Where resources of the same kind are. */
function basesOf(context: OperationContext, { target }: ResourcePlan): readonly string[] {
  return occupiedBases(plansOf(context.plan).filter((plan) => plan.target === target));
}
