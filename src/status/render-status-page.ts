import { type Html, type HtmlPart, html, raw } from './html.ts';
import { drawLatencies } from './latency-chart.ts';
import type { PastRequest } from './request-history.ts';
import { STATUS_STYLE } from './status-style.ts';
import type { ShownBrakes, ShownDirectory, ShownExpiry, ShownMappingFile, ShownTenant, StatusView } from './status-view.ts';

const DAY_MS = 86_400_000;
/** When an expiry is worth a colour; as in the alerts. */
const SOON_MS = 14 * DAY_MS;

const SECTIONS = [
  ['directories', 'Directories', directoriesTable],
  ['tenants', 'Tenants', tenantsTable],
  ['brakes', 'Brakes', brakesTables],
  ['expiries', 'What expires', expiriesTable],
  ['latency', 'How long requests took', latencySection],
  ['requests', 'The last requests', requestsTable],
  ['mapping', 'Mapping in force', mappingSection],
] as const;

/** The status page: one document without scripts, readable at a glance; what is wrong stands at the top. */
export function renderStatusPage(view: StatusView): string {
  const { version, startedAt, now } = view;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${troublesOf(view).length === 0 ? 'All well' : 'Trouble'} – SCIM LDAP bridge</title>
<style>${raw(STATUS_STYLE)}</style>
</head>
<body>
<a class="skip" href="#state">To the state</a>
<header>
<h1>SCIM LDAP bridge</h1>
<p class="facts">version ${version} · up for ${durationOf(now - startedAt)} · as of ${timeOf(now)} · <a href="/">look again</a></p>
${stateOf(view)}
<nav aria-label="Sections"><ul>${SECTIONS.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
<main>
${SECTIONS.map(([id, title, render]) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${render(view)}</section>`)}
</main>
<footer><p>Also here: <a href="/metrics">/metrics</a> · <a href="/readyz">/readyz</a> · <a href="/healthz">/healthz</a></p></footer>
</body>
</html>
`;
  return page.markup;
}

// What is wrong

function stateOf(view: StatusView): Html {
  const troubles = troublesOf(view);
  if (troubles.length === 0) return html`<div class="state good" id="state" tabindex="-1">✓ all well</div>`;
  return html`<div class="state bad" id="state" tabindex="-1">✗ trouble<ul>${troubles.map((trouble) => html`<li>${trouble}</li>`)}</ul></div>`;
}

function troublesOf({ directories, tenants, reload, expiries, interruptedWrites, now }: StatusView): readonly string[] {
  return [
    ...directories.filter(({ ready }) => !ready).map(({ name, reason = '' }) => `the directory ${name} cannot be worked with: ${reason}`),
    ...tenants.flatMap(({ name, brakes }) => (brakes?.holding ?? []).map((kind) => `a brake holds ${kind} of ${name} back`)),
    ...(reload.successful ? [] : ['the latest reload failed: an older configuration is in force']),
    ...expiries.filter(({ expires }) => expires <= now).map((expiry) => `${nameOf(expiry)} has expired`),
    ...(interruptedWrites === 0 ? [] : [`interrupted writes wait to be finished or undone: ${interruptedWrites}`]),
  ];
}

// Sections

function directoriesTable({ directories }: StatusView): Html {
  return table(
    ['Directory', 'State', 'Server in charge', '#Connections', '#In flight', '#Waiting'],
    directories.map(({ name, server, connections, inFlight, waiting, ...health }) => [
      name,
      healthOf(health),
      html`<span class="mono">${server}</span>`,
      connections,
      inFlight,
      waiting,
    ]),
  );
}

function healthOf({ ready, reason }: Pick<ShownDirectory, 'ready' | 'reason'>): Html {
  return ready ? html`<span class="good">✓ ready</span>` : html`<span class="bad">✗ not ready</span> ${reason}`;
}

function tenantsTable({ tenants, mappings, reload }: StatusView): Html {
  const rows = tenants.map(({ name, url, directory, mapping }: ShownTenant) => {
    const index = mappings.findIndex(({ file }) => file === mapping);
    return [name, html`<span class="mono">${url}</span>`, directory, html`<a href="#mapping-${index}">${mapping}</a>`];
  });
  const state = reload.successful
    ? html`<span class="good">✓ in force</span> since ${timeOf(reload.lastSuccess)}`
    : html`<span class="bad">✗ the latest reload failed</span>; what is in force is of ${timeOf(reload.lastSuccess)}. <code>scim-ldap-bridge check</code> says what is wrong`;
  return html`<p>Configuration: ${state}.</p>${table(['Tenant', 'Address', 'Directory', 'Mapping'], rows)}`;
}

function brakesTables({ tenants }: StatusView): HtmlPart {
  const braked = tenants.flatMap(({ name, brakes }) => (brakes === undefined ? [] : [{ name, brakes }]));
  if (braked.length === 0) return html`<p class="soft">No mapping file sets brakes.</p>`;
  return braked.map(({ name, brakes }) => html`<h3>${name}</h3>${brakesNote(name, brakes)}${brakesTable(brakes)}`);
}

function brakesNote(tenant: string, { windowEnds, releasedUntil, holding }: ShownBrakes): Html {
  const ends = html`The window ends at ${timeOf(Date.parse(windowEnds))}.`;
  if (releasedUntil !== undefined)
    return html`<p><span class="warn">! released</span> until ${timeOf(Date.parse(releasedUntil))}. ${ends}</p>`;
  if (holding.length === 0) return html`<p>${ends}</p>`;
  return html`<p>${ends} If what is held back was meant: <code>scim-ldap-bridge brakes release --tenant ${tenant}</code></p>`;
}

function brakesTable({ counts, holding }: ShownBrakes): Html {
  const rows = Object.entries(counts)
    .filter(([, { counted, most }]) => counted > 0 || most !== undefined)
    .map(([kind, { counted, most }]) => [
      kind,
      counted,
      most ?? html`<span class="soft">none, or not counted yet</span>`,
      holding.includes(kind) ? html`<span class="bad">✗ holds</span>` : html`<span class="good">✓ lets through</span>`,
    ]);
  return table(['Kind', '#Counted', '#Budget', 'State'], rows);
}

function expiriesTable({ expiries, now }: StatusView): Html {
  if (expiries.length === 0) return html`<p class="soft">No token or certificate has an end.</p>`;
  const rows = expiries
    .toSorted((one, other) => one.expires - other.expires)
    .map((expiry) => [nameOf(expiry), timeOf(expiry.expires), remaining(expiry.expires - now)]);
  return table(['What', 'Expires', 'State'], rows);
}

function nameOf({ what, credential, tenant }: ShownExpiry): string {
  return `the ${what}${credential === undefined ? '' : ` ${credential}`}${tenant === undefined ? '' : ` of ${tenant}`}`;
}

function remaining(milliseconds: number): Html {
  if (milliseconds <= 0) return html`<span class="bad">✗ expired</span>`;
  if (milliseconds < SOON_MS) return html`<span class="warn">! in ${durationOf(milliseconds)}</span>`;
  return html`<span class="good">✓</span> in ${durationOf(milliseconds)}`;
}

function requestsTable({ requests, showsValues }: StatusView): Html {
  if (requests.length === 0) return html`<p class="soft">None yet.</p>`;
  const hint = showsValues
    ? undefined
    : html`<p class="soft">Values are hidden, and so are the names of entries; <code>values: all</code> under <code>admin</code> shows them.</p>`;
  return html`${hint}${table(
    ['Answered', 'Tenant', 'Credential', 'Request', 'Status', '#Duration', '#LDAP', 'Written'],
    requests.map(requestRow),
  )}`;
}

function requestRow(request: PastRequest): readonly HtmlPart[] {
  const { answeredAt, tenant, credential, method, path, status, milliseconds, ldapOperations, writes, requestId } = request;
  const written =
    writes === ''
      ? undefined
      : html`<details><summary>LDIF</summary><pre tabindex="0" aria-label="LDIF of request ${requestId}">${writes}</pre></details>`;
  return [
    html`<span class="time">${timeOf(answeredAt)}</span>`,
    tenant,
    credential,
    html`<div class="path"><strong>${method}</strong> <bdi>${path}</bdi><br><span class="soft mono">${requestId}</span></div>`,
    statusOf(status),
    `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`,
    ldapOperations,
    written,
  ];
}

function statusOf(status: number): Html {
  if (status < 400) return html`<span class="good">✓ ${status}</span>`;
  return status < 500 ? html`<span class="warn">! ${status}</span>` : html`<span class="bad">✗ ${status}</span>`;
}

function latencySection({ latencies }: StatusView): Html {
  return html`<p class="soft">All requests since the start.</p>${drawLatencies(latencies)}`;
}

function mappingSection({ mappings }: StatusView): HtmlPart {
  return mappings.map(mappingFile);
}

function mappingFile({ file, resources, settings }: ShownMappingFile, index: number): Html {
  const columns = ['SCIM', '', 'LDAP', 'Kind', ''];
  return html`<h3 id="mapping-${index}"><span class="mono">${file}</span></h3>
${resources.map(
  (resource) => html`<details><summary>${resource.resourceType}: ${resource.lines.length} lines</summary>
<pre tabindex="0" aria-label="Settings of ${resource.resourceType}">${resource.settings}</pre>
${table(
  columns,
  resource.lines.map(({ scim, direction, ldap, kind, details }) => [
    html`<span class="mono">${scim}</span>`,
    direction,
    html`<span class="mono">${ldap}</span>`,
    kind,
    details,
  ]),
)}</details>`,
)}
${settings === '' ? undefined : html`<details><summary>The rest</summary><pre tabindex="0" aria-label="Other settings">${settings}</pre></details>`}
`;
}

// Parts

/** @param columns those that begin with `#` hold numbers */
function table(columns: readonly string[], rows: readonly (readonly HtmlPart[])[]): Html {
  const classes = columns.map((column) => (column.startsWith('#') ? raw(' class="number"') : undefined));
  const head = columns.map((column, index) => html`<th scope="col"${classes[index]}>${column.replace('#', '')}</th>`);
  const body = rows.map((row) => html`<tr>${row.map((cell, index) => html`<td${classes[index]}>${cell}</td>`)}</tr>\n`);
  return html`<div class="table"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** To the second, in UTC: what the log says too. */
function timeOf(milliseconds: number): string {
  return new Date(milliseconds)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z/, ' UTC');
}

/** In the two largest units. */
function durationOf(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}
