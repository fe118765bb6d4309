const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(?:Z|([+-])(\d{2}):(\d{2}))?$/;

/**
 * The instant that an xsd:dateTime names (RFC 7643 §2.3.5), in milliseconds since 1970 with a fraction below that,
 * good to a quarter of a microsecond. Without an offset the time is read as UTC. Years have four digits.
 *
 * @returns undefined when the text isn't a dateTime, 30 February included
 */
export function parseDateTime(text: string): number | undefined {
  const [, date, hour, minute, second, fraction, sign, offsetHour, offsetMinute] = DATE_TIME.exec(text) ?? [];
  if (date === undefined || date.startsWith('0000')) return undefined;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // Date.parse takes 30 February for 2 March.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, date.length) !== date) return undefined;

  const time = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const beyondSecond = Number(`0${fraction ?? ''}`);
  // XML Schema writes the end of a day as 24:00:00; it has no leap seconds.
  if (Number(minute) > 59 || Number(second) > 59 || time + beyondSecond > 86_400) return undefined;

  const offset = sign === undefined ? 0 : (Number(offsetHour) * 60 + Number(offsetMinute)) * 60;
  if (Number(offsetMinute ?? 0) > 59 || offset > 14 * 3600) return undefined;
  // The fraction comes last, so that one instant written with two offsets is one number.
  return midnight + (time + (sign === '-' ? offset : -offset)) * 1000 + beyondSecond * 1000;
}
