import { DnSyntaxError, parseDn } from '../ldap/dn.ts';
import type { LdapValue } from '../ldap/entry.ts';
import { parseGeneralizedTime } from '../ldap/generalized-time.ts';
import type { LdapAttributeType } from '../ldap/schema.ts';
import { holdsDns, SYNTAX, syntaxProblem } from '../ldap/syntaxes.ts';

export const TIME_SYNTAX = `${SYNTAX}24`;

/** What text can never be: pictures, certificates, structures. By syntax (RFC 4517, RFC 4523). */
const NOT_TEXT: ReadonlyMap<string, string> = new Map([
  [`${SYNTAX}4`, 'takes sound'],
  [`${SYNTAX}6`, 'takes a string of bits'],
  [`${SYNTAX}8`, 'takes a certificate'],
  [`${SYNTAX}9`, 'takes a list of certificates'],
  [`${SYNTAX}10`, 'takes a pair of certificates'],
  [`${SYNTAX}14`, 'takes a delivery method'],
  [`${SYNTAX}21`, 'takes an enhanced guide'],
  [`${SYNTAX}23`, 'takes a fax image'],
  [`${SYNTAX}25`, 'takes a guide'],
  [`${SYNTAX}28`, 'takes a JPEG picture'],
  [`${SYNTAX}37`, 'takes the description of an object class'],
  [`${SYNTAX}43`, 'takes a presentation address'],
  [`${SYNTAX}49`, 'takes a certificate algorithm'],
  [`${SYNTAX}51`, 'takes a teletex terminal identifier'],
  [`${SYNTAX}52`, 'takes a telex number'],
  [`${SYNTAX}53`, 'takes a time'],
  ['1.3.6.1.1.16.1', 'takes a UUID'],
]);

/** Syntaxes whose values are characters: octets that are none are refused. */
const OF_TEXT: ReadonlySet<string> = new Set([
  ...['7', '11', '12', '15', '22', '24', '26', '27', '34', '36', '38', '41', '44', '50'].map((last) => `${SYNTAX}${last}`),
  '1.3.6.1.1.16.1',
]);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const OBJECT_IDENTIFIER = /^([A-Za-z][A-Za-z0-9-]*|\d+(\.\d+)*)$/;
/** A postal address is a line, or several with `$` between (RFC 4517 §3.3.28). */
const POSTAL_LINE = /^([^$\\]|\\24|\\5c)+(\$([^$\\]|\\24|\\5c)*)*$/i;

/** Why the schema forbids a value, in words for an operator; undefined when it doesn't. Stricter than `syntaxProblem`: it is asked about values of ours. */
export function valueProblem(type: LdapAttributeType, value: LdapValue): string | undefined {
  if (typeof value !== 'string') return OF_TEXT.has(type.syntax ?? '') ? 'takes text, not octets' : undefined;
  const problem = syntaxProblem(type, value);
  if (problem !== undefined) return problem;
  if (holdsDns(type)) return isDn(value) ? undefined : 'takes a DN';
  switch (type.syntax) {
    case TIME_SYNTAX:
      return parseGeneralizedTime(value) === undefined ? 'takes a time such as 20260131083000Z' : undefined;
    case '1.3.6.1.1.16.1':
      return UUID.test(value) ? undefined : 'takes a UUID';
    case `${SYNTAX}38`:
      return OBJECT_IDENTIFIER.test(value) ? undefined : 'takes an object identifier';
    case `${SYNTAX}41`:
      return POSTAL_LINE.test(value) ? undefined : 'takes lines with $ between them';
    default:
      return NOT_TEXT.get(type.syntax ?? '');
  }
}

function isDn(text: string): boolean {
  try {
    parseDn(text);
    return true;
  } catch (error) {
    if (error instanceof DnSyntaxError) return false;
    throw error;
  }
}
