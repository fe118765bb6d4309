import { describe, expect, test } from 'vitest';
import { padBase64 } from '../../src/scim/base64.ts';

describe('padBase64', () => {
  test.each([
    ['TWFyYQ==', 'TWFyYQ=='],
    ['TWFyYQ', 'TWFyYQ=='],
    ['TWFyYWs=', 'TWFyYWs='],
    ['TWFyYWs', 'TWFyYWs='],
    ['TWFy', 'TWFy'],
    ['+/+/', '+/+/'],
  ])('%s is %s', (text, padded) => {
    expect(padBase64(text)).toBe(padded);
  });

  test.each([
    '',
    '=',
    '==',
    '====',
    'T',
    'TWFyY',
    'TWFyYQ=',
    'TWFy=',
    'TWFy==',
    'TWFy====',
    'T===',
    'TWFyYQ==TWFy',
    '-_-_',
    'TWFy\n',
    'TWF y',
  ])('%j is none', (text) => {
    expect(padBase64(text)).toBeUndefined();
  });
});
