import type { AttributeLine } from '../config/mapping-file.ts';
import type { LdapAttributeType, LdapSchema } from '../ldap/schema.ts';
import { holdsDns } from '../ldap/syntaxes.ts';
import type { Lens } from '../mapping/lens.ts';
import { isTextLens, isWritten } from '../mapping/plan.ts';
import { classesThatAllow } from './classes-that-allow.ts';
import { type Finding, inMapping, type Remark } from './finding.ts';
import { keptByServer } from './kept-by-server.ts';
import { lineAt, type Section } from './section.ts';
import { unknownAttribute } from './unknown-attribute.ts';
import { valueProblem } from './value-problem.ts';

/** A line under `attributes` over an attribute that the directory has. */
interface Line {
  readonly lens: Lens;
  readonly written: AttributeLine;
  readonly ldap: string;
  readonly type: LdapAttributeType;
  readonly section: Section;
  readonly schema: LdapSchema;
}

/** What can be wrong between a line and the directory's schema; of the errors the first is told, the rest follows from it. */
const CHECKS: readonly ((line: Line) => Remark | undefined)[] = [
  isKeptByServer,
  isNotAllowed,
  holdsOneValue,
  isNoReference,
  takesOtherValues,
  hasOddTable,
  hasOddPlaceholder,
  hasOddState,
  cannotLoseOneMember,
  isNotFound,
  comparesCase,
];

/** The lines of a section against the schema. */
export function inspectLines(section: Section, schema: LdapSchema): readonly Finding[] {
  return section.plan.lenses.flatMap((lens) => {
    const { ldap } = lens;
    const written = section.written.attributes.get(lens.path);
    if (ldap === undefined || written === undefined) return [];
    const place = inMapping(lineAt(section, lens.path));
    const type = schema.attributeType(ldap);
    if (type === undefined) return [{ place, ...unknownAttribute(ldap, schema, isWritten(lens) ? 'error' : 'warning') }];
    const remarks: Remark[] = [];
    for (const check of CHECKS) {
      const remark = check({ lens, written, ldap, type, section, schema });
      if (remark !== undefined) remarks.push(remark);
      if (remark?.severity === 'error') break;
    }
    return remarks.map((remark) => ({ place, ...remark }));
  });
}

function isKeptByServer({ lens, ldap, type }: Line): Remark | undefined {
  const reason = isWritten(lens) ? keptByServer(ldap, type) : undefined;
  if (reason === undefined) return undefined;
  return { severity: 'error', message: reason, help: 'add mutability: readOnly to the line, or take another attribute' };
}

function isNotAllowed({ lens, ldap, section, schema }: Line): Remark | undefined {
  const classes = section.plan.objectClasses;
  if (!isWritten(lens) || schema.allows(classes, ldap)) return undefined;
  return {
    severity: 'error',
    message: `none of the classes under objectClass allows ${ldap}`,
    help: classesThatAllow(ldap, classes, schema),
  };
}

function holdsOneValue({ lens, ldap, type }: Line): Remark | undefined {
  if (lens.place.kind !== 'list' || !type.singleValue || !isWritten(lens)) return undefined;
  return {
    severity: 'error',
    message: `${lens.path} is a list, and ${ldap} holds one value`,
    help: 'describe one element, as in emails[type eq "work"].value, or take an attribute that holds several values',
  };
}

function isNoReference({ lens, ldap, type, written }: Line): Remark | undefined {
  const isDn = holdsDns(type);
  if (written.kind === 'text' && isDn && isWritten(lens)) {
    return {
      severity: 'error',
      message: `${ldap} takes DNs, and clients send text`,
      help: `if it names users or groups: { ldap: ${ldap}, refersTo: users }`,
    };
  }
  if (written.kind !== 'reference' || isDn || !refersByDn(written)) return undefined;
  return { severity: 'error', message: `${ldap} holds no DNs: it can't refer to entries` };
}

/** RFC 2307 groups name their members by another attribute than the DN. */
function refersByDn(written: AttributeLine): boolean {
  return !('by' in written) || written.by === undefined || written.by === 'dn';
}

/** Values that no client's could be: what an encoding makes of anything is refused by the syntax. */
function takesOtherValues({ lens, ldap, type, written }: Line): Remark | undefined {
  if (written.kind !== 'text' || !isWritten(lens) || written.transform !== undefined || written.values !== undefined) return undefined;
  const examples = ENCODED[written.encoding ?? impliedBy(lens)] ?? [];
  const problems = examples.map((example) => valueProblem(type, example));
  const [problem] = problems;
  if (problem === undefined || problems.includes(undefined)) return undefined;
  const name = written.encoding ?? lens.definition.type;
  return {
    severity: 'error',
    message: `${ldap} ${problem}; ${lens.path} writes ${name}, such as ${examples[0]}`,
    help: lens.definition.type === 'dateTime' ? 'encoding: generalizedTime writes times as directories do' : 'take another attribute',
  };
}

function impliedBy({ definition: { type } }: Lens): string {
  return type;
}

/** What each encoding writes, by its word or by the type that implies it; an attribute that takes one of them takes some. */
const ENCODED: Readonly<Record<string, readonly string[]>> = {
  boolean: ['TRUE'],
  integer: ['42'],
  decimal: ['4.5'],
  dateTime: ['2026-01-31T08:30:00Z'],
  generalizedTime: ['20260131083000Z'],
  json: ['{"type":"work","value":"ada@example.org"}'],
  string: ['Ada', '42', 'US', 'TRUE'],
  reference: ['https://people.example.org/ada'],
};

/** The right side of `values` is what is stored. */
function hasOddTable({ ldap, type, written }: Line): Remark | undefined {
  if (written.kind !== 'text') return undefined;
  for (const stored of written.values?.values() ?? []) {
    const problem = valueProblem(type, stored);
    if (problem !== undefined) return { severity: 'error', message: `${JSON.stringify(stored)} can't be stored: ${ldap} ${problem}` };
  }
  return undefined;
}

function hasOddPlaceholder({ lens, ldap, type, written }: Line): Remark | undefined {
  if (!('whenEmpty' in written) || written.whenEmpty === undefined || !(isTextLens(lens) || lens.kind === 'reference')) return undefined;
  const problem = valueProblem(type, written.whenEmpty);
  return problem === undefined ? undefined : { severity: 'error', message: `whenEmpty can't be stored: ${ldap} ${problem}` };
}

function hasOddState({ ldap, type, written }: Line): Remark | undefined {
  if (written.kind !== 'state') return undefined;
  if ('bit' in written && type.equality !== 'integerMatch')
    return { severity: 'error', message: `${ldap} holds no whole numbers: it has no bits` };
  const values = ['inactive' in written ? written.inactive : undefined, 'active' in written ? written.active : undefined];
  for (const value of values) {
    const problem = value === undefined ? undefined : valueProblem(type, value);
    if (problem !== undefined) return { severity: 'error', message: `${JSON.stringify(value)} can't be stored: ${ldap} ${problem}` };
  }
  return undefined;
}

function cannotLoseOneMember({ lens, ldap, type }: Line): Remark | undefined {
  if (lens.kind !== 'reference' || lens.place.kind !== 'list' || type.equality !== undefined || !isWritten(lens)) return undefined;
  return {
    severity: 'error',
    message: `${ldap} has no equality rule: the directory can't add or remove one value of it`,
    help: 'take an attribute such as member or uniqueMember',
  };
}

/** Attributes that every client looks resources up by. */
const LOOKED_UP: ReadonlySet<string> = new Set(['userName', 'externalId', 'displayName of groups']);

function isLookedUp({ lens: { place }, section }: Line): boolean {
  const { name } = place.path.attribute;
  return (
    !place.path.isExtension && LOOKED_UP.has(section.plan.target === 'groups' && name === 'displayName' ? 'displayName of groups' : name)
  );
}

function isNotFound(line: Line): Remark | undefined {
  const { ldap, type, written } = line;
  if (written.kind !== 'text' || type.equality !== undefined) return undefined;
  if (isLookedUp(line)) {
    return {
      severity: 'error',
      message: `${ldap} has no equality rule: the directory can't look anybody up by it`,
      help: 'take an attribute that has one',
    };
  }
  return {
    severity: 'note',
    message: `${ldap} has no equality rule: filters on it read all entries that have it, and a change writes all its values`,
  };
}

function comparesCase({ lens, ldap, type, written }: Line): Remark | undefined {
  if (written.kind !== 'text' || lens.definition.type !== 'string' || lens.definition.caseExact) return undefined;
  if (type.equality?.startsWith('caseExact') !== true || lens.place.path.attribute.name !== 'userName') return undefined;
  return {
    severity: 'warning',
    message: `${ldap} tells capitals from small letters, userName doesn't: each look-up reads all entries, for no index serves it`,
    help: 'take an attribute with caseIgnoreMatch, such as uid',
  };
}
