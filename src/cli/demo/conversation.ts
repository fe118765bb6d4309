import type { JsonObject, JsonValue } from '../../scim/json.ts';
import { SAMPLE_PEOPLE } from './sample-entries.ts';

/** What must not be there: an entry, an attribute, a member of an answer. */
export const ABSENT = null;

/**
 * One thing that Entra does, and what has to be true afterwards. `{mara}` in any text stands for the id that an earlier step
 * remembered under that name.
 */
export interface Step {
  readonly title: string;
  /** Method and path below the base URL, with the query as Entra encodes it. */
  readonly request: string;
  readonly body?: JsonValue;
  readonly status: number;
  /** What the answer has to hold, beside anything else. Lists are compared whole. */
  readonly answer?: JsonObject;
  /** A name for the id in the answer: of the resource, or of the first one in a list. */
  readonly remember?: string;
  /** What the directory has to hold afterwards. */
  readonly directory?: DirectoryState;
  /** Whether this account may bind afterwards. */
  readonly bind?: { readonly dn: string; readonly password: string; readonly accepted: boolean };
}

/** Entries by DN: these attributes with exactly these values, in any order and beside any others. */
export type DirectoryState = Readonly<Record<string, Readonly<Record<string, readonly string[] | typeof ABSENT>> | typeof ABSENT>>;

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';

const PEOPLE = 'ou=people,dc=example,dc=org';
const GROUPS = 'ou=groups,dc=example,dc=org';
const NOBODY = 'cn=nobody,dc=example,dc=org';
const OLGA = `uid=olga.ivanova@example.org,${PEOPLE}`;
const JURGEN = `uid=juergen.gross@fabrikam.example,${PEOPLE}`;
const MARA = `uid=mara.wolf@fabrikam.example,${PEOPLE}`;
const MARA_RENAMED = `uid=mara.berg@fabrikam.example,${PEOPLE}`;
const WAREHOUSE = `cn=Warehouse North,${GROUPS}`;
const WAREHOUSE_RENAMED = `cn=Склад «Север»,${GROUPS}`;
const PASSWORD = 'correct horse battery staple';

const MARA_SENT: JsonValue = {
  schemas: [USER, ENTERPRISE],
  externalId: 'mWolf-01',
  userName: 'mara.wolf@fabrikam.example',
  active: true,
  displayName: 'Mara Wolf',
  title: 'Planner',
  emails: [{ primary: true, type: 'work', value: 'mara.wolf@fabrikam.example' }],
  name: { formatted: 'Mara Wolf', familyName: 'Wolf', givenName: 'Mara' },
  phoneNumbers: [{ type: 'work', value: '+49 30 5550100' }],
  roles: [],
  meta: { resourceType: 'User' },
  password: PASSWORD,
  [ENTERPRISE]: { employeeNumber: '1044', department: 'Operations' },
};

/** The body of a PATCH (RFC 7644 §3.5.2). */
function patch(...operations: readonly JsonValue[]): JsonValue {
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations };
}

const FINDS_NOBODY = { status: 200, answer: { totalResults: 0, Resources: [] } } as const;
const FINDS_MARA = {
  status: 200,
  answer: { totalResults: 1, Resources: [{ id: '{mara}', userName: 'mara.wolf@fabrikam.example' }] },
} as const;

/** Entra's side as entra-scim-client.md has it: §5 users, §6 groups, §7 both dialects of PATCH. */
export const CONVERSATION: readonly Step[] = [
  // Test Connection
  {
    title: 'the probe for a user finds nobody',
    request: 'GET /Users?filter=userName+eq+%227d4f0b3e-5a52-4b0e-9d0c-0f7a2c1b9e11%22',
    ...FINDS_NOBODY,
  },
  {
    title: 'the probe for a group finds none',
    request: 'GET /Groups?excludedAttributes=members&filter=displayName+eq+%227d4f0b3e-5a52-4b0e-9d0c-0f7a2c1b9e11%22',
    ...FINDS_NOBODY,
  },

  // A user who was in the directory already
  {
    title: 'somebody who was there before is found by name',
    request: `GET /Users?filter=displayName+eq+%22${encodeURIComponent('Ольга Иванова')}%22`,
    status: 200,
    answer: { totalResults: 1, Resources: [{ userName: 'olga.ivanova@example.org', active: true }] },
    remember: 'olga',
  },
  {
    title: 'and adopted: gets an externalId and the class that allows it',
    request: 'PATCH /Users/{olga}',
    body: patch({ op: 'Add', path: 'externalId', value: 'olga-7' }),
    status: 200,
    answer: { id: '{olga}', externalId: 'olga-7' },
    directory: { [OLGA]: { objectClass: ['inetOrgPerson', 'scimObject'], scimExternalId: ['olga-7'], sn: ['Иванова'] } },
  },

  // New users
  {
    title: 'a user with accents and without a mail address is created',
    request: 'POST /Users',
    body: {
      schemas: [USER],
      userName: 'juergen.gross@fabrikam.example',
      displayName: 'Jürgen Groß',
      name: { givenName: 'Jürgen', familyName: 'Groß' },
    },
    status: 201,
    answer: { userName: 'juergen.gross@fabrikam.example', emails: ABSENT, active: true },
    remember: 'juergen',
    directory: { [JURGEN]: { cn: ['Jürgen Groß'], givenName: ['Jürgen'], sn: ['Groß'], mail: ABSENT } },
  },
  {
    title: 'a user with a password is created and can bind',
    request: 'POST /Users',
    body: MARA_SENT,
    status: 201,
    answer: { externalId: 'mWolf-01', displayName: 'Mara Wolf', password: ABSENT, meta: { resourceType: 'User' } },
    remember: 'mara',
    directory: {
      [MARA]: {
        uid: ['mara.wolf@fabrikam.example'],
        cn: ['Mara Wolf'],
        givenName: ['Mara'],
        sn: ['Wolf'],
        displayName: ['Mara Wolf'],
        scimExternalId: ['mWolf-01'],
        mail: ['mara.wolf@fabrikam.example'],
        telephoneNumber: ['+49 30 5550100'],
        title: ['Planner'],
        employeeNumber: ['1044'],
        departmentNumber: ['Operations'],
        manager: ABSENT,
        entryUUID: ['{mara}'],
      },
    },
    bind: { dn: MARA, password: PASSWORD, accepted: true },
  },
  {
    title: 'the same user again is a conflict',
    request: 'POST /Users',
    body: MARA_SENT,
    status: 409,
    answer: { status: '409', scimType: 'uniqueness' },
  },

  // Matching
  {
    title: 'userName matches in another letter case',
    request: 'GET /Users?filter=userName+eq+%22Mara.WOLF%40Fabrikam.example%22',
    ...FINDS_MARA,
  },
  {
    title: 'mail matches in another letter case',
    request: 'GET /Users?filter=emails%5btype+eq+%22work%22%5d.value+eq+%22MARA.wolf%40fabrikam.example%22',
    ...FINDS_MARA,
  },
  { title: 'externalId matches', request: 'GET /Users?filter=externalId+eq+%22mWolf-01%22', ...FINDS_MARA },
  { title: 'externalId does not match in another letter case', request: 'GET /Users?filter=externalId+eq+%22MWOLF-01%22', ...FINDS_NOBODY },

  // Changes, in both dialects
  {
    title: 'PATCH with a path for each attribute',
    request: 'PATCH /Users/{mara}',
    body: patch(
      { op: 'Replace', path: 'displayName', value: 'Mara Wolf-Berg' },
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'mara.berg@fabrikam.example' },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+49 170 5550199' },
      { op: 'Replace', path: `${ENTERPRISE}:department`, value: 'Logistics' },
      { op: 'Replace', path: 'active', value: 'True' },
    ),
    status: 200,
    answer: { displayName: 'Mara Wolf-Berg', active: true },
    directory: {
      [MARA]: {
        displayName: ['Mara Wolf-Berg'],
        mail: ['mara.berg@fabrikam.example'],
        mobile: ['+49 170 5550199'],
        telephoneNumber: ['+49 30 5550100'],
        departmentNumber: ['Logistics'],
        title: ['Planner'],
      },
    },
  },
  {
    title: 'PATCH without a path (aadOptscim062020)',
    request: 'PATCH /Users/{mara}',
    body: patch(
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'mara@fabrikam.example' },
      { op: 'add', value: { displayName: 'Mara Berg', 'name.familyName': 'Berg', title: null, [`${ENTERPRISE}:department`]: 'Операции' } },
    ),
    status: 200,
    answer: { displayName: 'Mara Berg', name: { familyName: 'Berg', givenName: 'Mara' }, title: ABSENT },
    directory: {
      [MARA]: {
        displayName: ['Mara Berg'],
        sn: ['Berg'],
        mail: ['mara@fabrikam.example'],
        departmentNumber: ['Операции'],
        title: ABSENT,
      },
    },
  },

  // Manager
  {
    title: 'a manager is set',
    request: 'PATCH /Users/{mara}',
    body: patch({ op: 'Add', path: `${ENTERPRISE}:manager`, value: '{juergen}' }),
    status: 200,
    answer: { [ENTERPRISE]: { manager: { value: '{juergen}' } } },
    directory: { [MARA]: { manager: [JURGEN] } },
  },
  {
    title: 'the manager is replaced',
    request: 'PATCH /Users/{mara}',
    body: patch({ op: 'Replace', path: `${ENTERPRISE}:manager`, value: { value: '{olga}' } }),
    status: 200,
    answer: { [ENTERPRISE]: { manager: { value: '{olga}' } } },
    directory: { [MARA]: { manager: [OLGA] } },
  },
  {
    title: 'the manager is removed',
    request: 'PATCH /Users/{mara}',
    body: patch({ op: 'Remove', path: `${ENTERPRISE}:manager` }),
    status: 200,
    answer: { [ENTERPRISE]: { manager: ABSENT } },
    directory: { [MARA]: { manager: ABSENT } },
  },
  {
    title: 'she becomes a manager herself',
    request: 'PATCH /Users/{juergen}',
    body: patch({ op: 'add', value: { [`${ENTERPRISE}:manager`]: '{mara}' } }),
    status: 200,
    directory: { [JURGEN]: { manager: [MARA] } },
  },

  // Groups
  {
    title: 'an empty group is created',
    request: 'POST /Groups',
    body: { schemas: [GROUP], externalId: '0c1d-01', displayName: 'Warehouse North', members: [], meta: { resourceType: 'Group' } },
    status: 201,
    answer: { displayName: 'Warehouse North', members: ABSENT },
    remember: 'warehouse',
    directory: { [WAREHOUSE]: { member: [NOBODY], scimExternalId: ['0c1d-01'] } },
  },
  {
    title: 'members are added',
    request: 'PATCH /Groups/{warehouse}',
    body: patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: '{mara}' }, { value: '{olga}' }] }),
    status: 204,
    directory: { [WAREHOUSE]: { member: [MARA, OLGA] }, [MARA]: { memberOf: [WAREHOUSE] } },
  },
  {
    title: 'displayName matches in another letter case, without members',
    request: 'GET /Groups?excludedAttributes=members&filter=displayName+eq+%22WAREHOUSE+north%22',
    status: 200,
    answer: { totalResults: 1, Resources: [{ id: '{warehouse}', members: ABSENT }] },
  },
  {
    title: 'a membership is looked up',
    request: 'GET /Groups?attributes=id&filter=id+eq+%22{warehouse}%22+and+members+eq+%22{mara}%22',
    status: 200,
    answer: { totalResults: 1, Resources: [{ id: '{warehouse}' }] },
  },
  {
    title: 'the group is renamed and keeps its members',
    request: 'PATCH /Groups/{warehouse}',
    body: patch({ op: 'Replace', path: 'displayName', value: 'Склад «Север»' }),
    status: 204,
    directory: {
      [WAREHOUSE]: ABSENT,
      [WAREHOUSE_RENAMED]: { member: [MARA, OLGA], entryUUID: ['{warehouse}'] },
      [MARA]: { memberOf: [WAREHOUSE_RENAMED] },
    },
  },

  // Off, on, renamed
  {
    title: 'she is switched off: still there, but cannot bind',
    request: 'PATCH /Users/{mara}',
    body: patch({ op: 'Replace', path: 'active', value: 'False' }),
    status: 200,
    answer: { id: '{mara}', active: false },
    directory: { [MARA]: { pwdAccountLockedTime: ['000001010000Z'], memberOf: [WAREHOUSE_RENAMED] } },
    bind: { dn: MARA, password: PASSWORD, accepted: false },
  },
  {
    title: 'she is found while she is off',
    request: 'GET /Users?filter=userName+eq+%22mara.wolf%40fabrikam.example%22',
    status: 200,
    answer: { totalResults: 1, Resources: [{ id: '{mara}', active: false }] },
  },
  {
    title: 'she is switched on and can bind again',
    request: 'PATCH /Users/{mara}',
    body: patch({ op: 'replace', value: { active: true } }),
    status: 200,
    answer: { active: true },
    directory: { [MARA]: { pwdAccountLockedTime: ABSENT } },
    bind: { dn: MARA, password: PASSWORD, accepted: true },
  },
  {
    title: 'she is renamed: the id stays, group and report follow',
    request: 'PATCH /Users/{mara}',
    body: patch({ op: 'Replace', path: 'userName', value: 'mara.berg@fabrikam.example' }),
    status: 200,
    answer: { id: '{mara}', userName: 'mara.berg@fabrikam.example' },
    directory: {
      [MARA]: ABSENT,
      [MARA_RENAMED]: { entryUUID: ['{mara}'], uid: ['mara.berg@fabrikam.example'], memberOf: [WAREHOUSE_RENAMED] },
      [WAREHOUSE_RENAMED]: { member: [MARA_RENAMED, OLGA] },
      [JURGEN]: { manager: [MARA_RENAMED] },
    },
    bind: { dn: MARA_RENAMED, password: PASSWORD, accepted: true },
  },

  // The way out
  {
    title: 'a member is removed by a list of values: only that one',
    request: 'PATCH /Groups/{warehouse}',
    body: patch({ op: 'Remove', path: 'members', value: [{ $ref: null, value: '{olga}' }] }),
    status: 204,
    directory: { [WAREHOUSE_RENAMED]: { member: [MARA_RENAMED] } },
  },
  {
    title: 'the last member is removed by a filter (aadOptscim062020)',
    request: 'PATCH /Groups/{warehouse}',
    body: patch({ op: 'remove', path: 'members[value eq "{mara}"]' }),
    status: 204,
    directory: { [WAREHOUSE_RENAMED]: { member: [NOBODY] }, [MARA_RENAMED]: { memberOf: ABSENT } },
  },
  {
    title: 'and added again',
    request: 'PATCH /Groups/{warehouse}',
    body: patch({ op: 'add', path: 'members', value: [{ value: '{mara}' }] }),
    status: 204,
    directory: { [WAREHOUSE_RENAMED]: { member: [MARA_RENAMED] } },
  },
  {
    title: 'she is deleted: group and report forget her',
    request: 'DELETE /Users/{mara}',
    status: 204,
    directory: { [MARA_RENAMED]: ABSENT, [WAREHOUSE_RENAMED]: { member: [NOBODY] }, [JURGEN]: { manager: ABSENT } },
  },
  { title: 'she is gone', request: 'GET /Users/{mara}', status: 404, answer: { status: '404' } },
  { title: 'the group is deleted', request: 'DELETE /Groups/{warehouse}', status: 204, directory: { [WAREHOUSE_RENAMED]: ABSENT } },
  { title: 'the other user is deleted', request: 'DELETE /Users/{juergen}', status: 204, directory: { [JURGEN]: ABSENT } },
  { title: 'a second delete finds nobody', request: 'DELETE /Users/{juergen}', status: 404 },
  {
    title: 'those who were there before are still there',
    request: 'GET /Users?count=1',
    status: 200,
    answer: { totalResults: SAMPLE_PEOPLE.length, itemsPerPage: 1 },
    directory: { [OLGA]: { memberOf: [`cn=Бухгалтерия,${GROUPS}`] } },
  },
];
