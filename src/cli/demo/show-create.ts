import { makeEntry } from '../../ldap/entry.ts';
import { ANY_ENTRY } from '../../ldap/filter.ts';
import { formatChanges, formatEntry } from '../../ldap/format-ldif.ts';
import { NO_REFERENCES } from '../../mapping/reference-table.ts';
import { planCreate } from '../../mapping/write-entry.ts';
import type { JsonValue } from '../../scim/json.ts';
import { readResource } from '../../scim/read-resource.ts';
import type { BridgedDirectory } from './bridged-directory.ts';
import { sendScim } from './scim-client.ts';

const USER: JsonValue = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
  userName: 'ada.king@example.org',
  externalId: 'aking',
  active: true,
  displayName: 'Ada King',
  name: { givenName: 'Ada', familyName: 'King' },
  emails: [{ primary: true, type: 'work', value: 'ada.king@example.org' }],
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Research' },
};
/** What tells an entry's story beside the attributes that were written. */
const SHOWN = ['*', 'entryUUID', 'creatorsName', 'createTimestamp'];

/**
 * Creates a user and shows it: the request, what the daemon writes, and the entry that is in the directory then.
 *
 * @throws Error when the user wasn't created
 */
export async function showCreate(bridged: BridgedDirectory): Promise<string> {
  const { plan, directory, baseUrl } = bridged;
  const resource = readResource(USER, plan.users.resourceType, { unknown: plan.unknown, note() {} });
  const { schema } = await directory.facts();
  const { dn, changes } = planCreate(plan.users, resource, { schema, references: NO_REFERENCES });

  const { status, body } = await sendScim(bridged, 'POST', '/Users', USER);
  if (status !== 201) throw new Error(`the user was not created: ${status} ${JSON.stringify(body)}`);

  const [stored = makeEntry(dn, [])] = await directory.search({ base: dn, scope: 'base', filter: ANY_ENTRY, attributes: SHOWN });
  return `A client asks for a user:

POST ${new URL(baseUrl).pathname}/Users  ${JSON.stringify(USER)}

The daemon writes:

${formatChanges(changes.map(({ change }) => change))}
The directory has:

${formatEntry(stored)}`;
}
