import type { IncomingMessage } from 'node:http';
import { badRequest, ScimError } from '../scim/errors.ts';
import { isJsonList, type JsonValue } from '../scim/json.ts';
import { MEDIA_TYPE } from '../scim/messages.ts';

/** No SCIM body nests deeper than a few levels. */
const MAX_DEPTH = 32;
/** Names through which objects of the language are reached; no SCIM attribute is called so. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** How much a body may hold. */
export interface BodyLimits {
  readonly bodyBytes: number;
  /** Of all its lists together. */
  readonly listValues: number;
}

/**
 * The JSON in a request's body (RFC 7644 §3.1, §3.8). Written by hand, because ready-made parsers take a missing or unknown
 * content type for an empty object and let invalid UTF-8 pass.
 *
 * @throws ScimError 415 for another media type or any content coding, 413 above a limit, 400 invalidSyntax
 */
export async function readBody(request: IncomingMessage, { bodyBytes, listValues }: BodyLimits): Promise<JsonValue> {
  refuseMediaType(request);
  const bytes = await readBytes(request, bodyBytes);
  if (bytes.length === 0) throw badRequest('invalidSyntax', 'the body is empty');
  const json = parseJson(decodeUtf8(bytes));
  refuseContent(json, listValues);
  return json;
}

function refuseMediaType({ headers }: IncomingMessage): void {
  const [type = ''] = (headers['content-type'] ?? '').toLowerCase().split(';', 1);
  if (type.trim() !== MEDIA_TYPE && type.trim() !== 'application/json') {
    throw new ScimError(415, `the body must be ${MEDIA_TYPE}`);
  }
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'identity') throw new ScimError(415, 'the body must not be compressed');
}

/** A body's bytes. @throws ScimError 413 above the limit */
export async function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () => new ScimError(413, `the body is larger than ${limit} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    const gone = (): Error => new Error('the client went away before its request was complete');
    if (request.destroyed) reject(gone());
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > limit) settle(() => reject(tooLarge()));
    };
    let isSettled = false;
    // Every request is closed in the end; an error that nobody gets is dear to make.
    const settle = (end: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      request.off('data', onData);
      end();
    };
    request
      .on('data', onData)
      .once('end', () => settle(() => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size))))
      .once('close', () => settle(() => reject(gone())))
      .once('error', (error) => settle(() => reject(error)));
  });
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

function decodeUtf8(bytes: Buffer): string {
  try {
    return UTF_8.decode(bytes);
  } catch (error) {
    throw badRequest('invalidSyntax', 'the body is not UTF-8', error);
  }
}

function parseJson(text: string): JsonValue {
  refuseDepth(text);
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw badRequest('invalidSyntax', 'the body is not JSON');
  }
}

/** Counts brackets outside texts, before anything recursive sees them. */
function refuseDepth(text: string): void {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charCodeAt(index);
    if (isText) {
      if (char === 0x5c) index += 1;
      else if (char === 0x22) isText = false;
    } else if (char === 0x22) {
      isText = true;
    } else if (char === 0x7b || char === 0x5b) {
      depth += 1;
      if (depth > MAX_DEPTH) throw badRequest('invalidSyntax', `the body nests deeper than ${MAX_DEPTH} levels`);
    } else if (char === 0x7d || char === 0x5d) {
      depth -= 1;
    }
  }
}

function refuseContent(json: JsonValue, listValues: number): void {
  let values = 0;
  const waiting: JsonValue[] = [json];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (isJsonList(value)) values += value.length;
    if (values > listValues) throw new ScimError(413, `the lists of the body have more than ${listValues} values together`);
    for (const [key, member] of Object.entries(value)) {
      if (FORBIDDEN_KEYS.has(key)) throw badRequest('invalidSyntax', `the body has a member called ${key}`);
      waiting.push(member);
    }
  }
}
