import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { applyPatch } from '../../src/scim/apply-patch.ts';
import type { JsonValue } from '../../src/scim/json.ts';
import { readPatch } from '../../src/scim/read-patch.ts';
import type { ScimObject } from '../../src/scim/resource.ts';
import { group, takingNotes, user } from '../scim/support/patching.ts';

/** One example of the RFC, or of a rule that it states: a resource, a PATCH body, and what comes of it. */
interface Example {
  readonly section: string;
  readonly resourceType: 'User' | 'Group';
  readonly before: ScimObject;
  readonly patch: JsonValue;
  readonly after?: ScimObject;
  readonly error?: { readonly status: number; readonly scimType: string };
}

describe('examples of PATCH', () => {
  const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.json'));

  test.each(names)('%s', (name) => {
    const example = JSON.parse(readFileSync(`${import.meta.dirname}/${name}`, 'utf8')) as Example;
    const policy = takingNotes();
    const type = example.resourceType === 'User' ? user : group;
    const run = () => applyPatch(example.before, readPatch(example.patch, type, policy), policy);
    if (example.error === undefined) expect(run()).toEqual(example.after);
    else expect(run).toThrow(expect.objectContaining(example.error));
    expect(policy.notes).toEqual([]);
  });
});
