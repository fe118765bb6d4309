import type { YamlPath } from './yaml-source.ts';

/**
 * A mapping file as its operator wrote it, checked for form only. What the names in it mean is decided by `mapping/compile`.
 * Everything is text (YAML's failsafe schema); keys of `attributes` are SCIM paths, keys of `generated` LDAP attributes, in file order.
 */
export interface MappingFile {
  readonly format: 1;
  readonly users: ResourceSection;
  /** The places where groups live; empty without groups. Of each the path in the file, for diagnostics. */
  readonly groups: readonly GroupLocation[];
  /** Own extension schemas by URN. */
  readonly schemas: ReadonlyMap<string, SchemaSection>;
  /** What the SCIM standard knows and this file doesn't map. */
  readonly unmapped: 'ignore' | 'reject';
  /** What no schema knows. */
  readonly unknown: 'ignore' | 'reject';
  readonly protected: ProtectedSection;
  readonly examples?: readonly ExampleSection[];
  readonly brakes?: BrakesSection;
}

/** How much may be written in a window of time, as numbers or shares of all users; of what isn't there as much as comes. */
export interface BrakesSection {
  readonly windowMs: number;
  readonly most: Readonly<Partial<Record<BrakedKind, { readonly count: number } | { readonly percent: number }>>>;
}

export type BrakedKind = 'creates' | 'updates' | 'renames' | 'disables' | 'deletes' | 'memberRemovals';

/** A request, and what it does under this file. At least one of `ldif`, `search` and `answer` is there. */
export interface ExampleSection {
  readonly name: string;
  readonly request: { readonly method: string; readonly target: string };
  /** JSON. */
  readonly body?: string;
  /** LDIF of what is there. */
  readonly entry?: string;
  /** LDIF of the writes; empty: none. */
  readonly ldif?: string;
  /** LDAP filters of the searches, in order. */
  readonly search?: readonly string[];
  readonly answer?: ExampleAnswer;
}

export interface ExampleAnswer {
  readonly status?: number;
  /** JSON: members that the body has, beside others. */
  readonly body?: string;
}

/** Entries that are never written: DNs, and LDAP filters. */
export interface ProtectedSection {
  readonly below: readonly string[];
  readonly matching: readonly string[];
  /** The class that marks the entries that may be written; undefined: all others may. */
  readonly owned?: string | undefined;
}

/** `never`: what we created; `listed`: also what an operator marked; `any`: all that `filter` matches. */
export type AdoptionWord = 'never' | 'listed' | 'any';

/** A place where groups live, and where in the file it stands: `groups`, or an item of it. */
export interface GroupLocation extends ResourceSection {
  readonly at: YamlPath;
}

/** Another branch for new entries that a SCIM filter describes. */
export interface PlacementSection {
  readonly when: string;
  readonly base: string;
}

export interface ResourceSection {
  readonly base: string;
  /** Other branches, the first whose `when` fits; entries are looked for in all of them. */
  readonly placement: readonly PlacementSection[];
  /** SCIM filter: new resources that match it belong here. Of several locations only the last goes without. */
  readonly when?: string;
  readonly filter: string;
  readonly id: IdSection;
  readonly rdn: string;
  readonly objectClass: readonly string[];
  /** Which entries that were there before us are ours too. Absent: `never` for groups whose new ones carry our mark, else `any`. */
  readonly adopt?: AdoptionWord;
  readonly attributes: ReadonlyMap<string, AttributeLine>;
  readonly generated: ReadonlyMap<string, GeneratedLine>;
  readonly onDelete: DeletionSection;
  readonly meta: MetaSection;
}

/** The LDAP attribute behind the SCIM `id`, and how the id stands in it: as text, or as 16 bytes in Microsoft's order. */
export interface IdSection {
  readonly ldap: string;
  readonly encoding?: 'guid';
}

/**
 * What a DELETE does. `deactivate` and `move` keep the entry: marked and hidden from searches, or in a branch that they don't cover. Either
 * way it gives up its name; `rdn` is the template of the new one.
 */
export type DeletionSection =
  | { readonly kind: 'remove' }
  | (KeptEntrySection & { readonly kind: 'deactivate'; readonly mark: { readonly ldap: string; readonly value: string } })
  | (KeptEntrySection & {
      readonly kind: 'move';
      readonly base: string;
      /** How long moved entries are kept from their last change, in milliseconds; absent: for good. */
      readonly purgeAfter?: number;
      /** SCIM path: a new resource with the same value there is the old one, come back. */
      readonly reviveBy?: string;
    });

/** What is written into an entry that is kept, beside its being switched off. */
export interface KeptEntrySection {
  readonly rdn: string;
  /** Templates by LDAP attribute. */
  readonly set: ReadonlyMap<string, string>;
  /** LDAP attributes that lose all values. */
  readonly clear: readonly string[];
}

/** LDAP attributes behind `meta` (RFC 7643 §3.1). */
export interface MetaSection {
  readonly created: string;
  readonly lastModified: string;
  readonly version: string;
}

export type AttributeLine = TextLine | ConstantLine | ReferenceLine | ReverseLine | StateLine | PasswordLine;

/** How values stand in the LDAP attribute; what each means is told in `mapping/encodings`. */
export type EncodingWord = 'base64' | 'boolean' | 'generalizedTime' | 'guid' | 'integer' | 'json';

export interface TextLine {
  readonly kind: 'text';
  readonly ldap: string;
  /** Absent: what the SCIM type implies. */
  readonly encoding?: EncodingWord;
  /** A pipe of steps with a way back, as in `trim | stripSuffix "@example.org"`; what they mean is told in `mapping/transforms`. */
  readonly transform?: string;
  /** SCIM value → LDAP value. */
  readonly values?: ReadonlyMap<string, string>;
  /** What becomes of a write to one place, when the entry holds several values. Absent: `first`. */
  readonly several?: 'first' | 'refuse';
  readonly required?: boolean;
  readonly whenEmpty?: string;
  readonly mutability?: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  readonly returned?: 'always' | 'never' | 'default' | 'request';
  readonly caseExact?: boolean;
}

export interface ConstantLine {
  readonly kind: 'constant';
  readonly constant: string;
}

export interface ReferenceLine {
  readonly kind: 'reference';
  readonly ldap: string;
  readonly refersTo: readonly ('users' | 'groups')[];
  /** Attribute of what is referred to whose value stands here; absent: its DN does. */
  readonly by?: string;
  readonly whenEmpty?: string;
  readonly unresolved: 'reject' | 'ignore';
  readonly mutability?: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
}

/** Only `groups`: found by looking for the user in the lists of the groups. */
export interface ReverseLine {
  readonly kind: 'reverse';
  readonly reverse: 'groups.members';
  /** Whether groups count that hold the user by way of another group. */
  readonly indirect: boolean;
}

/** Only `active`. */
export type StateLine = ValueStateLine | BranchStateLine | BitStateLine;

/** The entry is inactive while `ldap` holds the value `inactive`. */
export interface ValueStateLine {
  readonly kind: 'state';
  readonly ldap: string;
  readonly inactive: string;
  /** Written when switched on; absent: switching on removes the attribute. */
  readonly active?: string;
  readonly whenInactive?: SideEffectsSection;
}

/** The entry is inactive while it stands below `inactiveBase`. */
export interface BranchStateLine {
  readonly kind: 'state';
  readonly inactiveBase: string;
  readonly whenInactive?: SideEffectsSection;
}

/** The entry is inactive while a bit of the number in `ldap` is set. */
export interface BitStateLine {
  readonly kind: 'state';
  readonly ldap: string;
  readonly bit: bigint;
  /** The number of a new entry, the bit aside. */
  readonly initial: bigint;
  readonly whenInactive?: SideEffectsSection;
}

/** What else is written when an account is switched off. */
export interface SideEffectsSection {
  /** Values by LDAP attribute; they go when the account is switched on. */
  readonly set: ReadonlyMap<string, string>;
  /** LDAP attributes that lose all values, for good. */
  readonly clear: readonly string[];
}

export interface PasswordLine {
  readonly kind: 'password';
  readonly ldap: string;
  readonly method: 'passwordModify' | 'plain' | 'unicodePwd';
}

export type GeneratedLine = TemplateLine | RandomLine | NumberLine;

export interface TemplateLine {
  readonly kind: 'template';
  /** The first template whose blanks are all filled counts. */
  readonly templates: readonly string[];
  /** Where each of them stands in the file, below the line; for diagnostics. */
  readonly places: readonly YamlPath[];
  /** What is taken gets a number. */
  readonly unique: boolean;
  /** `once`: only while the entry has no value. */
  readonly write: 'always' | 'once';
}

/** A value that nobody can guess, for new entries. */
export interface RandomLine {
  readonly kind: 'random';
  /** Characters. */
  readonly random: number;
}

/** A number that nobody had before, for entries without one. */
export interface NumberLine {
  readonly kind: 'number';
  /** Both ends belong to the range. */
  readonly allocate: { readonly from: number; readonly to: number };
  /** DN of the entry that holds the next free number. */
  readonly counter: string;
}

export interface SchemaSection {
  readonly extends: 'User' | 'Group';
  readonly description?: string;
  readonly attributes: ReadonlyMap<string, SchemaAttributeSection>;
}

export interface SchemaAttributeSection extends Omit<SchemaSubAttributeSection, 'type'> {
  readonly type: SchemaSubAttributeSection['type'] | 'complex';
  /** Of a complex attribute, and only of that. */
  readonly subAttributes?: ReadonlyMap<string, SchemaSubAttributeSection>;
}

/** RFC 7643 §2.3.8: what is inside a complex attribute isn't complex itself. What is absent has the default of §2.2. */
export interface SchemaSubAttributeSection {
  readonly type: 'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'reference' | 'binary';
  readonly multiValued: boolean;
  readonly description?: string;
  readonly required?: boolean;
  readonly canonicalValues?: readonly string[];
  readonly caseExact?: boolean;
  readonly mutability?: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  readonly returned?: 'always' | 'never' | 'default' | 'request';
  readonly uniqueness?: 'none' | 'server' | 'global';
  readonly referenceTypes?: readonly string[];
}
