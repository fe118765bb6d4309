import { expect, test } from 'vitest';
import type { Modification } from '../../src/ldap/change.ts';
import { makeEntry } from '../../src/ldap/entry.ts';
import { holdsModifications } from '../../src/ldap/holds-modifications.ts';
import { parseLdapSchema } from '../../src/ldap/schema.ts';

const schema = parseLdapSchema(["( 1 NAME 'title' EQUALITY caseIgnoreMatch )", "( 2 NAME 'code' EQUALITY caseExactMatch )"], []);
const entry = makeEntry('uid=ada', [
  { name: 'title', values: ['Countess', 'Analyst'] },
  { name: 'code', values: ['A'] },
]);
const change = (operation: Modification['operation'], attribute: string, ...values: string[]) => ({ operation, attribute, values });

test.each<[name: string, modifications: readonly Modification[], held: boolean]>([
  ['nothing', [], true],
  ['an added value that is there, by the attribute’s own rule', [change('add', 'Title', 'COUNTESS')], true],
  ['one in another case, where case counts', [change('add', 'code', 'a')], false],
  ['one that is missing', [change('add', 'title', 'Boss')], false],
  ['a deleted value that is gone', [change('delete', 'title', 'Boss')], true],
  ['one that is there', [change('delete', 'title', 'analyst')], false],
  ['deleted and added again', [change('delete', 'title', 'analyst'), change('add', 'title', 'Analyst')], true],
  ['a whole attribute deleted', [change('delete', 'mail')], true],
  ['one that is there still', [change('delete', 'code')], false],
  ['replaced by just these', [change('replace', 'title', 'Analyst', 'countess')], true],
  ['by fewer', [change('replace', 'title', 'Analyst')], false],
  ['by nothing', [change('replace', 'mail')], true],
  ['one of several that does not hold', [change('add', 'code', 'A'), change('add', 'title', 'Boss')], false],
])('%s', (_, modifications, held) => {
  expect(holdsModifications(entry, modifications, schema)).toBe(held);
});
