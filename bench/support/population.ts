import { type OpenLdap, startOpenLdap } from '../../test/support/openldap.ts';
import { GROUPS, PEOPLE } from '../../test/support/test-directory.ts';

/** People are `p0`, `p1` and so on; their ids can be told from their numbers, so that nobody has to ask for them. */
export function personName(index: number): string {
  return `p${index}`;
}

export function personDn(index: number): string {
  return `uid=${personName(index)},${PEOPLE}`;
}

/** The entryUUID: spread over the whole range, for ids in their order must not be people in theirs. */
export function personId(index: number): string {
  const spread = Math.imul(index, 0x9e3779b1) >>> 0; // an odd factor: no two are the same
  return `${spread.toString(16).padStart(8, '0')}-0000-4000-8000-000000000001`;
}

/** Who has a group of his own of each size: three measure side by side, and none may find what another left. */
export const OWNERS = ['ldap', 'route', 'bridge'] as const;
export type Owner = (typeof OWNERS)[number];

export function groupName(size: number, owner: Owner): string {
  return `of-${size}-${owner}`;
}

export function groupDn(size: number, owner: Owner): string {
  return `cn=${groupName(size, owner)},${GROUPS}`;
}

export interface Population {
  readonly people: number;
  readonly groupSizes: readonly number[];
  /** Whether slapd waits for the disk with each write. */
  readonly durable: boolean;
}

/** A slapd with people and groups, loaded by slapadd. */
export function startPopulated(
  { people, groupSizes, durable }: Population,
  files: ReadonlyMap<string, string>,
  more: string,
): Promise<OpenLdap> {
  const groups = groupSizes.flatMap((size) => OWNERS.map((owner) => group(size, owner)));
  const ldif = [...Array.from({ length: people }, (_, index) => person(index)), ...groups].join('\n');
  const configure = (text: string) =>
    `${more}${text}`
      .replace(/^maxsize .*$/m, `maxsize ${Math.max(1, Math.ceil(people / 50_000)) * 1024 ** 3}`)
      .replace(/^envflags .*$/m, durable ? '' : 'envflags nosync');
  return startOpenLdap({ ldif, files, configure });
}

function person(index: number): string {
  const name = personName(index);
  return `dn: ${personDn(index)}
objectClass: inetOrgPerson
objectClass: scimObject
entryUUID: ${personId(index)}
uid: ${name}
cn: Given${index} Family${index}
sn: Family${index}
givenName: Given${index}
displayName: Family${index}, Given${index}
mail: ${name}@example.org
title: Clerk ${index % 100}
telephoneNumber: +49 30 ${index}
employeeNumber: ${index}
departmentNumber: ${index % 50}
preferredLanguage: de
scimExternalId: external-${index}
`;
}

/** Of members that nobody looks up: their entries needn't be there. */
function group(size: number, owner: Owner): string {
  const members = Array.from({ length: size }, (_, index) => `member: uid=member-${index},${PEOPLE}`);
  return `dn: ${groupDn(size, owner)}\nobjectClass: groupOfNames\nobjectClass: scimObject\ncn: ${groupName(size, owner)}\n${members.join('\n')}\n`;
}
