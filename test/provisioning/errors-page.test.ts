import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectoryError } from '../../src/directory/directory-error.ts';
import { connectDirectory, type LdapDirectory } from '../../src/directory/ldapts-directory.ts';
import { resultError } from '../../src/directory/result-codes.ts';
import { directoryToScimError, type FailedOperation } from '../../src/provisioning/directory-to-scim-error.ts';
import { recordingLog } from '../support/directory-log.ts';
import { type OpenLdap, PEOPLE, startOpenLdap } from '../support/openldap.ts';
import { shippedPlan } from './support/shipped-plan.ts';

/** The table of docs/errors.md is the code's: row by row, and for each result a slapd that really sends it. */

const PAGE = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const COLUMNS: readonly (readonly FailedOperation[])[] = [['read'], ['query'], ['create'], ['update', 'delete']];

/** RFC 4511 appendix A.1; 0 is success, 9 is reserved, and 11 to 15 as assigned. */
const RFC_4511 = [
  1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 16, 17, 18, 19, 20, 21, 32, 33, 34, 36, 48, 49, 50, 51, 52, 53, 54, 64, 65, 66, 67, 68, 69,
  71, 80,
];

interface Row {
  readonly code: number;
  readonly name: string;
  readonly serverText: string;
  readonly answers: readonly string[];
}

const ROWS: readonly Row[] = PAGE.split('\n').flatMap((line) => {
  const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
  const [, code = '', name = '', means = '', ...answers] = cells;
  if (!/^\d+$/.test(code)) return [];
  const serverText = /`([^`]+)`$/.exec(means)?.[1]?.replaceAll('\\|', '|') ?? '';
  // words of a configuration file are no words of the server
  return [
    {
      code: Number(code),
      name,
      serverText: serverText === 'readonly on' ? 'operation restricted' : serverText,
      answers: answers.slice(0, 4),
    },
  ];
});

/** An answer as the page writes it. */
function written(error: { status: number; scimType: string | undefined; retryAfter: number | undefined }): string {
  if (error.status === 503) return error.retryAfter === 60 ? '503' : '503 soon';
  return error.scimType === undefined ? `${error.status}` : `${error.status} ${error.scimType}`;
}

describe('docs/errors.md', () => {
  const { users } = shippedPlan();

  it('has every result code of RFC 4511', () => {
    expect([...new Set(ROWS.map(({ code }) => code))]).toEqual([...RFC_4511, 122]);
  });

  it.each(ROWS)('$code $serverText', ({ code, name, serverText, answers }) => {
    for (const [column, operations] of COLUMNS.entries()) {
      for (const operation of operations) {
        const error = resultError('modify', { code, serverText }, `uid=anna,${PEOPLE}`);
        expect(error.message).toContain(name);
        expect([operation, written(directoryToScimError(error, operation, users))]).toEqual([operation, answers[column]]);
      }
    }
  });
});

describe('a slapd that answers so', () => {
  const { users } = shippedPlan();
  const nameOf = (row: Row) => `cn=r${ROWS.indexOf(row)}`;
  /** slapo-retcode makes up an entry for each result, and answers every operation on it so. */
  const items = ROWS.map((row) => {
    const text = row.serverText === '' ? '' : ` "text=${row.serverText}"`;
    return `retcode-item "${nameOf(row)}" ${row.code}${text}${row.code === 10 ? ' ref=ldap://stranger.example.org' : ''}`;
  });
  let ldap: OpenLdap;
  let directory: LdapDirectory;

  beforeAll(async () => {
    ldap = await startOpenLdap({
      configure: (text) =>
        [
          text.replace('moduleload   back_mdb', '$&\nmoduleload   retcode'),
          'overlay retcode',
          `retcode-parent "${PEOPLE}"`,
          ...items,
          '',
        ].join('\n'),
    });
    const { bindDn, bindPassword, url } = ldap;
    directory = connectDirectory({ urls: [url], bindDn, bindPassword, timeoutMs: 5000, connections: 1 }, recordingLog());
  });
  afterAll(async () => {
    await directory.close();
    await ldap.stop();
  });

  it.each(ROWS)('$code $name $serverText', async (row) => {
    const dn = `${nameOf(row)},${PEOPLE}`;
    const change = { kind: 'modify', dn, modifications: [{ operation: 'replace', attribute: 'title', values: ['new'] }] } as const;
    const error: unknown = await directory.write(change).catch((reason: unknown) => reason);

    expect(error).toMatchObject({ name: 'DirectoryError', code: row.code, dn });
    if (error instanceof DirectoryError) expect(written(directoryToScimError(error, 'update', users))).toBe(row.answers[3]);
  });
});
