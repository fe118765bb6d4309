import { badRequest } from './errors.ts';

/** What `If-Match` or `If-None-Match` asks of a resource's version (RFC 7644 §3.14, RFC 9110 §13.1): any, or one of these tags. */
export type VersionCondition = 'any' | readonly string[];

const ENTITY_TAG = /(W\/)?("[\x21\x23-\x7e\x80-\u{10ffff}]*")/gu;
/** Tags that are separated by commas, and nothing else. */
const ENTITY_TAGS = /^\s*(W\/)?"[^"]*"\s*(,\s*((W\/)?"[^"]*"\s*)?)*$/;

/** @throws ScimError invalidSyntax for a header that is neither `*` nor a list of entity tags */
export function readVersionCondition(name: string, header: string): VersionCondition {
  if (header.trim() === '*') return 'any';
  if (!ENTITY_TAGS.test(header)) throw badRequest('invalidSyntax', `${name}: takes * or entity tags such as W/"1"`);
  return [...header.matchAll(ENTITY_TAG)].map(([, , opaque = '']) => opaque);
}

/**
 * Whether a resource has one of the versions asked for. Tags are compared weakly, also by If-Match (decisions 20): a version names
 * a state of the resource, and no two states share one.
 *
 * @param version as in `meta.version`; undefined when the directory keeps none, and then only `*` is met
 */
export function meetsCondition(condition: VersionCondition, version: string | undefined): boolean {
  if (condition === 'any') return true;
  return version !== undefined && condition.includes(version.replace(/^W\//, ''));
}
