import { describe, expect, it } from 'vitest';
import { parseDateTime } from '../../src/scim/date-time.ts';

describe('parseDateTime', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2011-05-13T04:42:34Z', Date.UTC(2011, 4, 13, 4, 42, 34)],
    ['2011-05-13T04:42:34', Date.UTC(2011, 4, 13, 4, 42, 34)],
    ['2011-05-13T06:42:34+02:00', Date.UTC(2011, 4, 13, 4, 42, 34)],
    ['2011-05-12T23:12:34-05:30', Date.UTC(2011, 4, 13, 4, 42, 34)],
    ['2011-05-13T04:42:34.250Z', Date.UTC(2011, 4, 13, 4, 42, 34, 250)],
    ['2011-05-13T24:00:00Z', Date.UTC(2011, 4, 14)],
    ['2012-02-29T00:00:00Z', Date.UTC(2012, 1, 29)],
    ['0050-01-01T00:00:00Z', Date.parse('0050-01-01T00:00:00Z')],
  ])('%s', (text, instant) => {
    expect(parseDateTime(text)).toBe(instant);
  });

  it('gives one number for one instant, below milliseconds too', () => {
    expect(parseDateTime('2011-05-13T04:42:34.1234567Z')).toBe(parseDateTime('2011-05-13T11:12:34.1234567+06:30'));
    expect(parseDateTime('2011-05-13T04:42:34.123457Z')).toBeGreaterThan(Number(parseDateTime('2011-05-13T04:42:34.123456Z')));
  });

  it.each([
    '',
    '2011-05-13',
    '2011-05-13 04:42:34Z',
    '2011-05-13t04:42:34z',
    '2011-13-01T00:00:00Z',
    '2011-02-30T00:00:00Z',
    '2011-02-29T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '20110-01-01T00:00:00Z',
    '2011-05-13T25:00:00Z',
    '2011-05-13T24:00:01Z',
    '2011-05-13T04:60:00Z',
    '2011-05-13T04:42:60Z',
    '2011-05-13T04:42:34.Z',
    '2011-05-13T04:42:34+15:00',
    '2011-05-13T04:42:34+01:60',
    '2011-05-13T04:42:34Z\n',
  ])('%j is none', (text) => {
    expect(parseDateTime(text)).toBeUndefined();
  });
});
