import type { Change } from '../ldap/change.ts';
import { LdifSyntaxError, parseLdif } from '../ldap/parse-ldif.ts';

/** How a password operation is printed (`formatChanges`): LDIF has no record for it. */
const PASSWORD_MODIFY = /^# password modify \(RFC 3062\) for (.+)$/;

/**
 * The changes of an LDIF text, with the password operations among them that stand there as a comment line of their own.
 *
 * @throws LdifSyntaxError also for an entry: a change has a change type
 */
export function readChanges(ldif: string): readonly Change[] {
  const lines = ldif.split('\n');
  const changes: Change[] = [];
  let from = 0;
  const readUpTo = (end: number): void => {
    // Blank lines in place of those before, so that mistakes are told with their own line.
    const records = parseLdif(`${'\n'.repeat(from)}${lines.slice(from, end).join('\n')}`);
    for (const record of records) {
      if (record.kind === 'entry') throw new LdifSyntaxError(`${record.dn}: a change has a line "changetype:"`, from + 1);
      changes.push(record);
    }
    from = end + 1;
  };
  for (const [index, line] of lines.entries()) {
    const dn = PASSWORD_MODIFY.exec(line)?.[1];
    if (dn === undefined) continue;
    readUpTo(index);
    changes.push({ kind: 'password', dn, newPassword: '' });
  }
  readUpTo(lines.length);
  return changes;
}
