import { PEOPLE } from '../../support/openldap.ts';

/** LDIF of users called `<prefix>0`, `<prefix>1` and so on, with the attributes that `more` gives for each number, a line each. */
export function peopleLdif(count: number, prefix = 'u', more: (index: number) => readonly string[] = () => []): string {
  const entries = Array.from({ length: count }, (_, index) =>
    [
      `dn: uid=${prefix}${index},${PEOPLE}`,
      'objectClass: inetOrgPerson',
      'objectClass: scimObject',
      `uid: ${prefix}${index}`,
      'cn: Somebody',
      'sn: Somebody',
      ...more(index),
      '',
    ].join('\n'),
  );
  return entries.join('\n');
}
