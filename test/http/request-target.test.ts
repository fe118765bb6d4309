import { describe, expect, it } from 'vitest';
import { normalizePath, readInteger, readNames, readQuery } from '../../src/http/request-target.ts';
import { ScimError } from '../../src/scim/errors.ts';

describe('normalizePath', () => {
  it.each([
    ['/scim/v2/Users', '/scim/v2/Users'],
    ['/scim/v2/Users/', '/scim/v2/Users'],
    ['/scim/v2//Users', '/scim/v2/Users'],
    ['//scim///v2/Users//', '/scim/v2/Users'],
    ['/scim/v2/Users/?filter=a/b//c', '/scim/v2/Users'],
    ['/scim/v2/Users?x=/', '/scim/v2/Users'],
    ['/', '/'],
    ['', '/'],
    ['*', '/*'],
    ['/scim/v2/Users/%2F%2F', '/scim/v2/Users/%2F%2F'],
    ['/scim/v2/../Users', '/scim/v2/../Users'],
    ['http://scim.example.org/scim/v2/Users?x', '/scim/v2/Users'],
    ['HTTPS://scim.example.org:8443//scim/v2/', '/scim/v2'],
    ['http://scim.example.org', '/'],
    ['http://scim.example.org?x=/y', '/'],
  ])('%s', (target, path) => expect(normalizePath(target)).toBe(path));
});

describe('readQuery', () => {
  const read = (target: string) => Object.fromEntries(readQuery(target));

  it.each([
    ['/Users', {}],
    ['/Users?', {}],
    ['/Users?&&', {}],
    ['/Users?filter=userName+eq+%22a%2bb%22', { filter: 'userName eq "a+b"' }],
    ['/Users?filter=userName%20eq%20"a"', { filter: 'userName eq "a"' }],
    ['/Users?filter=a=b&count=1', { filter: 'a=b', count: '1' }],
    ['/Users?filter=a?b/c', { filter: 'a?b/c' }],
    ['/Users?aadOptscim062020', { aadoptscim062020: '' }],
    ['/Users?aadOptscim062020&filter=x&flag=', { aadoptscim062020: '', filter: 'x', flag: '' }],
    ['/Users?a=1&a=2&a', { a: '' }],
    ['/Users?StartIndex=1&COUNT=2', { startindex: '1', count: '2' }],
    ['/Users?%66ilter=x', { filter: 'x' }],
    ['/Users?filter=%E6%BC%A2%E5%AD%97%F0%9F%91%A9', { filter: '漢字👩' }],
    ['/Users?filter=%00', { filter: '\0' }],
  ])('%s', (target, parameters) => expect(read(target)).toEqual(parameters));

  it('takes __proto__ for a name like any other', () => {
    expect(readQuery('/Users?__proto__=1').get('__proto__')).toBe('1');
  });

  it.each([
    '/Users?filter=%',
    '/Users?filter=100%25%',
    '/Users?filter=%zz',
    '/Users?filter=%e4',
    '/Users?filter=%c0%80',
    '/Users?filter=%ed%a0%80',
    '/Users?%ff=1',
    '/Users?flag=%',
    '/Users?count=1&count=1',
    '/Users?filter=a&FILTER=b',
    '/Users?attributes=a&%61ttributes=b',
    '/Users?excludedAttributes=a&excludedattributes=b',
    '/Users?cursor&cursor=x',
    '/Users?sortBy=a&sortby=b',
    '/Users?sortOrder=ascending&sortOrder=descending',
  ])('%s is 400', (target) => {
    expect(() => readQuery(target)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidSyntax' }));
  });
});

describe('readInteger', () => {
  const read = (count: string) => readInteger(new Map([['count', count]]), 'count');

  it.each([
    ['', undefined],
    ['0', 0],
    ['17', 17],
    ['-3', -3],
    ['+3', 3],
    [' 3', 3],
    ['007', 7],
    ['999999999999999', 999_999_999_999_999],
  ])('%j', (text, number) => expect(read(text)).toBe(number));

  it('is undefined when it is not given', () => expect(readInteger(new Map(), 'startIndex')).toBeUndefined());
  it('is found in lower case', () => expect(readInteger(new Map([['startindex', '4']]), 'startIndex')).toBe(4));

  it.each(['x', '1x', '1.0', '1e3', '0x10', '--1', '∞', '١', '1 2', '9999999999999999'])('%j is 400 and named', (text) => {
    expect(() => read(text)).toThrow(ScimError);
    expect(() => read(text)).toThrow(/^count: /);
  });
});

describe('readNames', () => {
  const read = (text: string) => readNames(new Map([['attributes', text]]), 'attributes');

  it.each([
    ['userName', ['userName']],
    ['userName,name.givenName', ['userName', 'name.givenName']],
    [' userName , , title,', ['userName', 'title']],
    ['', undefined],
    [' , ', undefined],
  ])('%j', (text, names) => expect(read(text)).toEqual(names));
});
