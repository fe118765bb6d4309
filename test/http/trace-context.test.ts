import { describe, expect, it } from 'vitest';
import { readTraceParent } from '../../src/http/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('traceparent', () => {
  it.each([
    ['the form of today', `00-${TRACE}-${SPAN}-01`],
    ['not sampled', `00-${TRACE}-${SPAN}-00`],
    ['a version to come', `01-${TRACE}-${SPAN}-01`],
    ['a version to come, with more in it', `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`],
  ])('%s', (_, header) => {
    expect(readTraceParent(header)).toEqual({ traceId: TRACE, spanId: SPAN });
  });

  // Those of the W3C's own test suite, among others.
  it.each([
    ['none', ''],
    ['a version that is forbidden', `ff-${TRACE}-${SPAN}-01`],
    ['a version that is none', `.0-${TRACE}-${SPAN}-01`],
    ['a version too short', `0-${TRACE}-${SPAN}-01`],
    ['today’s version with more in it', `00-${TRACE}-${SPAN}-01-more`],
    ['a version to come with more in it, not apart', `cc-${TRACE}-${SPAN}-01.more`],
    ['no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capital letters', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a trace too short', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['a trace too long', `00-${TRACE}0-${SPAN}-01`],
    ['no flags', `00-${TRACE}-${SPAN}`],
    ['flags too short', `00-${TRACE}-${SPAN}-1`],
    ['flags that are none', `00-${TRACE}-${SPAN}-.1`],
    ['two of them', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ['blanks around it', ` 00-${TRACE}-${SPAN}-01`],
    ['a line break', `00-${TRACE}-${SPAN}-01\n`],
  ])('%s is ignored', (_, header) => {
    expect(readTraceParent(header)).toBeUndefined();
  });
});
