/** A mapping file in the making: lines with what was seen behind them, and what the operator has to decide. */
export interface Draft {
  readonly users: DraftSection;
  readonly groups: DraftSection | undefined;
  /** Sentences for the operator. */
  readonly doubts: readonly string[];
}

export interface DraftSection {
  readonly base: string;
  readonly filter: string;
  /** YAML text. */
  readonly id: string;
  readonly rdn: string;
  readonly objectClass: readonly string[];
  readonly attributes: readonly DraftLine[];
  readonly generated: readonly DraftLine[];
  /** YAML text of `meta`; absent: what goes without saying fits. */
  readonly meta?: string;
  readonly seen: string;
}

/** `key: value   # comment`. */
export interface DraftLine {
  readonly key: string;
  /** YAML text. */
  readonly value: string;
  /** The LDAP attribute behind it, if there is one. */
  readonly ldap?: string;
  readonly comment?: string;
}
