import { readFileSync } from 'node:fs';
import { Control } from 'ldapts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { canonicalChange } from '../../src/explain/canonical-change.ts';
import { canonicalFilter } from '../../src/explain/canonical-filter.ts';
import type { RecordedOperation } from '../../src/explain/planning-directory.ts';
import type { Change } from '../../src/ldap/change.ts';
import { dnKey } from '../../src/ldap/dn.ts';
import type { Entry } from '../../src/ldap/entry.ts';
import { formatLdapFilter } from '../../src/ldap/format-ldap-filter.ts';
import { formatChanges, formatEntry } from '../../src/ldap/format-ldif.ts';
import { parseLdapFilter } from '../../src/ldap/parse-ldap-filter.ts';
import { parseLdif } from '../../src/ldap/parse-ldif.ts';
import { explainedExchanges, MAPPING } from '../explain/support/explained-exchanges.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import type { LoggedOperation } from '../support/slapd-log.ts';

/**
 * What `explain` says of recorded requests is what happens when they are carried out: the operations in slapd's log, and the values
 * in the log of its auditlog overlay.
 */

/** Lets the entries of a test have the ids and times that `explain` made up; only the version stays slapd's own. */
const RELAX = new Control('1.3.6.1.4.1.4203.666.5.12', { critical: true });

let bridge: Bridge;
let auditedBefore = 0;

beforeAll(async () => {
  bridge = await startBridge({
    logsOperations: true,
    mapping: () => readFileSync(MAPPING, 'utf8'),
    // Without refint, which mends references too, a moment later or earlier than the bridge; and without unique, whose rules are
    // the server's own.
    configure: (text) =>
      text
        .replace(/^overlay +refint\n(refint_.*\n)*/m, '')
        .replace(/^overlay +unique\n(unique_.*\n)*/m, '')
        .replace(/^moduleload +refint$/m, 'moduleload auditlog')
        .concat('overlay auditlog\nauditlog @DIR@/audit.ldif\n'),
  });
});
afterAll(() => bridge.stop());

beforeEach(async () => {
  await bridge.ldap.reset();
});

test.for(explainedExchanges)('$name', async ({ name, request, given, explain }) => {
  // An id is never used twice (RFC 7643 §3.1), and the bridge counts on that: each exchange has its own.
  const number = explainedExchanges.findIndex((each) => each.name === name) + 1;
  const own = (text: string) => text.replaceAll('00000000-0000-', `00000000-${number.toString(16).padStart(4, '0')}-`);
  await bridge.ldap.adminAdd(own(given.map(toLdif).join('\n')), [RELAX]);
  const { operations, answer } = await explain();
  auditedBefore = auditLog().length;
  await bridge.ldap.mark();
  const body = request.body === undefined ? undefined : own(request.body);
  const { status } = await bridge.send(request.method, own(request.target).replace('/scim/v2', ''), body);
  const logged = await bridge.ldap.operations();

  expect(status).toBe(answer.status);
  expect(writesOf(logged)).toEqual(operations.flatMap(explainedWrite));
  expect(searchesOf(logged)).toEqual(operations.flatMap(explainedSearch).map(own).toSorted());
  expect(auditedChanges()).toBe(formatChanges(operations.flatMap(explainedChange), { secretAttributes: new Set() }));
});

function toLdif({ dn, attributes }: Entry): string {
  const settable = new Map([...attributes].filter(([name]) => name !== 'entrycsn'));
  return formatEntry({ dn, attributes: settable }, { secretAttributes: new Set() });
}

// ---- the operations, in one line each ----

const KINDS = { add: 'ADD', modify: 'MOD', rename: 'MODRDN', delete: 'DEL', password: 'EXT' } as const;
const PASSWORD_MODIFY = '1.3.6.1.4.1.4203.1.11.1';

function writesOf(logged: readonly LoggedOperation[]): readonly string[] {
  return logged.filter(({ kind }) => kind !== 'SRCH').map(({ kind, dn, attributes = [] }) => writeLine(kind, dn, attributes));
}

function explainedWrite(operation: RecordedOperation): readonly string[] {
  if (operation.kind !== 'write') return [];
  const { change } = operation;
  if (change.kind === 'password') return [writeLine('EXT', PASSWORD_MODIFY, [])];
  return [writeLine(KINDS[change.kind], change.dn, change.kind === 'modify' ? change.modifications.map(({ attribute }) => attribute) : [])];
}

function writeLine(kind: string, dn: string, attributes: readonly string[]): string {
  return [kind, kind === 'EXT' ? dn : dnKey(dn), ...attributes].join(' ');
}

/** Searches are under way together: their order says nothing. What the bridge asks of every new connection is left out. */
function searchesOf(logged: readonly LoggedOperation[]): readonly string[] {
  return logged
    .filter(({ kind, dn }) => kind === 'SRCH' && dn !== '' && dn.toLowerCase() !== 'cn=subschema')
    .map(({ dn, filter = '', attributes = [] }) => searchLine(dn, filter, attributes))
    .toSorted();
}

function explainedSearch(operation: RecordedOperation): readonly string[] {
  if (operation.kind !== 'search') return [];
  const { base, filter, attributes } = operation.request;
  return [searchLine(base, formatLdapFilter(filter), attributes.length === 0 ? ['1.1'] : attributes)];
}

function searchLine(base: string, filter: string, attributes: readonly string[]): string {
  // slapd logs values as it compares them.
  return [dnKey(base), formatLdapFilter(canonicalFilter(parseLdapFilter(filter.toLowerCase()))), ...attributes].join(' ');
}

// ---- the values ----

function auditLog(): string {
  try {
    return readFileSync(`${bridge.ldap.slapd.directory}/audit.ldif`, 'utf8');
  } catch {
    return '';
  }
}

/** What slapd adds to a write of its own accord. */
const OF_SLAPD = /^(entryCSN|entryUUID|structuralObjectClass|creatorsName|createTimestamp|modifiersName|modifyTimestamp|memberOf)$/i;

function auditedChanges(): string {
  const changes = parseLdif(auditLog().slice(auditedBefore)).flatMap((record) => (record.kind === 'entry' ? [] : withoutSlapd(record)));
  return formatChanges(changes, { secretAttributes: new Set() });
}

function explainedChange(operation: RecordedOperation): readonly Change[] {
  return operation.kind === 'write' && operation.refused === undefined && operation.change.kind !== 'password'
    ? withoutSlapd(operation.change)
    : [];
}

function withoutSlapd(written: Change): readonly Change[] {
  const change = canonicalChange(written);
  if (change.kind === 'add') return [{ ...change, attributes: change.attributes.filter(({ name }) => !OF_SLAPD.test(name)) }];
  if (change.kind !== 'modify') return [change];
  // The password operation as slapd carries it out: with all that its policy has to say of the account.
  if (change.modifications.some(({ attribute }) => attribute === 'userpassword')) return [];
  const modifications = change.modifications.filter(({ attribute }) => !OF_SLAPD.test(attribute));
  return modifications.length === 0 ? [] : [{ ...change, modifications }];
}
