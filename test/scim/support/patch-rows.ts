import type { JsonValue } from '../../../src/scim/json.ts';
import type { ScimObject } from '../../../src/scim/resource.ts';
import { ENTERPRISE_USER_SCHEMA as ENTERPRISE, USER_SCHEMA } from '../../../src/scim/schema.ts';
import { ACME_SCHEMA as ACME } from './patching.ts';

type Row = readonly [title: string, before: ScimObject, operations: readonly JsonValue[], after: ScimObject];

export const work = { type: 'work', value: 'mara@fabrikam.example' };
const home = { type: 'home', value: 'mara@home.example' };
const manager = { value: '9f2c', $ref: 'https://scim.example.org/Users/9f2c', displayName: 'Ada' };

/** The rows of entra-scim-client §7 that are about what a PATCH means. */
export const rows: readonly Row[] = [
  ['1: op in any letter case', {}, [{ op: 'ADD', path: 'title', value: 'Planner' }], { title: 'Planner' }],
  ['2: unknown keys in an operation', {}, [{ op: 'add', path: 'title', value: 'Planner', name: 'x' }], { title: 'Planner' }],
  ['2: keys of an operation in any letter case', {}, [{ OP: 'add', Path: 'title', VALUE: 'Planner' }], { title: 'Planner' }],
  ['3: no operations', { title: 'Planner' }, [], { title: 'Planner' }],
  ['4: path with the core URN', {}, [{ op: 'replace', path: `${USER_SCHEMA}:userName`, value: 'mara' }], { userName: 'mara' }],
  [
    '5: path with an extension URN',
    {},
    [{ op: 'replace', path: `${ENTERPRISE}:department`, value: 'Logistics' }],
    { [ENTERPRISE]: { department: 'Logistics' } },
  ],
  [
    '5: dot before the attribute',
    {},
    [{ op: 'replace', path: `${ENTERPRISE}.department`, value: 'Logistics' }],
    { [ENTERPRISE]: { department: 'Logistics' } },
  ],
  [
    '6: path that is the extension, value object',
    { [ENTERPRISE]: { employeeNumber: '7' } },
    [{ op: 'add', path: ENTERPRISE, value: { department: 'Logistics' } }],
    { [ENTERPRISE]: { employeeNumber: '7', department: 'Logistics' } },
  ],
  ['6: remove of the extension', { [ENTERPRISE]: { employeeNumber: '7', department: 'x' } }, [{ op: 'remove', path: ENTERPRISE }], {}],
  ['6: replace of the extension with null', { [ENTERPRISE]: { department: 'x' } }, [{ op: 'replace', path: ENTERPRISE, value: null }], {}],
  [
    '7: extension attribute without URN',
    {},
    [{ op: 'add', path: 'manager', value: '9f2c' }],
    { [ENTERPRISE]: { manager: { value: '9f2c' } } },
  ],
  [
    '8: all elements that match change',
    { emails: [work, { ...work, value: 'm2@x.example' }, home] },
    [{ op: 'replace', path: 'emails[type eq "WORK"].display', value: 'Office' }],
    { emails: [{ ...work, display: 'Office' }, { ...work, value: 'm2@x.example', display: 'Office' }, home] },
  ],
  [
    '9: an element that is missing is created by replace',
    { emails: [home] },
    [{ op: 'Replace', path: 'emails[type eq "work"].value', value: 'mara@fabrikam.example' }],
    { emails: [home, work] },
  ],
  [
    '9: operations on a missing element accumulate in one',
    {},
    [
      { op: 'Add', path: 'emails[type eq "work"].value', value: 'mara@fabrikam.example' },
      { op: 'Add', path: 'emails[type eq "work"].primary', value: true },
      { op: 'Add', path: 'emails[type eq "work"].display', value: 'Office' },
    ],
    { emails: [{ ...work, primary: true, display: 'Office' }] },
  ],
  [
    '9: from a conjunction',
    {},
    [{ op: 'add', path: 'emails[type eq "work" and primary eq true].value', value: 'm@x.example' }],
    { emails: [{ type: 'work', primary: true, value: 'm@x.example' }] },
  ],
  ['9: nothing is created of nothing', {}, [{ op: 'replace', path: 'emails[type eq "work"].value', value: '' }], {}],
  [
    '11: object merged into an element',
    { emails: [work] },
    [{ op: 'add', path: 'emails[type eq "work"]', value: { display: 'd' } }],
    { emails: [{ ...work, display: 'd' }] },
  ],
  [
    '11: element created by add (decisions 10)',
    {},
    [{ op: 'add', path: 'addresses[type eq "work"]', value: { locality: 'Kiel' } }],
    { addresses: [{ type: 'work', locality: 'Kiel' }] },
  ],
  [
    '12: text against a boolean in the filter',
    { roles: [{ value: 'a', primary: true }, { value: 'b' }] },
    [{ op: 'replace', path: 'roles[primary eq "True"].value', value: 'c' }],
    { roles: [{ value: 'c', primary: true }, { value: 'b' }] },
  ],
  ['14: boolean as text', {}, [{ op: 'Replace', path: 'active', value: 'False' }], { active: false }],
  ['15: number for text', {}, [{ op: 'replace', path: 'title', value: 7 }], { title: '7' }],
  ['15: boolean for text', {}, [{ op: 'replace', path: 'title', value: true }], { title: 'true' }],
  ['16: list of one for a single value', {}, [{ op: 'replace', path: 'title', value: ['Planner'] }], { title: 'Planner' }],
  ['16: list of one object', {}, [{ op: 'replace', path: 'title', value: [{ value: 'Planner' }] }], { title: 'Planner' }],
  [
    '17: bare text for a complex value',
    {},
    [{ op: 'add', path: `${ENTERPRISE}:manager`, value: '9f2c' }],
    { [ENTERPRISE]: { manager: { value: '9f2c' } } },
  ],
  [
    '17: list of one object for the manager',
    {},
    [{ op: 'add', path: 'manager', value: [{ value: '9f2c' }] }],
    { [ENTERPRISE]: { manager: { value: '9f2c' } } },
  ],
  ['18: one object for a list', {}, [{ op: 'add', path: 'emails', value: work }], { emails: [work] }],
  ['18: one scalar for a list', {}, [{ op: 'add', path: 'emails', value: 'm@x.example' }], { emails: [{ value: 'm@x.example' }] }],
  [
    '19: path-less with dotted, URN, filter and extension keys',
    { emails: [work] },
    [
      {
        op: 'add',
        value: {
          displayName: 'Mara',
          'name.familyName': 'Wolf',
          active: 'false',
          [`${ENTERPRISE}:department`]: 'Logistics',
          [`${ENTERPRISE}:manager.value`]: '9f2c',
          'emails[type eq "work"].value': 'new@x.example',
          [ACME]: { floor: 3 },
        },
      },
    ],
    {
      displayName: 'Mara',
      name: { familyName: 'Wolf' },
      active: false,
      emails: [{ ...work, value: 'new@x.example' }],
      [ENTERPRISE]: { department: 'Logistics', manager: { value: '9f2c' } },
      [ACME]: { floor: 3 },
    },
  ],
  ['20: "" removes', { title: 'Planner' }, [{ op: 'replace', path: 'title', value: '' }], {}],
  ['20: null removes', { title: 'Planner' }, [{ op: 'add', path: 'title', value: null }], {}],
  ['20: null in a path-less value', { title: 'Planner' }, [{ op: 'replace', value: { title: null } }], {}],
  ['20: a whole complex value', { name: { familyName: 'Wolf' } }, [{ op: 'replace', path: 'name', value: '' }], {}],
  [
    '20: a sub-attribute',
    { name: { familyName: 'Wolf', givenName: 'M' } },
    [{ op: 'replace', path: 'name.familyName', value: null }],
    { name: { givenName: 'M' } },
  ],
  ['20: the last sub-attribute', { name: { familyName: 'Wolf' } }, [{ op: 'replace', path: 'name.familyName', value: '' }], {}],
  [
    '20: a sub-attribute of an object',
    { name: { familyName: 'Wolf', givenName: 'M' } },
    [{ op: 'replace', path: 'name', value: { FamilyName: null } }],
    { name: { givenName: 'M' } },
  ],
  ['20: the manager by ""', { [ENTERPRISE]: { manager } }, [{ op: 'replace', path: 'manager', value: '' }], {}],
  ['20: the manager by its value', { [ENTERPRISE]: { manager } }, [{ op: 'replace', path: 'manager.value', value: '' }], {}],
  [
    '20: the manager by an object without id',
    { [ENTERPRISE]: { manager } },
    [{ op: 'replace', path: 'manager', value: { value: null } }],
    {},
  ],
  [
    '20: replace clears an element',
    { emails: [work, home] },
    [{ op: 'replace', path: 'emails[type eq "work"]', value: null }],
    { emails: [home] },
  ],
  [
    '20: replace clears no element where none matches',
    { emails: [home] },
    [{ op: 'replace', path: 'emails[type eq "work"]', value: '' }],
    { emails: [home] },
  ],
  ['20: replace clears a list (decisions 3)', { emails: [work, home] }, [{ op: 'replace', path: 'emails', value: null }], {}],
  ['decisions 3: add of null never empties a list', { emails: [work] }, [{ op: 'add', path: 'emails', value: null }], { emails: [work] }],
  ['decisions 3: add of "" never empties a list', { emails: [work] }, [{ op: 'add', path: 'emails', value: '' }], { emails: [work] }],
  ['decisions 3: add of [] never empties a list', { emails: [work] }, [{ op: 'add', value: { emails: [] } }], { emails: [work] }],
  [
    'decisions 3: add of null never empties an element',
    { emails: [work] },
    [{ op: 'add', path: 'emails[type eq "work"]', value: null }],
    { emails: [work] },
  ],
  ['21: remove that matches nothing', { emails: [home] }, [{ op: 'remove', path: 'emails[type eq "work"]' }], { emails: [home] }],
  ['21: remove of what is absent', {}, [{ op: 'remove', path: 'title' }], {}],
  ['21: remove of a sub-attribute of what is absent', {}, [{ op: 'remove', path: 'name.familyName' }], {}],
  [
    '22: remove with values',
    { emails: [work, home] },
    [{ op: 'Remove', path: 'emails', value: [{ value: 'MARA@home.example' }] }],
    { emails: [work] },
  ],
  [
    '22: remove with a bare value',
    { [ACME]: { skills: ['a', 'b'] } },
    [{ op: 'remove', path: `${ACME}:skills`, value: 'A' }],
    { [ACME]: { skills: ['b'] } },
  ],
  ['22: remove with no values', { emails: [work] }, [{ op: 'remove', path: 'emails', value: [] }], { emails: [work] }],
  [
    '22: remove with another type',
    { emails: [work] },
    [{ op: 'remove', path: 'emails', value: [{ ...work, type: 'home' }] }],
    { emails: [work] },
  ],
  ['23: remove with the value it has', { title: 'Planner' }, [{ op: 'remove', path: 'title', value: 'planner' }], {}],
  ['23: remove with another value', { title: 'Planner' }, [{ op: 'remove', path: 'title', value: 'Pilot' }], { title: 'Planner' }],
  ['23: remove with null says nothing', { title: 'Planner' }, [{ op: 'remove', path: 'title', value: null }], {}],
  ['23: remove of the manager with its id', { [ENTERPRISE]: { manager } }, [{ op: 'Remove', path: 'manager', value: '9f2c' }], {}],
  [
    '23: remove of the manager with another id',
    { [ENTERPRISE]: { manager } },
    [{ op: 'Remove', path: 'manager', value: '41aa' }],
    { [ENTERPRISE]: { manager } },
  ],
  [
    '23: remove of a sub-attribute with its value',
    { name: { familyName: 'Wolf' } },
    [{ op: 'remove', path: 'name.familyName', value: 'WOLF' }],
    {},
  ],
  [
    '23: remove of a sub-attribute with another value',
    { name: { familyName: 'W' } },
    [{ op: 'remove', path: 'name.familyName', value: 'x' }],
    { name: { familyName: 'W' } },
  ],
  ['25: add of what is there', { emails: [work] }, [{ op: 'add', path: 'emails', value: [work] }], { emails: [work] }],
  [
    '25: add of what is there, in other letters',
    { emails: [work] },
    [{ op: 'add', path: 'emails', value: [{ value: 'MARA@fabrikam.example' }] }],
    { emails: [{ ...work, value: 'MARA@fabrikam.example' }] },
  ],
  ['25: add of the same twice', {}, [{ op: 'add', path: 'emails', value: [work, work] }], { emails: [work] }],
  [
    '25: same value, another type',
    { emails: [work] },
    [{ op: 'add', path: 'emails', value: [{ ...work, type: 'home' }] }],
    { emails: [work, { ...work, type: 'home' }] },
  ],
  [
    '25: an element without type takes one',
    { emails: [{ value: 'm' }] },
    [
      {
        op: 'add',
        path: 'emails',
        value: [
          { value: 'm', type: 'work' },
          { value: 'm', type: 'home' },
        ],
      },
    ],
    {
      emails: [
        { value: 'm', type: 'work' },
        { value: 'm', type: 'home' },
      ],
    },
  ],
  [
    '25: simple values',
    { [ACME]: { skills: ['Sail'] } },
    [{ op: 'add', path: `${ACME}:skills`, value: ['sail', 'Ski'] }],
    { [ACME]: { skills: ['Sail', 'Ski'] } },
  ],
  [
    '25: elements without value',
    {},
    [
      {
        op: 'add',
        path: 'addresses',
        value: [
          { type: 'work', locality: 'Kiel' },
          { type: 'WORK', locality: 'kiel' },
        ],
      },
    ],
    { addresses: [{ type: 'WORK', locality: 'kiel' }] },
  ],
  ['26: replace of a list', { emails: [work] }, [{ op: 'replace', path: 'emails', value: [home] }], { emails: [home] }],
  [
    '27: primary is taken from the others',
    { emails: [{ ...work, primary: true }, home] },
    [{ op: 'replace', path: 'emails[type eq "home"].primary', value: 'True' }],
    {
      emails: [
        { ...work, primary: false },
        { ...home, primary: true },
      ],
    },
  ],
  [
    '27: of two that are added the last',
    {},
    [
      {
        op: 'add',
        path: 'emails',
        value: [
          { ...work, primary: true },
          { ...home, primary: true },
        ],
      },
    ],
    {
      emails: [
        { ...work, primary: false },
        { ...home, primary: true },
      ],
    },
  ],
  [
    '27: also one that stands before it',
    { emails: [work, { ...home, primary: true }] },
    [{ op: 'add', path: 'emails', value: [{ ...work, primary: true }] }],
    {
      emails: [
        { ...work, primary: true },
        { ...home, primary: false },
      ],
    },
  ],
  [
    '27: of two in a replace the last',
    {},
    [
      {
        op: 'replace',
        path: 'emails',
        value: [
          { ...work, primary: true },
          { ...home, primary: true },
        ],
      },
    ],
    {
      emails: [
        { ...work, primary: false },
        { ...home, primary: true },
      ],
    },
  ],
  [
    '28: read-only attributes in a path-less value',
    { id: '1' },
    [{ op: 'replace', value: { id: '2', meta: { version: 'x' }, groups: [], schemas: [], displayName: 'M' } }],
    { id: '1', displayName: 'M' },
  ],
  ['29: unknown attribute', {}, [{ op: 'add', path: 'shoeSize', value: 9 }], {}],
  ['30: JSON packed in text', {}, [{ op: 'add', path: 'roles', value: [{ value: '{"id":"1"}' }] }], { roles: [{ value: '{"id":"1"}' }] }],
  [
    '31: object for a complex value',
    { name: { familyName: 'Wolf', givenName: 'M' } },
    [{ op: 'replace', path: 'name', value: { givenName: 'Mara' } }],
    { name: { familyName: 'Wolf', givenName: 'Mara' } },
  ],
  ['31: empty object', { name: { familyName: 'Wolf' } }, [{ op: 'replace', path: 'name', value: {} }], { name: { familyName: 'Wolf' } }],
  [
    '32: remove, add, replace in sequence',
    { title: 'a' },
    [
      { op: 'remove', path: 'title' },
      { op: 'add', path: 'title', value: 'b' },
      { op: 'replace', path: 'title', value: 'c' },
    ],
    { title: 'c' },
  ],
  [
    'decisions 16: primary that nobody says is the sole element',
    { roles: [{ value: 'a' }] },
    [{ op: 'replace', path: 'roles[primary eq "True"].value', value: 'b' }],
    { roles: [{ value: 'b' }] },
  ],
  [
    'decisions 16: or the first',
    { roles: [{ value: 'a' }, { value: 'b' }] },
    [{ op: 'remove', path: 'roles[primary eq true]' }],
    { roles: [{ value: 'b' }] },
  ],
  [
    'decisions 16: but not where it is said',
    { roles: [{ value: 'a', primary: false }] },
    [{ op: 'replace', path: 'roles[primary eq true].value', value: 'b' }],
    {
      roles: [
        { value: 'a', primary: false },
        { primary: true, value: 'b' },
      ],
    },
  ],
  [
    'decisions 16: created where there is none',
    {},
    [{ op: 'add', path: 'roles[primary eq "True"].value', value: 'b' }],
    { roles: [{ primary: true, value: 'b' }] },
  ],
  [
    'a sub-attribute of all elements',
    { emails: [work, home] },
    [{ op: 'replace', path: 'emails.display', value: 'x' }],
    {
      emails: [
        { ...work, display: 'x' },
        { ...home, display: 'x' },
      ],
    },
  ],
  [
    'a sub-attribute of no element',
    {},
    [{ op: 'add', path: 'emails.value', value: 'm@x.example' }],
    { emails: [{ value: 'm@x.example' }] },
  ],
  ['remove of an element by its sole sub-attribute', { emails: [{ value: 'm' }] }, [{ op: 'remove', path: 'emails.value' }], {}],
  [
    'a filter on simple values',
    { [ACME]: { skills: ['Ski', 'Sail'] } },
    [{ op: 'remove', path: `${ACME}:skills[value eq "ski"]` }],
    { [ACME]: { skills: ['Sail'] } },
  ],
  [
    'a filter on simple values, replaced',
    { [ACME]: { skills: ['Ski', 'Sail'] } },
    [{ op: 'replace', path: `${ACME}:skills[value eq "ski"]`, value: 'Surf' }],
    { [ACME]: { skills: ['Surf', 'Sail'] } },
  ],
  [
    'a filter on a single complex value',
    { name: { familyName: 'Wolf' } },
    [{ op: 'replace', path: 'name[familyName eq "wolf"].givenName', value: 'M' }],
    { name: { familyName: 'Wolf', givenName: 'M' } },
  ],
  ['an immutable value is given once', {}, [{ op: 'add', path: `${ACME}:badge`, value: '7' }], { [ACME]: { badge: '7' } }],
  [
    'an immutable value is repeated',
    { [ACME]: { badge: 'a7' } },
    [{ op: 'add', path: `${ACME}:badge`, value: 'A7' }],
    { [ACME]: { badge: 'A7' } },
  ],
  [
    'an immutable list in another order',
    { [ACME]: { keys: ['a', 'b'] } },
    [{ op: 'replace', path: `${ACME}:keys`, value: ['b', 'a'] }],
    { [ACME]: { keys: ['b', 'a'] } },
  ],
];
