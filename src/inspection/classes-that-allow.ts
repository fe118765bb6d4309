import type { LdapSchema } from '../ldap/schema.ts';

const MOST_NAMED = 3;

/** Which classes a section could add so that its entries may hold an attribute. Only auxiliary ones go with any other. */
export function classesThatAllow(attribute: string, classes: readonly string[], schema: LdapSchema): string {
  const fitting = schema.objectClasses.flatMap(({ names: [name], kind, superiors }) => {
    if (name === undefined || kind === 'abstract' || name === 'extensibleObject') return [];
    // A structural class can take the place of one that it comes from.
    const goesWith = kind === 'auxiliary' || classes.some((each) => superiors.has(each.toLowerCase()) && each.toLowerCase() !== 'top');
    return goesWith && schema.allows([name], attribute) ? [name] : [];
  });
  if (fitting.length === 0) return 'take another attribute';
  return `add ${fitting.slice(0, MOST_NAMED).join(' or ')} to objectClass, or take another attribute`;
}
