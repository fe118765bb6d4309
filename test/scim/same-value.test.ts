import { describe, expect, test } from 'vitest';
import { describeElement, descriptionKey, fitsDescription } from '../../src/scim/element-description.ts';
import { ElementIndex } from '../../src/scim/element-index.ts';
import { parseAttributePath } from '../../src/scim/parse-attribute-path.ts';
import type { ScimValue } from '../../src/scim/resource.ts';
import { sameValue } from '../../src/scim/same-value.ts';
import { defineAttribute } from '../../src/scim/schema.ts';
import { user } from './support/patching.ts';

const text = defineAttribute('a');
const exact = defineAttribute('a', { caseExact: true });
const emails = defineAttribute('emails', {
  type: 'complex',
  multiValued: true,
  subAttributes: [defineAttribute('value'), defineAttribute('type'), defineAttribute('primary', { type: 'boolean' })],
});

describe('sameValue', () => {
  test.each<readonly [definition: typeof text, a: ScimValue | undefined, b: ScimValue | undefined, same: boolean]>([
    [text, 'Mara', 'mARA', true],
    [exact, 'Mara', 'mara', false],
    [text, undefined, undefined, true],
    [text, '', undefined, false],
    [text, '1', 1, false],
    [text, 'true', true, false],
    [text, ['a', 'B'], ['b', 'A'], true],
    [text, ['a', 'a'], ['a', 'b'], false],
    [text, ['a', 'b'], ['a', 'a'], false],
    [text, ['a'], 'a', false],
    [text, ['a,b'], ['a', 'b'], false],
    [emails, { value: 'A', type: 'work' }, { type: 'Work', value: 'a' }, true],
    [emails, { value: 'a' }, { value: 'a', type: 'work' }, false],
    [emails, { value: 'a', shoeSize: 1 }, { value: 'a' }, true],
    [emails, {}, [], false],
    [emails, [{ value: 'a' }, { value: 'b' }], [{ value: 'b' }, { value: 'a' }], true],
  ])('%#: %j and %j', (definition, a, b, same) => {
    expect(sameValue(definition, a, b)).toBe(same);
    expect(sameValue(definition, b, a)).toBe(same);
  });
});

describe('ElementIndex', () => {
  test.each<readonly [element: ScimValue, position: number | undefined]>([
    [{ value: 'A', type: 'WORK' }, 0],
    [{ value: 'a', type: 'home' }, 1],
    [{ value: 'a', type: 'other' }, undefined],
    [{ value: 'a' }, 0],
    [{ value: 'b', type: 'work' }, 2],
    [{ type: 'work' }, 3],
    [{ type: 'home' }, undefined],
    ['a', undefined],
  ])('%j stands at %s', (element, position) => {
    const index = new ElementIndex(emails, [{ value: 'a', type: 'work' }, { value: 'a', type: 'home' }, { value: 'b' }, { type: 'work' }]);
    expect(index.find(element)).toBe(position);
  });
});

describe('descriptions of elements', () => {
  const described = (path: string) => {
    const parsed = parseAttributePath(path, user);
    return parsed.kind === 'attribute' && parsed.path.valueFilter !== undefined ? describeElement(parsed.path.valueFilter) : undefined;
  };

  test.each([
    'emails[type ne "work"]',
    'emails[type pr]',
    'emails[type eq null]',
    'emails[type eq "a" or type eq "b"]',
    'emails[not (type eq "a")]',
    'emails[type eq "a" and type eq "b"]',
  ])('%s describes no element', (path) => {
    expect(described(path)).toBeUndefined();
  });

  test('an element fits when it has all that is said, in any letter case where the schema says so', () => {
    const description = described('emails[type eq "Work" and primary eq true]') ?? new Map();
    expect(fitsDescription({ type: 'work', primary: true, value: 'x' }, description)).toBe(true);
    expect(fitsDescription({ type: 'work', value: 'x' }, description)).toBe(false);
    expect(fitsDescription('work', description)).toBe(false);
  });

  test('the order and letter case of a description do not matter', () => {
    const [one, other] = ['emails[type eq "Work" and primary eq true]', 'emails[primary eq "True" and type eq "work"]'].map(described);
    expect(descriptionKey(one ?? new Map())).toBe(descriptionKey(other ?? new Map([[text, 'x']])));
  });
});
