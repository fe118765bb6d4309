import { expect, it } from 'vitest';
import type { DirectoryServer } from '../../src/directory/directory.ts';
import { type ServerResult, standardResultCode } from '../../src/directory/result-dialect.ts';

/** Results that were seen (Samba 4.17, 389 Directory Server 2.3), or are described by Microsoft (the ones with `SvcErr`). */
const SEEN: readonly (readonly [DirectoryServer, ServerResult['operation'], number, string, number])[] = [
  ['activeDirectory', 'modify', 68, 'Attribute member already exists for target GUID 60293bd6-624e-432c-938f-e439996aee68', 20],
  ['activeDirectory', 'modify', 68, '00000562: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS), data 0', 20],
  ['activeDirectory', 'modify', 53, "Attribute member doesn't exist for target GUID 0a56a9db-db6c-4ebd-bf7b-2e57494240f8", 16],
  ['activeDirectory', 'modify', 53, 'Attribute member already deleted for target GUID f21a2438-f79a-4f7c-9e52-93ed4202bb8f', 16],
  ['activeDirectory', 'modify', 53, '00000561: SvcErr: DSID-031A11E5, problem 5003 (WILL_NOT_PERFORM), data 0', 16],
  ['activeDirectory', 'modify', 53, '00002035: Unable to find GUID for DN CN=Nobody,OU=people,DC=example,DC=org', 16],
  ['activeDirectory', 'modify', 32, "00000525: specified dn doesn't exist at ../../source4/dsdb/…", 19],
  ['activeDirectory', 'modify', 32, '00002030: No such object', 32],
  ['activeDirectory', 'add', 32, '00002030: objectclass: Cannot add CN=x, parent does not exist!', 32],
  ['activeDirectory', 'modify', 16, "acl_modify: attribute 'fooBar' on entry 'CN=Ada' was not found in the schema!", 17],
  ['activeDirectory', 'modify', 16, "attribute 'title': no matching attribute value while deleting attribute on 'CN=Ada'", 16],
  ['activeDirectory', 'modify', 20, '0000200D: SINGLE-VALUE attribute title on CN=Ada specified more than once', 19],
  ['activeDirectory', 'add', 68, "00002071: samldb: samAccountName 'ada' already in use!", 19],
  ['activeDirectory', 'add', 68, 'Entry CN=Ada,OU=people,DC=example,DC=org already exists', 68],
  ['activeDirectory', 'rename', 68, 'Entry CN=Ada,OU=people,DC=example,DC=org already exists', 68],
  ['activeDirectory', 'modify', 53, '0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0', 19],
  ['activeDirectory', 'modify', 53, '0000001F: SvcErr: DSID-031A0FC0, problem 5003 (WILL_NOT_PERFORM), data 0', 53],
  ['389ds', 'modify', 65, 'single-valued attribute "displayName" has multiple values', 19],
  ['389ds', 'add', 65, 'missing attribute "sn" required by object class "inetOrgPerson"', 65],
  ['openldap', 'modify', 68, 'Attribute member already exists for target GUID 60293bd6-624e-432c-938f-e439996aee68', 68],
  ['other', 'modify', 53, '0000052D', 53],
];

it.each(SEEN)('%s answers a %s with %i "%s": %i', (server, operation, code, serverText, standard) => {
  expect(standardResultCode(server, { operation, code, serverText })).toBe(standard);
});
