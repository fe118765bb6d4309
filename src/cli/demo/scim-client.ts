import type { JsonValue } from '../../scim/json.ts';
import type { BridgedDirectory } from './bridged-directory.ts';

export interface ScimAnswer {
  readonly status: number;
  /** Undefined for an answer without a body. */
  readonly body: JsonValue | undefined;
}

/**
 * Sends a request as Entra does: the token, and on bodies its media type (entra-scim-client §2.3).
 *
 * @param path below the base URL, with its query
 * @throws Error no answer, or one that isn't JSON
 */
export async function sendScim(
  { baseUrl, token }: Pick<BridgedDirectory, 'baseUrl' | 'token'>,
  method: string,
  path: string,
  body?: JsonValue,
): Promise<ScimAnswer> {
  const response = await fetch(`${baseUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json; charset=utf-8' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as JsonValue) };
}
