import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyPatch } from '../../src/scim/apply-patch.ts';
import type { JsonValue } from '../../src/scim/json.ts';
import { readPatch } from '../../src/scim/read-patch.ts';
import { ENTERPRISE_USER_SCHEMA as ENTERPRISE } from '../../src/scim/schema.ts';
import { group, patched, takingNotes, user } from './support/patching.ts';

describe('laws', () => {
  const text = fc.constantFrom('a', 'A', 'b', '', 'é');
  const type = fc.constantFrom('work', 'home', undefined);
  const email = fc.record({ value: text, type, primary: fc.option(fc.boolean(), { nil: undefined }) }, { requiredKeys: [] });
  const emails = fc.array(email, { maxLength: 4 });
  const operation = fc.oneof(
    fc.record({
      op: fc.constantFrom('add', 'replace'),
      path: fc.constantFrom('title', 'name.familyName', `${ENTERPRISE}:department`),
      value: text,
    }),
    fc.record({ op: fc.constantFrom('add', 'replace', 'remove'), path: fc.constant('emails'), value: emails }),
    fc.record({
      op: fc.constantFrom('add', 'replace'),
      path: fc.constantFrom('emails[type eq "work"].value', 'emails[primary eq true].display'),
      value: text,
    }),
    fc.record({
      op: fc.constant('add'),
      path: fc.constant('emails[type eq "home"]'),
      value: fc.record({ value: text, display: text }, { requiredKeys: [] }),
    }),
    fc.record({
      op: fc.constant('remove'),
      path: fc.constantFrom('emails', 'emails[type eq "work"]', 'emails[type eq "home"].value', 'title', 'manager'),
    }),
    fc.record({ op: fc.constantFrom('add', 'replace'), path: fc.constant('manager'), value: text }),
  );
  const json = (value: unknown) => JSON.parse(JSON.stringify(value)) as JsonValue;
  const before = fc.array(operation, { maxLength: 5 }).map((operations) => patched({ userName: 'mara' }, json(operations) as JsonValue[]));

  test('one operation twice is that operation once', () => {
    fc.assert(
      fc.property(before, operation, (resource, each) => {
        const once = patched(resource, [json(each)]);
        expect(patched(once, [json(each)])).toEqual(once);
      }),
    );
  });

  test('at most one element is primary after it was set', () => {
    fc.assert(
      fc.property(before, emails, (resource, value) => {
        const { emails: after } = patched(resource, [
          json({ op: 'replace', path: 'emails', value }),
          json({ op: 'add', path: 'emails', value }),
        ]);
        const primaries = (Array.isArray(after) ? after : []).filter((each) => each.primary === true);
        expect(primaries.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('nothing that is absent is left in the resource', () => {
    fc.assert(
      fc.property(before, (resource) => {
        expect(JSON.stringify(resource)).not.toMatch(/null|""|\[\]|\{\}/);
      }),
    );
  });
});

describe('long lists', () => {
  const ids = (count: number, prefix = '') => Array.from({ length: count }, (_, index) => ({ value: `${prefix}${index}` }));

  test('are patched in linear time', () => {
    const members = ids(30_000);
    const operations = [
      { op: 'replace', path: 'members', value: members },
      { op: 'add', path: 'members', value: [...members, ...ids(10_000, 'x')] },
      { op: 'remove', path: 'members', value: members },
    ];
    expect(patched({}, operations, { type: group })).toEqual({ members: ids(10_000, 'x') });
  });

  test('are not walked through without end', () => {
    const before = { members: ids(30_000) };
    const operations = Array.from({ length: 100 }, () => ({ op: 'remove', path: 'members[display eq "x"]' }));
    const policy = takingNotes();
    const read = readPatch({ Operations: operations }, group, policy);
    expect(() => applyPatch(before, read, policy)).toThrow(expect.objectContaining({ scimType: 'tooMany' }));
  });

  test('a path-less value counts with each of its keys', () => {
    const value = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`emails[type eq "${index}"].value`, 'x']));
    expect(() => readPatch({ Operations: [{ op: 'add', value }] }, user, takingNotes())).toThrow(
      expect.objectContaining({ scimType: 'tooMany' }),
    );
  });
});
