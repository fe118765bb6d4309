import { FILLED_BY_ACTIVE_DIRECTORY } from './filled-by-active-directory.ts';
import type { LdapSchema } from './schema.ts';

/**
 * The attributes that an entry of some classes must hold (MUST, RFC 4512 §2.4) and that whoever writes it has to give: without
 * `objectClass` and what the server fills in itself.
 *
 * @returns attribute → the class that demands it, under the schema's names, attributes in lower case
 */
export function demandedAttributes(schema: LdapSchema, classNames: readonly string[]): ReadonlyMap<string, string> {
  const classes = classNames.flatMap((name) => schema.objectClass(name) ?? []);
  const isActiveDirectory = classes.some(({ must }) => must.has('ntsecuritydescriptor'));
  const isFilledIn = (name: string): boolean =>
    name === 'objectclass' ||
    (isActiveDirectory && FILLED_BY_ACTIVE_DIRECTORY.has(name)) ||
    schema.attributeType(name)?.noUserModification === true;
  const demands = new Map<string, string>();
  for (const { must, names } of classes) {
    for (const name of must) if (!demands.has(name) && !isFilledIn(name)) demands.set(name, names[0] ?? '');
  }
  return demands;
}
