/** An attribute type of the directory's subschema (RFC 4512 §4.1.2), with what it inherits from its superior type filled in. */
export interface LdapAttributeType {
  readonly oid: string;
  readonly names: readonly string[];
  /** Name of the equality matching rule; without one single values can't be added or deleted (RFC 4511 §4.6). */
  readonly equality?: string;
  readonly ordering?: string;
  readonly substring?: string;
  readonly syntax?: string;
  /** Upper bound of the length, in characters; servers may ignore it. */
  readonly maxLength?: number;
  readonly singleValue: boolean;
  readonly noUserModification: boolean;
  readonly isOperational: boolean;
}

/** An object class of the directory's subschema (RFC 4512 §4.1.1). `must` and `may` include what its superiors demand and allow, in lower case. */
export interface LdapObjectClass {
  readonly oid: string;
  readonly names: readonly string[];
  readonly kind: 'abstract' | 'structural' | 'auxiliary';
  readonly must: ReadonlySet<string>;
  readonly may: ReadonlySet<string>;
}

/** The directory's schema. Names and OIDs are looked up without regard to case. */
export interface LdapSchema {
  attributeType(name: string): LdapAttributeType | undefined;
  objectClass(name: string): LdapObjectClass | undefined;
  /** Whether an entry of these classes may hold the attribute, under any of the attribute's names. Operational attributes: always. */
  allows(objectClasses: readonly string[], attribute: string): boolean;
}
