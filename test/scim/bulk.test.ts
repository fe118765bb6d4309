import { describe, expect, test } from 'vitest';
import { type BulkOperation, exchangeInData, exchangeInPath, readBulkRequest } from '../../src/scim/bulk.ts';
import { orderOperations } from '../../src/scim/bulk-order.ts';
import { ScimError } from '../../src/scim/errors.ts';
import type { JsonValue } from '../../src/scim/json.ts';
import { defineResourceType } from '../../src/scim/resource-type.ts';
import { ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, standardSchema, USER_SCHEMA } from '../../src/scim/schema.ts';
import { processorTime } from '../support/processor-time.ts';

const user = defineResourceType('User', standardSchema(USER_SCHEMA), [standardSchema(ENTERPRISE_USER_SCHEMA)]);
const group = defineResourceType('Group', standardSchema(GROUP_SCHEMA), []);

function read(...operations: readonly JsonValue[]): readonly BulkOperation[] {
  return readBulkRequest({ Operations: operations }, [user, group], 10_000).operations;
}

/** A group with members by bulkId. */
function creation(bulkId: string, ...members: readonly string[]): JsonValue {
  return {
    method: 'POST',
    path: '/Groups',
    bulkId,
    data: { displayName: bulkId, members: members.map((member) => ({ value: `bulkId:${member}` })) },
  };
}

function errorOf(json: JsonValue): string | undefined {
  const [operation] = read(json);
  return operation?.action instanceof ScimError ? `${operation.action.status} ${operation.action.detail}` : undefined;
}

describe('the request', () => {
  test('names and methods in any letter case, schemas not looked at', () => {
    const request = readBulkRequest(
      { schemas: ['urn:x'], FAILONERRORS: '2', operations: [{ Method: 'delete', PATH: 'users/7', BulkID: 'a' }] },
      [user],
      1,
    );
    expect(request.failOnErrors).toBe(2);
    expect(request.operations).toMatchObject([{ method: 'DELETE', bulkId: 'a', action: { kind: 'delete', resourceType: user, id: '7' } }]);
  });

  test.each<[JsonValue, number, string]>([
    [[], 400, 'the body is not a JSON object'],
    [{}, 400, 'Operations: takes a list'],
    [{ Operations: {} }, 400, 'Operations: takes a list'],
    [{ Operations: [{}, null] }, 400, 'Operations[1]: takes an object'],
    [{ Operations: [], failOnErrors: 0 }, 400, 'failOnErrors: takes a whole number from 1'],
    [{ Operations: [], failOnErrors: 1.5 }, 400, 'failOnErrors: takes a whole number from 1'],
    [{ Operations: [], failOnErrors: true }, 400, 'failOnErrors: takes a whole number from 1'],
    [{ Operations: [{}, {}, {}] }, 413, 'Operations: there are more than maxOperations (2)'],
  ])('%j is refused', (body, status, detail) => {
    expect(() => readBulkRequest(body, [user], 2)).toThrow(expect.objectContaining({ status, detail }));
  });

  const data = { userName: 'anna' };
  const path = 'path: takes /Users or /Groups, and the id of a resource behind it where there is one';
  test.each<[JsonValue, string]>([
    [{ path: '/Users/1' }, 'method: takes POST, PUT, PATCH or DELETE'],
    [{ method: 'GET', path: '/Users/1' }, 'method: takes POST, PUT, PATCH or DELETE'],
    [{ method: 'POST', path: '/Users', data }, 'bulkId: POST needs one'],
    [{ method: 'POST', path: '/Users', data, bulkId: '' }, 'bulkId: POST needs one'],
    [{ method: 'POST', path: '/Users/1', data, bulkId: 'a' }, 'path: POST takes an endpoint, such as /Users'],
    [{ method: 'POST', path: '/Users', bulkId: 'a' }, 'data: POST needs it'],
    [{ method: 'PUT', path: '/Users', data }, 'path: PUT takes the path of a resource, such as /Users/2819c223'],
    [{ method: 'PATCH', path: '/Users/1' }, 'data: PATCH needs it'],
    [{ method: 'DELETE' }, 'path: is missing'],
    [{ method: 'DELETE', path: '/' }, path],
    [{ method: 'DELETE', path: '/Schemas/1' }, path],
    [{ method: 'DELETE', path: '/Users/1/2' }, path],
    [{ method: 'DELETE', path: '/Users/1?attributes=id' }, 'path: is no percent-encoded path without a query'],
    [{ method: 'DELETE', path: '/Users/%ff' }, 'path: is no percent-encoded path without a query'],
    [{ method: 'DELETE', path: '/Users/\ud800' }, 'path: is no percent-encoded path without a query'],
    [{ method: 'DELETE', path: '/Users/1', version: 3 }, 'version: takes text'],
    [{ method: 'DELETE', path: '/Users/1', version: '3' }, 'version: takes * or entity tags such as W/"1"'],
  ])('%j is refused, and only that operation', (json, detail) => {
    expect(errorOf(json)).toBe(`400 ${detail}`);
  });

  test('an id is decoded as in a URL, and a version is a condition', () => {
    expect(read({ method: 'DELETE', path: '//Users//a%2Fb/', version: 'W/"1"' })).toMatchObject([
      { action: { id: 'a/b', ifMatch: ['"1"'] } },
    ]);
  });

  test('of creations that share a bulkId none is carried out', () => {
    const operations = read(creation('a'), creation('b'), creation('a'), { method: 'DELETE', path: '/Users/1', bulkId: 'b' });
    expect(operations.map(({ action }) => (action instanceof ScimError ? action.detail : action.kind))).toEqual([
      'bulkId: "a" is given to several resources',
      'create',
      'bulkId: "a" is given to several resources',
      'delete',
    ]);
  });
});

describe('references', () => {
  const urn = ENTERPRISE_USER_SCHEMA;
  const reference = 'bulkId:x';

  const places: readonly [string, JsonValue][] = [
    ['a member', { method: 'POST', path: '/Groups', bulkId: 'g', data: { members: [{ value: reference }, { value: '1' }] } }],
    ['a bare member', { method: 'POST', path: '/Groups', bulkId: 'g', data: { Members: [reference] } }],
    ['one member without a list', { method: 'PUT', path: '/Groups/1', data: { members: { Value: reference } } }],
    ['a manager', { method: 'POST', path: '/Users', bulkId: 'u', data: { [urn]: { manager: { value: reference } } } }],
    ['a bare manager', { method: 'PUT', path: '/Users/1', data: { [urn.toUpperCase()]: { manager: reference } } }],
    ['a manager at the top', { method: 'PUT', path: '/Users/1', data: { manager: reference } }],
    ['a path', { method: 'DELETE', path: `/Users/${reference}` }],
    ['PATCH of members', patch('/Groups/1', { op: 'add', path: 'members', value: [{ value: reference }] })],
    ['PATCH of members without path', patch('/Groups/1', { op: 'add', value: { members: [reference] } })],
    ['PATCH of the manager', patch('/Users/1', { op: 'Replace', Path: `${urn}:manager`, Value: reference })],
    ["PATCH of the manager's value", patch('/Users/1', { op: 'add', path: `${urn}:manager.value`, value: reference })],
    ['PATCH of an extension', patch('/Users/1', { op: 'add', path: urn, value: { manager: { value: reference } } })],
    ['PATCH of a URN key', patch('/Users/1', { op: 'add', value: { [`${urn}:manager`]: reference } })],
    ['PATCH of an extension without path', patch('/Users/1', { op: 'add', path: '', value: { [urn]: { manager: reference } } })],
  ];

  test.each(places)('%s', (_place, json) => {
    const [operation] = read(json);
    expect([...(operation?.references ?? [])]).toEqual(['x']);
    const action = operation?.action;
    if (action === undefined || action instanceof ScimError) throw new Error('refused');
    const exchanged = exchangeInData(
      exchangeInPath(action, () => 'id-7'),
      () => 'id-7',
    );
    expect(withoutTypes(exchanged)).toBe(withoutTypes(action).replace(reference, 'id-7'));
  });

  const texts: readonly [string, JsonValue][] = [
    ['a name', { method: 'POST', path: '/Groups', bulkId: 'g', data: { displayName: reference, externalId: reference } }],
    ['an element', { method: 'POST', path: '/Users', bulkId: 'u', data: { emails: [{ value: reference, type: reference }] } }],
    [
      'an address of a picture',
      { method: 'POST', path: '/Users', bulkId: 'u', data: { photos: [{ value: reference }], profileUrl: reference } },
    ],
    [
      'the groups of a user, which are read-only',
      { method: 'POST', path: '/Users', bulkId: 'u', data: { groups: [{ value: reference }] } },
    ],
    [
      'what is beside the id of a member',
      { method: 'POST', path: '/Groups', bulkId: 'g', data: { members: [{ display: reference, $ref: reference }] } },
    ],
    [
      'something nested deeper',
      { method: 'POST', path: '/Groups', bulkId: 'g', data: { members: [{ x: { value: reference } }, [reference]] } },
    ],
    ['an attribute that nobody knows', { method: 'POST', path: '/Users', bulkId: 'u', data: { boss: { value: reference } } }],
    ['another letter case', { method: 'POST', path: '/Groups', bulkId: 'g', data: { members: ['bulkid:x', 'xbulkId:x'] } }],
    ['PATCH of a name', patch('/Groups/1', { op: 'replace', path: 'displayName', value: reference })],
    ['PATCH of names without path', patch('/Users/1', { op: 'replace', value: { displayName: reference, 'name.givenName': reference } })],
    ['a path that is none', patch('/Groups/1', { op: 'add', path: 'members[', value: reference })],
    ['brackets', patch('/Groups/1', { op: 'remove', path: `members[value eq "${reference}"]` })],
    ['what is no object', { method: 'PUT', path: '/Users/1', data: reference }],
    ['a PATCH without operations', { method: 'PATCH', path: '/Users/1', data: { Operations: [reference, null] } }],
  ];

  test.each(texts)('not %s', (_place, json) => {
    expect([...(read(json)[0]?.references ?? ['refused'])]).toEqual([]);
  });

  test('what one exchanges for another is not exchanged again', () => {
    const [operation] = read(creation('g', 'a'));
    const action = operation?.action;
    if (action === undefined || action instanceof ScimError) throw new Error('refused');
    expect(withoutTypes(exchangeInData(action, () => 'bulkId:b'))).toContain('"bulkId:b"');
  });

  function patch(path: string, ...operations: readonly JsonValue[]): JsonValue {
    return { method: 'PATCH', path, data: { Operations: operations } };
  }

  function withoutTypes({ resourceType, ...action }: Exclude<BulkOperation['action'], ScimError>): string {
    return `${resourceType.name} ${JSON.stringify(action)}`;
  }
});

describe('the order', () => {
  /** The bulkIds, or methods and ids, in the order in which they can be carried out. */
  function order(...operations: readonly JsonValue[]): readonly (string | undefined)[] {
    return orderOperations(read(...operations)).operations.map(nameOf);
  }

  function circle(...operations: readonly JsonValue[]): ReadonlySet<string | undefined> {
    return new Set([...orderOperations(read(...operations)).circular].map(nameOf));
  }

  function nameOf({ bulkId, action }: BulkOperation): string | undefined {
    return action instanceof ScimError || action.kind === 'create' ? bulkId : `${action.kind} ${action.id}`;
  }

  const remove = (id: string): JsonValue => ({ method: 'DELETE', path: `/Groups/${id}` });

  test('is the client’s own where nothing speaks against it', () => {
    expect(order(creation('c'), remove('1'), creation('a'), creation('b', 'c', 'a'), remove('2'))).toEqual([
      'c',
      'delete 1',
      'a',
      'b',
      'delete 2',
    ]);
  });

  test('moves creations in front of what refers to them, and nothing else', () => {
    expect(order(remove('1'), remove('bulkId:c'), creation('b', 'd'), remove('2'), creation('c', 'b'), creation('d'))).toEqual([
      'delete 1',
      'd',
      'b',
      'c',
      'delete bulkId:c',
      'delete 2',
    ]);
  });

  test('has each operation once, whatever is unknown or refused', () => {
    expect(order(creation('a', 'unknown', 'b', 'b'), { method: 'GET', bulkId: 'b' }, creation('c', 'a'))).toEqual(['a', 'b', 'c']);
  });

  test.each<[string, readonly JsonValue[], readonly string[]]>([
    ['itself', [creation('a', 'a'), creation('b')], ['a']],
    ['each other', [creation('a', 'b'), creation('b', 'a')], ['a', 'b']],
    ['three', [creation('a', 'b'), creation('b', 'c'), creation('c', 'a')], ['a', 'b', 'c']],
    ['two circles that share one', [creation('a', 'b', 'c'), creation('b', 'a'), creation('c', 'b')], ['a', 'b', 'c']],
    [
      'those before and behind it are not in it',
      [creation('x', 'a'), creation('a', 'b', 'y'), creation('b', 'a'), creation('y')],
      ['a', 'b'],
    ],
    [
      'two circles, one behind the other',
      [creation('a', 'b'), creation('b', 'a', 'c'), creation('c', 'd'), creation('d', 'c')],
      ['a', 'b', 'c', 'd'],
    ],
    ['a diamond is none', [creation('a', 'b', 'c'), creation('b', 'd'), creation('c', 'd'), creation('d')], []],
  ])('a circle: %s', (_name, operations, members) => {
    expect(circle(...operations)).toEqual(new Set(members));
  });

  const count = 10_000;
  const chain = (last: readonly string[]): readonly JsonValue[] =>
    Array.from({ length: count }, (_, index) => creation(`${index}`, ...(index + 1 < count ? [`${index + 1}`] : last)));

  test('of a long chain is found without recursion', () => {
    expect(order(...chain([]))).toEqual(Array.from({ length: count }, (_, index) => `${count - 1 - index}`));
  });

  test('of a long circle neither', () => {
    expect(circle(...chain(['0'])).size).toBe(count);
  });

  test('takes time in proportion to operations and references', () => {
    const dense = Array.from({ length: 1000 }, (_, index) =>
      creation(`${index}`, ...Array.from({ length: 100 }, (_each, offset) => `${(index + offset) % 1000}`)),
    );
    const operations = read(...dense);
    const started = processorTime();
    expect(orderOperations(operations).circular.size).toBe(1000);
    expect(processorTime() - started).toBeLessThan(500);
  });
});
