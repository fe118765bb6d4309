import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatGeneralizedTime, parseGeneralizedTime } from '../../src/ldap/generalized-time.ts';

describe('parseGeneralizedTime', () => {
  test.each([
    ['20260131083000Z', '2026-01-31T08:30:00Z'],
    ['20260131083000.0Z', '2026-01-31T08:30:00Z'],
    ['20260131083000.25Z', '2026-01-31T08:30:00.25Z'],
    ['20260131083000,123456Z', '2026-01-31T08:30:00.123456Z'],
    ['202601310830Z', '2026-01-31T08:30:00Z'],
    ['2026013108Z', '2026-01-31T08:00:00Z'],
    ['20260131093000+0100', '2026-01-31T08:30:00Z'],
    ['20260131033000-05', '2026-01-31T08:30:00Z'],
    ['20260101003000+0100', '2025-12-31T23:30:00Z'],
    ['20260131083000.5+0100', '2026-01-31T07:30:00.5Z'],
  ])('%s is %s', (text, iso) => {
    expect(parseGeneralizedTime(text)).toBe(iso);
  });

  test.each([
    '',
    '20260131083000',
    '2026-01-31T08:30:00Z',
    '20261331083000Z',
    '20260131253000Z',
    '20260131083061Z',
    '20260131Z',
    '20260131083000.Z',
    '2026013108.5Z',
    '202601310830.5Z',
    'x',
  ])('%j is no time', (text) => {
    expect(parseGeneralizedTime(text)).toBeUndefined();
  });
});

describe('formatGeneralizedTime', () => {
  test.each([
    [Date.UTC(2026, 0, 31, 8, 30, 0), '20260131083000Z'],
    [Date.UTC(2026, 0, 31, 8, 30, 0, 999), '20260131083000Z'],
    [Date.UTC(1969, 11, 31, 23, 59, 59, 1), '19691231235959Z'],
    [Date.UTC(10_000, 0, 1), undefined],
  ])('%d is %s', (instant, text) => {
    expect(formatGeneralizedTime(instant)).toBe(text);
  });

  test('is read as the same second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (second) => {
        expect(Date.parse(parseGeneralizedTime(formatGeneralizedTime(second * 1000) ?? '') ?? '')).toBe(second * 1000);
      }),
    );
  });
});
