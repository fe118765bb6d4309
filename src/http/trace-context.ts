/** Where a request belongs to, for whoever follows it over several services (W3C Trace Context). */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the caller's own part of the trace. */
  readonly spanId: string;
}

const TRACE_PARENT = /^(?<version>[0-9a-f]{2})-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-[0-9a-f]{2}(?<more>-.*)?$/;

/** Reads a `traceparent` header (W3C Trace Context §3.2); undefined for one that isn't valid, which is to be ignored. */
export function readTraceParent(header: string): TraceContext | undefined {
  const { version, traceId = '', spanId = '', more } = TRACE_PARENT.exec(header)?.groups ?? {};
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  return /^0+$/.test(traceId) || /^0+$/.test(spanId) ? undefined : { traceId, spanId };
}
