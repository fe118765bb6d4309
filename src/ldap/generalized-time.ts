const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(?:[.,](\d+))?)?)?(Z|[+-]\d\d(?:\d\d)?)$/;

/** What directories write, but for the last days of a month, whose number takes a calendar. */
const PLAIN_TIME = /^(\d{4})(0[1-9]|1[0-2])(0[1-9]|1\d|2[0-8])([01]\d|2[0-3])([0-5]\d)([0-5]\d)Z$/;

/**
 * A generalized time (RFC 4517 §3.3.13) as ISO 8601 in UTC, with all digits of the second's fraction but zeros at its end.
 *
 * @returns undefined for anything else, also for fractions of minutes and hours, which no directory writes
 */
export function parseGeneralizedTime(text: string): string | undefined {
  if (PLAIN_TIME.test(text)) return text.replace(PLAIN_TIME, '$1-$2-$3T$4:$5:$6Z');
  const match = GENERALIZED_TIME.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute = '00', second = '00', fraction, zone = 'Z'] = match;
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3) || '00'}`;
  const instant = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  if (Number.isNaN(instant)) return undefined;
  const iso = new Date(instant).toISOString();
  const digits = withoutTrailingZeros(fraction ?? '');
  return iso.replace('.000Z', digits === '' ? 'Z' : `.${digits}Z`);
}

/** The digits behind a decimal point that say something. */
export function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits.charAt(end - 1) === '0') end -= 1;
  return digits.slice(0, end);
}

/**
 * The second in which an instant lies, as generalized time in UTC.
 *
 * @param instant milliseconds since 1970
 * @returns undefined for years that don't have four digits
 */
export function formatGeneralizedTime(instant: number): string | undefined {
  const iso = new Date(instant).toISOString();
  return /^\d{4}-/.test(iso) ? `${iso.slice(0, 19).replaceAll(/[-:T]/g, '')}Z` : undefined;
}
