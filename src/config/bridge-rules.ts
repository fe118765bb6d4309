import { type Address, isLoopback, parseAddress } from './address.ts';
import { defaultPath } from './bridge-file-form.ts';
import { parseDate, parseTenantPath } from './bridge-values.ts';
import type { Diagnostic } from './diagnostic.ts';
import { Mistake } from './mistake.ts';
import { isYamlMap, type YamlMap, type YamlValue } from './yaml-nodes.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

/** What must hold between lines of `bridge.yaml`, whatever is wrong with single ones. Looks at the data as written. */
export function bridgeRules(written: YamlValue, source: YamlSource): readonly Diagnostic[] {
  const bridge = asMap(written);
  return [
    ...listenerRules(bridge, source),
    ...journalRules(asMap(bridge['journal']), source),
    ...auditRules(asMap(bridge['audit']), source),
    ...entriesOf(bridge['directories']).flatMap(([name, directory]) => [...directoryRules(directory, ['directories', name], source)]),
    ...entriesOf(bridge['tenants']).flatMap(([name, tenant]) => [...tenantRules(tenant, ['tenants', name], source)]),
    ...pathRules(entriesOf(bridge['tenants']), source),
  ];
}

function* listenerRules(bridge: YamlMap, source: YamlSource): Generator<Diagnostic, void> {
  if (bridge['listen'] === 'systemd' && bridge['publicUrl'] === undefined) {
    yield source.report(['listen'], 'value', 'which addresses systemd listens on is not known here, nor how clients reach them', {
      help: 'add publicUrl, such as https://scim.example.org',
    });
  }
  const listen = addressOf(bridge['listen']);
  if (listen !== undefined && !isLoopback(listen.host) && bridge['tls'] === undefined && bridge['insecure'] !== 'true') {
    yield source.report(['listen'], 'value', 'plain HTTP on an address that other machines can reach', {
      help: 'give it a certificate with "tls"; or listen on 127.0.0.1, behind a proxy that terminates TLS; or, if the way from the proxy is safe, write beside it: insecure: true',
    });
  }
  yield* adminRules(bridge['admin'], listen, source);
}

/** Written as an address, or as a map with one. */
function* adminRules(written: YamlValue | undefined, listen: Address | undefined, source: YamlSource): Generator<Diagnostic, void> {
  const { listen: address = written, tokens = [], insecure } = asMap(written ?? '');
  const place = isYamlMap(written) ? ['admin', 'listen'] : ['admin'];
  const admin = addressOf(address);
  yield* uniqueNames('token', listOf(tokens).map(asMap), ['admin', 'tokens'], source);
  if (admin === undefined) return;
  if (!isLoopback(admin.host) && listOf(tokens).length === 0) {
    yield source.report(place, 'value', 'the admin listener asks nobody who they are: other machines must not reach it', {
      help: 'such as 127.0.0.1:9464; or give it tokens: admin: { listen: …, tokens: [ { name: …, hash: … } ] }',
    });
  } else if (!isLoopback(admin.host) && insecure !== 'true') {
    yield source.report(place, 'value', 'plain HTTP on an address that other machines can reach', {
      help: 'listen on 127.0.0.1, behind a proxy that terminates TLS; or, if the network is safe, write beside it: insecure: true',
    });
  }
  if (admin.port !== 0 && admin.port === listen?.port && admin.host === listen.host) {
    yield source.report(place, 'value', 'the admin listener and the public one have the same address', {
      help: 'give it a port of its own',
    });
  }
}

function* journalRules(journal: YamlMap, source: YamlSource): Generator<Diagnostic, void> {
  if (journal['required'] === 'true' && journal['retention'] === 'none') {
    yield source.report(['journal', 'required'], 'value', 'a journal that is required has to be kept', {
      help: 'say for how long: journal: { retention: 30d, required: true }',
    });
  }
}

function* uniqueNames(kind: string, named: readonly YamlMap[], place: YamlPath, source: YamlSource): Generator<Diagnostic, void> {
  const names = new Set<YamlValue>();
  for (const [index, { name }] of named.entries()) {
    if (typeof name === 'string' && names.has(name)) yield source.report([...place, index, 'name'], 'value', `a second ${kind} "${name}"`);
    if (name !== undefined) names.add(name);
  }
}

function* auditRules(audit: YamlMap, source: YamlSource): Generator<Diagnostic, void> {
  if (audit['required'] === 'true' && audit['file'] === undefined) {
    yield source.report(['audit', 'required'], 'value', 'whether a line reached the log is not known', {
      help: 'give the audit trail a file of its own: audit: { file: /var/log/scim-ldap-bridge/audit.log, required: true }',
    });
  }
}

function* directoryRules(directory: YamlMap, path: YamlPath, source: YamlSource): Generator<Diagnostic, void> {
  const insecure = directory['insecure'] === 'true';
  const startTls = directory['startTls'] === 'true';
  if (asMap(directory['tls'])['verify'] === 'false' && !insecure) {
    yield source.report([...path, 'tls', 'verify'], 'value', 'without a check of its certificate, anybody can pass for the directory', {
      help: 'name the authority with "ca"; or write insecure: true beside "tls"',
    });
  }
  yield* clientCertificateRules(directory, path, source);
  for (const [place, url] of urlsOf(directory, path)) {
    if (startTls && !/^ldap:/i.test(url)) {
      yield source.report(place, 'value', 'startTls is for ldap:// URLs only', {
        help: 'remove startTls: ldaps:// begins with TLS, ldapi:// never leaves the machine',
      });
    }
    if (!startTls && !insecure && directory['sasl'] === undefined && isPlainAndRemote(url)) {
      yield source.report(place, 'value', 'the bind password would go over the network in clear', {
        help: 'use ldaps:// or startTls: true; or, if the network is safe, write insecure: true beside "urls"',
      });
    }
  }
}

function* clientCertificateRules(directory: YamlMap, path: YamlPath, source: YamlSource): Generator<Diagnostic, void> {
  const { certificate, key } = asMap(directory['tls']);
  if (certificate !== undefined && key === undefined)
    yield source.report([...path, 'tls', 'certificate'], 'key', 'a certificate without its key', { help: 'add its key: { file: NAME }' });
  if (key !== undefined && certificate === undefined)
    yield source.report([...path, 'tls', 'key'], 'key', 'a key without its certificate', { help: 'add certificate: the file with it' });
  if (directory['sasl'] !== 'EXTERNAL') return;
  for (const [place, url] of urlsOf(directory, path)) {
    if (/^ldapi:/i.test(url)) continue;
    if (directory['startTls'] !== 'true' && !/^ldaps:/i.test(url)) {
      yield source.report(place, 'value', 'EXTERNAL is the name in a client certificate, and there is none without TLS', {
        help: 'use ldaps:// or startTls: true; on the same machine ldapi://',
      });
    } else if (certificate === undefined) {
      yield source.report(place, 'value', 'EXTERNAL is the name in a client certificate, and none is given', {
        help: 'add tls: { certificate: …, key: { file: … } }; on the same machine use ldapi://, where it is the user of this process',
      });
    }
  }
}

/** Where servers are named, and as what. */
function* urlsOf(directory: YamlMap, path: YamlPath): Generator<readonly [YamlPath, string], void> {
  for (const key of ['urls', 'replicas']) {
    const urls = directory[key];
    if (typeof urls === 'string') yield [[...path, key], urls];
    for (const [index, url] of listOf(urls ?? []).entries()) if (typeof url === 'string') yield [[...path, key, index], url];
  }
}

function isPlainAndRemote(url: string): boolean {
  if (!/^ldap:/i.test(url) || !URL.canParse(url)) return false;
  return !isLoopback(new URL(url).hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase());
}

function* tenantRules(tenant: YamlMap, path: YamlPath, source: YamlSource): Generator<Diagnostic, void> {
  const { defaultPageSize = '100', maxPageSize = '1000' } = asMap(tenant['paging']);
  if (typeof defaultPageSize === 'string' && typeof maxPageSize === 'string' && Number(defaultPageSize) > Number(maxPageSize)) {
    const message = `the default page size (${defaultPageSize}) is above the greatest (${maxPageSize})`;
    yield source.report([...path, 'paging', 'defaultPageSize'], 'value', message);
  }
  if (tenant['mode'] === 'canary' && tenant['canary'] === undefined) {
    yield source.report([...path, 'mode'], 'value', 'whom may it write?', { help: `add canary: { users: 'userName sw "pilot"' }` });
  }
  if (tenant['canary'] !== undefined && tenant['mode'] !== 'canary') {
    yield source.report([...path, 'canary'], 'key', 'it counts with mode: canary only', { help: 'add mode: canary, or take it out' });
  }
  yield* authRules(tenant['auth'], [...path, 'auth'], source);
}

function* authRules(written: YamlValue, path: YamlPath, source: YamlSource): Generator<Diagnostic, void> {
  const auth = asMap(written);
  if (isYamlMap(written) && Object.keys(auth).length === 0) {
    yield source.report(path, 'key', 'nobody can prove who they are', { help: 'give it tokens, entra, oauth or certificates' });
  }
  const { name: entraName = 'entra' } = asMap(auth['entra']);
  const names = new Set<YamlValue>(auth['entra'] === undefined ? [] : [entraName]);
  for (const [kind, place, { name }] of credentialsIn(auth)) {
    if (typeof name !== 'string') continue;
    if (names.has(name)) {
      yield source.report([...path, ...place, 'name'], 'value', `a second ${kind} "${name}"`, {
        help: `the log names credentials: give each its own`,
      });
    }
    names.add(name);
  }
  for (const [index, value] of listOf(auth['tokens']).entries()) {
    const { notBefore, expires } = asMap(value);
    const place = [...path, 'tokens', index];
    const [from, until] = [dateOf(notBefore), dateOf(expires)];
    if (from !== undefined && until !== undefined && until <= from) {
      yield source.report([...place, 'expires'], 'value', 'the token expires before it is valid');
    }
  }
}

/** What kind each is, for a message; and where below `auth` it stands. */
function credentialsIn(auth: YamlMap): readonly (readonly [kind: string, place: YamlPath, credential: YamlMap])[] {
  const clients = listOf(asMap(auth['oauth'])['clients']);
  return [
    ...listOf(auth['tokens']).map((each, index) => ['token', ['tokens', index], asMap(each)] as const),
    ...clients.map((each, index) => ['client', ['oauth', 'clients', index], asMap(each)] as const),
    ...listOf(auth['certificates']).map((each, index) => ['certificate', ['certificates', index], asMap(each)] as const),
  ];
}

/** No tenant's path is another's, or leads into it. */
function* pathRules(tenants: readonly (readonly [string, YamlMap])[], source: YamlSource): Generator<Diagnostic, void> {
  const paths = tenants.flatMap(([name, { path = defaultPath(name) }]) => {
    const parsed = typeof path === 'string' ? parseTenantPath(path) : undefined;
    return typeof parsed === 'string' ? [{ name, path: parsed }] : [];
  });
  const sorted = paths.toSorted((a, b) => (`${a.path}/` < `${b.path}/` ? -1 : `${a.path}/` > `${b.path}/` ? 1 : 0));
  // Sorted so, what lies below a path follows it without a gap.
  for (const [index, { name, path }] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before === undefined || !`${path}/`.startsWith(`${before.path}/`)) continue;
    const message = `the path ${path} ${path === before.path ? 'is also that' : `lies below ${before.path}, the path`} of tenant "${before.name}"`;
    yield source.report(['tenants', name, 'path'], 'value', message, { help: 'give each tenant a path of its own' });
  }
}

function listOf(value: YamlValue): readonly YamlValue[] {
  return Array.isArray(value) ? (value as readonly YamlValue[]) : [];
}

function asMap(value: YamlValue): YamlMap {
  return isYamlMap(value) ? value : (Object.create(null) as YamlMap);
}

function entriesOf(value: YamlValue): readonly (readonly [string, YamlMap])[] {
  return Object.entries(asMap(value)).map(([name, section]) => [name, asMap(section)]);
}

function addressOf(value: YamlValue | undefined): Address | undefined {
  const address = typeof value === 'string' ? parseAddress(value) : undefined;
  return address instanceof Mistake ? undefined : address;
}

function dateOf(value: YamlValue): number | undefined {
  const date = typeof value === 'string' ? parseDate(value) : undefined;
  return date instanceof Mistake ? undefined : date;
}
