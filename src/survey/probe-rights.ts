import type { Directory } from '../directory/directory.ts';
import { DirectoryError } from '../directory/directory-error.ts';
import type { Right } from '../inspection/survey.ts';
import { TIME_SYNTAX, valueProblem } from '../inspection/value-problem.ts';
import { attributeKey } from '../ldap/attribute-description.ts';
import { type Entry, type LdapValue, valuesOf } from '../ldap/entry.ts';
import { equalityKey } from '../ldap/equality-key.ts';
import { ANY_ENTRY } from '../ldap/filter.ts';
import type { LdapAttributeType, LdapSchema } from '../ldap/schema.ts';
import { BOOLEAN_SYNTAX, holdsDns, INTEGER_SYNTAX } from '../ldap/syntaxes.ts';
import { isWritten, type ResourcePlan } from '../mapping/plan.ts';

/**
 * Finds out what our account may write in an entry without writing: a modify that deletes a value which isn't there is refused with
 * noSuchAttribute (16), or inappropriateMatching (18), when we may, and with insufficientAccessRights (50) when not.
 *
 * @param sample an entry of the section; undefined: nothing can be tried
 * @returns by attribute, as the file names it
 */
export async function probeRights(
  directory: Directory,
  plan: ResourcePlan,
  sample: Entry | undefined,
  schema: LdapSchema,
): Promise<ReadonlyMap<string, Right>> {
  const rights = new Map<string, Right>();
  if (sample === undefined) return rights;
  // Not passwords: a server may take the attempt for one to guess or to change them.
  const lines = plan.lenses.filter((lens) => isWritten(lens) && lens.kind !== 'password');
  const written = [...lines.flatMap(({ ldap }) => ldap ?? []), ...plan.generated.map(({ ldap }) => ldap)];
  for (const attribute of new Map(written.map((name) => [attributeKey(name), name])).values()) {
    const type = schema.attributeType(attribute);
    if (type === undefined || type.noUserModification) continue;
    rights.set(attribute, await probe(directory, sample.dn, attribute, type));
  }
  return rights;
}

async function probe(directory: Directory, dn: string, attribute: string, type: LdapAttributeType): Promise<Right> {
  const [entry] = await directory.search({ base: dn, scope: 'base', filter: ANY_ENTRY, attributes: [attribute] });
  const value = absentValue(type, entry === undefined ? [] : valuesOf(entry, attribute));
  if (value === undefined) return 'unknown';
  try {
    await directory.write({ kind: 'modify', dn, modifications: [{ operation: 'delete', attribute, values: [value] }] });
    return 'unknown';
  } catch (error) {
    if (!(error instanceof DirectoryError) || error.kind !== 'refused') throw error;
    return RIGHT_OF_RESULT.get(error.code) ?? 'unknown';
  }
}

/** noSuchAttribute, inappropriateMatching; insufficientAccessRights. */
const RIGHT_OF_RESULT: ReadonlyMap<number | undefined, Right> = new Map([
  [16, 'granted'],
  [18, 'granted'],
  [50, 'denied'],
]);

const NO_SUCH_VALUE = 'no-such-value-6f1c2a0e3b5d4c7f9a8b1d2e3f405162';

/** Values that nobody has, by syntax. */
const ABSENT: ReadonlyMap<string, string> = new Map([
  [TIME_SYNTAX, '18151210031415Z'],
  [INTEGER_SYNTAX, '2147481815'],
]);

/**
 * A value that the attribute certainly doesn't hold; undefined where there may be none. There are but two booleans: of an attribute
 * that isn't seen, each may be there.
 */
function absentValue(type: LdapAttributeType, present: readonly LdapValue[]): string | undefined {
  if (type.syntax === BOOLEAN_SYNTAX) {
    const [value, ...others] = present;
    return value === undefined || others.length > 0 || !type.singleValue ? undefined : value === 'TRUE' ? 'FALSE' : 'TRUE';
  }
  const value = holdsDns(type) ? `cn=${NO_SUCH_VALUE}` : (ABSENT.get(type.syntax ?? '') ?? NO_SUCH_VALUE);
  const keys = present.map((each) => (typeof each === 'string' ? equalityKey(type, each) : ''));
  return valueProblem(type, value) !== undefined || keys.includes(equalityKey(type, value)) ? undefined : value;
}
