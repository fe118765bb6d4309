import type { DirectoryServer } from '../directory/directory.ts';
import type { RootDse } from '../ldap/root-dse.ts';
import type { LdapSchema } from '../ldap/schema.ts';
import type { SlapdConfiguration } from '../ldap/slapd-configuration.ts';
import type { Section } from './section.ts';
import type { SectionTally } from './tally.ts';

/** All that was asked of a live directory about one mapping file. What it means is decided from here, without asking. */
export interface Survey {
  /** The account that we bind as. */
  readonly bindDn: string;
  /** Whether nobody on the way can read what is sent. */
  readonly isPrivate: boolean;
  readonly server: DirectoryServer;
  /** Name and version of the server, for people. */
  readonly product: string;
  readonly rootDse: RootDse;
  readonly schema: LdapSchema;
  /** Undefined where our account can't read it, and on other servers. */
  readonly slapd: SlapdConfiguration | undefined;
  readonly policies: PasswordPolicies;
  readonly sections: readonly SectionSurvey[];
}

/** The password policies that our account sees (draft-behera-ldap-password-policy §5.2). */
export interface PasswordPolicies {
  readonly seen: number;
  /** Of those, the ones with `pwdLockout: TRUE`: only there a locked account can't bind. */
  readonly withLockout: number;
}

export interface SectionSurvey {
  readonly section: Section;
  readonly bases: readonly BaseSurvey[];
  readonly tally: SectionTally;
  /** Whether the entries were looked through to the end. */
  readonly reach: 'all' | 'sample' | 'serverLimit';
  /** Of those that were looked through, the ones that are hidden because others made them and nobody handed them over. */
  readonly unmarked: number;
  /** Whether an entry was found by the id that it shows; undefined: there was none to try. */
  readonly foundById: boolean | undefined;
  /** By attribute as the file names it: what became of the attempt to delete a value that isn't there. Empty: there was no entry. */
  readonly rights: ReadonlyMap<string, Right>;
  /** How long a look-up by an attribute takes. Empty: not measured. */
  readonly lookUps: readonly LookUp[];
  readonly references: ReferenceSurvey;
}

export interface BaseSurvey {
  readonly dn: string;
  readonly isThere: boolean;
  /** Entries below it that `filter` doesn't match, and the structure that only holds others (organizationalUnit) left out. */
  readonly missed: number;
  /** Of those, the ones that have the attribute behind userName or displayName. */
  readonly missedNamed: number;
  readonly exampleOfMissed?: string;
}

/** `granted`: result 16 or 18; `denied`: 50; `unknown`: anything else, or nothing safe to try. */
export type Right = 'granted' | 'denied' | 'unknown';

export interface LookUp {
  readonly attribute: string;
  /** The fastest of several searches for a value that nobody has, in milliseconds. */
  readonly milliseconds: number;
  /** The fastest of several searches for one entry by its DN. */
  readonly baseline: number;
}

/** What a sample of references leads to. */
export interface ReferenceSurvey {
  readonly followed: number;
  /** Lead to an entry that isn't there. */
  readonly dangling: number;
  readonly exampleOfDangling?: string;
  /** Members of a group who don't have the group in the attribute behind `groups`, of those that were looked at. */
  readonly backLinks: { readonly followed: number; readonly missing: number };
  /** The most values that an entry has. */
  readonly longest: number;
}
