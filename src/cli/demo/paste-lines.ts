import { valuesOf } from '../../ldap/entry.ts';
import type { ResourcePlan } from '../../mapping/plan.ts';
import { searchPlan } from '../../provisioning/search-plan.ts';
import type { JsonValue } from '../../scim/json.ts';
import type { BridgedDirectory } from './bridged-directory.ts';
import { SUFFIX } from './sample-entries.ts';
import { shellLine } from './shell-line.ts';

/** A command to copy into a terminal. */
export interface PasteLine {
  readonly title: string;
  readonly line: string;
}

const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** Commands that work in any order, about people and groups who are in the directory now. */
export async function pasteLines(bridged: BridgedDirectory): Promise<readonly PasteLine[]> {
  const { plan, baseUrl, token, ldapUrl, bindDn, bindPassword } = bridged;
  const [groups] = plan.groups;
  if (groups === undefined) throw new Error('the shipped mapping file has no groups');
  const engineering = await idOf(bridged, groups, 'Engineering');
  const zofia = await idOf(bridged, plan.users, 'zofia.wojcik@example.org');
  const dmytro = await idOf(bridged, plan.users, 'dmytro.shevchenko@example.org');

  const curl = (path: string, ...args: readonly string[]): string =>
    shellLine(['curl', '-H', `Authorization: Bearer ${token}`, `${baseUrl}${path}`, ...args]);
  const find = (filter: string): string => curl('/Users', '-G', '--data-urlencode', `filter=${filter}`);
  const write = (method: string, path: string, body: JsonValue): string =>
    curl(path, '-i', '-X', method, '-H', 'Content-Type: application/scim+json', '-d', JSON.stringify(body));
  const patch = (path: string, operation: JsonValue): string => write('PATCH', path, { schemas: [PATCH_SCHEMA], Operations: [operation] });

  return [
    { title: 'Everybody', line: curl('/Users') },
    { title: 'One by userName, in any letter case', line: find('userName eq "Li.Wei@example.org"') },
    { title: 'One by name', line: find('displayName eq "Ольга Иванова"') },
    {
      title: 'Create',
      line: write('POST', '/Users', {
        schemas: [USER_SCHEMA],
        userName: 'nguyen.van.an@example.org',
        displayName: 'Nguyễn Văn An',
        name: { givenName: 'Văn An', familyName: 'Nguyễn' },
        emails: [{ type: 'work', value: 'nguyen.van.an@example.org' }],
      }),
    },
    { title: 'Switch off Zofia', line: patch(`/Users/${zofia}`, { op: 'Replace', path: 'active', value: 'False' }) },
    {
      title: 'Put Zofia into Engineering',
      line: patch(`/Groups/${engineering}`, { op: 'Add', path: 'members', value: [{ value: zofia }] }),
    },
    { title: 'See the group', line: curl(`/Groups/${engineering}`) },
    { title: 'Delete Dmytro', line: curl(`/Users/${dmytro}`, '-i', '-X', 'DELETE') },
    {
      title: 'Look behind the curtain',
      line: shellLine(['ldapsearch', '-x', '-LLL', '-H', ldapUrl, '-D', bindDn, '-w', bindPassword, '-b', SUFFIX, '(mail=*)', '*', '+']),
    },
  ];
}

/** @throws Error nobody is called so */
async function idOf(bridged: BridgedDirectory, plan: ResourcePlan, name: string): Promise<string> {
  const filter = { kind: 'equality', attribute: plan.rdn, value: name } as const;
  const [entry] = await searchPlan(bridged, plan, filter, [plan.id]);
  const [id] = entry === undefined ? [] : valuesOf(entry, plan.id);
  if (typeof id !== 'string') throw new Error(`${name} is not in the directory`);
  return id;
}
