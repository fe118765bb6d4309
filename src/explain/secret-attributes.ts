import { attributeTypeOf } from '../ldap/attribute-description.ts';
import { PASSWORD_ATTRIBUTES } from '../ldap/format-ldif.ts';
import { type Plan, plansOf } from '../mapping/plan.ts';

/** The LDAP attributes, in lower case, whose values nobody is shown: passwords, random values, and whatever a client is never shown either. */
export function secretAttributesOf(plan: Plan): ReadonlySet<string> {
  const never = plansOf(plan).flatMap(({ lenses }) =>
    lenses.filter(({ kind, definition, place }) => {
      const { attribute } = place.path;
      return kind === 'password' || definition.returned === 'never' || attribute.returned === 'never';
    }),
  );
  const random = plansOf(plan).flatMap(({ generated }) => generated.filter(({ kind }) => kind === 'random'));
  const names = [...never, ...random].flatMap(({ ldap }) => (ldap === undefined ? [] : [attributeTypeOf(ldap)]));
  return new Set([...PASSWORD_ATTRIBUTES, ...names]);
}
