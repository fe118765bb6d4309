import { badRequest } from '../scim/errors.ts';

/**
 * The path of a request with doubled slashes and the one at the end taken out: Microsoft's own scripts call `/Users/?filter=…`,
 * and a tenant URL typed with a slash gives `//Users` (entra-scim-client §2.2). Percent-encoding stays as it is.
 *
 * @param target in origin-form, or in the absolute-form that proxies send (RFC 9112 §3.2.2)
 */
export function normalizePath(target: string): string {
  const [path = ''] = target.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1);
  const segments = path.split('/').filter((segment) => segment !== '');
  return `/${segments.join('/')}`;
}

/** What SCIM asks for in a query (RFC 7644 §3.4.2, §3.9; RFC 9865 §2.1), in lower case. */
const PARAMETERS: ReadonlySet<string> = new Set([
  'attributes',
  'excludedattributes',
  'filter',
  'sortby',
  'sortorder',
  'startindex',
  'count',
  'cursor',
]);

/**
 * The parameters of a request's query string, names in lower case, decoded as forms are: `+` is a blank (entra-scim-client §2.4).
 * Unknown ones, with or without a value, are nobody's business: feature flags are typed into the tenant URL.
 *
 * @throws ScimError 400 for percent sequences that decode to nothing, and for one of SCIM's parameters given twice
 */
export function readQuery(target: string): ReadonlyMap<string, string> {
  const start = target.indexOf('?');
  const parameters = new Map<string, string>();
  if (start < 0) return parameters;
  for (const pair of target.slice(start + 1).split('&')) {
    if (pair === '') continue;
    const [name = '', ...value] = pair.split('=');
    const key = decode(name).toLowerCase();
    if (parameters.has(key) && PARAMETERS.has(key)) throw badRequest('invalidSyntax', `the query gives ${key} twice`);
    parameters.set(key, decode(value.join('=')));
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw badRequest('invalidSyntax', 'the query is not percent-encoded UTF-8', error);
  }
}

/** A whole number among the parameters; undefined when it isn't given. @throws ScimError invalidValue */
export function readInteger(parameters: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = parameters.get(name.toLowerCase());
  if (text === undefined || text === '') return undefined;
  if (!/^[+-]?\d{1,15}$/.test(text.trim())) throw badRequest('invalidValue', `${name}: takes a whole number`);
  return Number(text);
}

/** A comma-separated list among the parameters; undefined when it isn't given. */
export function readNames(parameters: ReadonlyMap<string, string>, name: string): readonly string[] | undefined {
  const text = parameters.get(name.toLowerCase());
  const names = text
    ?.split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  return names === undefined || names.length === 0 ? undefined : names;
}
