import { isLoopback } from './address.ts';
import { Mistake } from './mistake.ts';

/** The small languages of bridge.yaml: URLs, durations, dates, paths. Each reads one text, or says what is wrong with it. */

/** RFC 4516 URL of a server: no DN, attributes or filter behind the host. */
export function parseLdapUrl(written: string): string | Mistake {
  const example = 'such as ldaps://ldap.example.org, ldap://127.0.0.1:389 or ldapi://%2Frun%2Fslapd%2Fldapi';
  const help = `an LDAP URL is a scheme and a server, ${example}`;
  if (/^ldapi:\/\/(%2F[^/?#]*)?\/?$/i.test(written)) return written;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined || !['ldap:', 'ldaps:'].includes(url.protocol) || url.hostname === '') {
    return new Mistake('not the URL of an LDAP server', help);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '' || !['', '/'].includes(url.pathname)) {
    return new Mistake('more than the URL of an LDAP server', help);
  }
  return written;
}

/** The URL under which clients see the service, without the slash at its end. */
export function parsePublicUrl(written: string): string | Mistake {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined || !/^https?:\/\//i.test(written)) {
    return new Mistake(`"${written}" is not an http or https URL`, 'such as https://scim.example.org');
  }
  if (url.username !== '' || url.password !== '' || /[?#]/.test(written)) {
    return new Mistake('a public URL has neither user, query nor fragment', 'such as https://scim.example.org');
  }
  return url.href.replace(/\/+$/, '');
}

const milliseconds: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** @returns milliseconds, more than 0 */
function parseDuration(written: string): number | Mistake {
  const { digits, unit = '' } = /^(?<digits>\d{1,9})(?<unit>ms|s|m|h)$/.exec(written)?.groups ?? {};
  const duration = Number(digits) * (milliseconds.get(unit) ?? Number.NaN);
  return duration > 0 ? duration : new Mistake(`"${written}" is not a duration`, 'such as 500ms, 10s or 1m');
}

/** How long deleted entries are kept: whole days. @returns milliseconds */
export function parsePurgeAfter(written: string): number | Mistake {
  const days = /^(?<days>[1-9]\d{0,4})d$/.exec(written)?.groups?.['days'];
  return days === undefined ? new Mistake(`"${written}" is not a number of days`, 'such as 90d') : Number(days) * 86_400_000;
}

/** How long what was written can be undone: whole days; `none`: nothing is kept for that. @returns milliseconds */
export function parseRetention(written: string): number | 'none' | Mistake {
  if (written === 'none') return written;
  const days = parsePurgeAfter(written);
  return days instanceof Mistake ? new Mistake(`"${written}" is not a number of days`, 'such as 30d; or none') : days;
}

const LONGEST_TIMEOUT = 50_000;

/** A duration that leaves time to answer: Entra ID gives a request up after 60 seconds. */
export function parseTimeout(written: string): number | Mistake {
  const duration = parseDuration(written);
  if (duration instanceof Mistake || duration <= LONGEST_TIMEOUT) return duration;
  return new Mistake(`${written} is longer than Entra ID waits for an answer (60 s)`, 'at most 50s');
}

/** How long the preferred server may be away before another one takes the writes; `never`: none does. */
export function parseWriteFailover(written: string): number | 'never' | Mistake {
  if (written === 'never') return written;
  const duration = parseDuration(written);
  return duration instanceof Mistake ? new Mistake(`"${written}" is not a duration`, 'such as 30s or 2m; or never') : duration;
}

/** A time in which something is counted: from a second on. */
export function parseWindow(written: string): number | Mistake {
  const duration = parseDuration(written);
  return duration instanceof Mistake || duration >= 1000 ? duration : new Mistake(`${written} is too short a window`, 'at least 1s');
}

/** A duration that can be told to clients: they count in whole seconds (RFC 9865 §4). */
export function parseCursorTimeout(written: string): number | Mistake {
  const duration = parseDuration(written);
  if (duration instanceof Mistake || duration % 1000 === 0) return duration;
  return new Mistake(`"${written}" is not a number of whole seconds`, 'such as 10s, 30m or 1h');
}

const HOUR = 3_600_000;

/** How long Entra ID lets a token of ours live (entra-scim-client §3.4). */
export function parseTokenLifetime(written: string): number | Mistake {
  const duration = parseDuration(written);
  if (duration instanceof Mistake || (duration >= HOUR && duration <= 6 * HOUR && duration % 1000 === 0)) return duration;
  return new Mistake(`${written} is not a lifetime that Entra ID takes`, 'whole seconds, from 1h to 6h');
}

/** SHA-256 of a certificate, as openssl prints it. @returns 64 hexadecimal digits in lower case */
export function parseFingerprint(written: string): string | Mistake {
  const digits = written
    .replace(/^sha256(?: fingerprint=|:)/i, '')
    .replaceAll(':', '')
    .toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  return new Mistake(
    `"${written}" is not the SHA-256 of a certificate`,
    'as printed by: openssl x509 -in FILE -noout -fingerprint -sha256',
  );
}

/** @returns in lower case */
export function parseGuid(written: string): string | Mistake {
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(written)) return written.toLowerCase();
  return new Mistake(`"${written}" is not a GUID`, 'such as 8adf8e6e-67b2-4cf2-a259-e3dc5476c621');
}

/** Where keys of an issuer are found. Whoever can change the answer can make tokens: it comes over TLS, or from this machine. */
export function parseKeyUrl(written: string): string | Mistake {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1')))) return written;
  return new Mistake(`"${written}" is not an https URL`, 'such as https://login.microsoftonline.com/…');
}

/**
 * A day (its beginning, UTC) or a point in time with its offset (RFC 3339).
 *
 * @returns milliseconds since 1970-01-01T00:00Z
 */
export function parseDate(written: string): number | Mistake {
  const { day } = /^(?<day>\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(written)?.groups ?? {};
  const time = day !== undefined && isDay(day) ? Date.parse(written) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  return new Mistake(`"${written}" is not a date`, 'such as 2027-12-31 (its beginning, UTC) or 2027-12-31T18:00:00+01:00');
}

/** JavaScript takes 30 February for 2 March. */
function isDay(day: string): boolean {
  const time = Date.parse(day);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

/** Where a tenant's endpoints are. */
export function parseTenantPath(written: string): string | Mistake {
  if (/^(\/[A-Za-z0-9._~-]+)+$/.test(written) && !written.split('/').some((segment) => segment === '.' || segment === '..')) return written;
  const help = 'a path begins with a slash, ends without one, and is made of letters, digits and . _ ~ - between them: /scim/v2';
  return new Mistake(`"${written}" is not a path`, help);
}

/** A name that is safe in paths, log lines and metrics. */
export function parseName(written: string): string | Mistake {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(written)) return written;
  return new Mistake(`"${written}" is not a name`, 'a name has up to 63 letters, digits and . _ - and begins with a letter or digit');
}
