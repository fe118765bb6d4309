import type { ParameterizedContext } from 'koa';
import { ScimError } from '../scim/errors.ts';
import { errorBody, MEDIA_TYPE } from '../scim/messages.ts';

/** Answers with an error in SCIM form (RFC 7644 §3.12). */
export function answerError(ctx: ParameterizedContext, error: ScimError, requestId: string): void {
  ctx.status = error.status;
  if (error.status === 401) ctx.set('WWW-Authenticate', challenge(ctx.get('Authorization')));
  if (error.retryAfter !== undefined) ctx.set('Retry-After', String(error.retryAfter));
  // What is left of a body that was not read is not worth reading.
  if (error.status === 413 || error.status === 415) ctx.set('Connection', 'close');
  ctx.type = MEDIA_TYPE;
  ctx.body = JSON.stringify(errorBody(error, requestId));
}

/** RFC 6750 §3: who presented no token is told just where it may be used. */
function challenge(authorization: string): string {
  return /^bearer +\S/i.test(authorization) ? 'Bearer realm="scim", error="invalid_token"' : 'Bearer realm="scim"';
}

/**
 * The answer to what Node's HTTP parser refuses before there is a request, as raw HTTP/1.1: a request line or header block that is
 * too long, or something that isn't HTTP at all.
 *
 * @param code the parser's error code
 */
export function rawErrorResponse(code: string | undefined, requestId: string): string {
  const error =
    code === 'HPE_HEADER_OVERFLOW'
      ? new ScimError(431, 'the request line and headers are too long')
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new ScimError(408, 'the request took too long to arrive')
        : new ScimError(400, 'the request is not HTTP', { scimType: 'invalidSyntax' });
  const body = JSON.stringify(errorBody(error, requestId));
  return [
    `HTTP/1.1 ${error.status} ${error.status === 431 ? 'Request Header Fields Too Large' : error.status === 408 ? 'Request Timeout' : 'Bad Request'}`,
    `Content-Type: ${MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
