import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/telemetry/metrics.ts';

/** Where `npm test` puts it, unless it is installed. */
const env = { PATH: `${process.env['PATH'] ?? ''}${delimiter}${resolve('node_modules/.scim-ldap-bridge/bin')}` };
const hasPromtool = spawnSync('promtool', ['--version'], { env }).status === 0;
const skipped = hasPromtool ? '' : " (skipped: there is no promtool, which Debian's package prometheus has)";

const FOLDER = 'deploy/monitoring';

let text: string;
/** With the names that Prometheus gives the parts of a histogram. */
let names: ReadonlySet<string>;

beforeAll(async () => {
  const metrics = createMetrics('1.2.3');
  metrics.requests.requestEnded({
    tenant: 'contoso',
    credential: 't',
    requestId: '1',
    route: 'GET /Users/:id',
    method: 'GET',
    path: '/scim/v2/Users/1',
    status: 200,
    milliseconds: 3,
    ldapOperations: 1,
    describeWrites: () => () => '',
  });
  metrics.observerOf('corp').operationEnded('search', 0, 3);
  metrics.watch(() => ({
    directories: new Map([
      ['corp', { health: () => ({ ready: true }), statistics: () => ({ server: 'ldap://a', connections: 1, inFlight: 0, waiting: 0 }) }],
    ]),
    brakes: new Map([
      ['contoso', { read: () => ({ counts: { creates: { counted: 1, most: 2 } }, holding: [], releasedUntil: undefined }) }],
    ]),
    expiries: [{ what: 'certificate', expires: 0 }],
    reload: { successful: true, lastSuccess: 0 },
    interruptedWrites: 0,
  }));
  ({ text } = await metrics.print());
  const typed = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)];
  names = new Set(
    typed.flatMap(([, name = '', type]) => (type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).map((end) => name + end)),
  );
});

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

const dashboard = JSON.parse(readFileSync(join(FOLDER, 'dashboard.json'), 'utf8')) as Dashboard;
const alerts = readFileSync(join(FOLDER, 'alerts.yaml'), 'utf8');
const alertNames = [...alerts.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name = '']) => name);
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const expressions = [...panels.flatMap(({ targets = [] }) => targets), ...dashboard.annotations.list].map(({ expr }) => expr);

function namedIn(...texts: readonly string[]): readonly string[] {
  return texts.flatMap((each) => each.match(/\bscim_ldap_bridge_\w+/g) ?? []);
}

function promtool(args: readonly string[], input = ''): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { env, input, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

describe('the dashboard', () => {
  it('asks for metrics that exist', () => {
    const asked = namedIn(...expressions, ...dashboard.templating.list.flatMap(({ definition = '' }) => definition));
    expect(asked.filter((name) => !names.has(name))).toEqual([]);
    expect(new Set(asked).size).toBeGreaterThan(25);
  });

  it('explains each panel, and lays none over another', () => {
    expect(panels.filter(({ title, description = '' }) => title === '' || description === '')).toEqual([]);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(dashboard.panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });

  it('knows the variables that it uses', () => {
    const known = new Set(dashboard.templating.list.map(({ name }) => name));
    const used = [...JSON.stringify(dashboard).matchAll(/\$\{?([a-z]\w*)/g)].map(([, name = '']) => name);
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('the alerts', () => {
  it('ask for metrics that exist', () => {
    const asked = namedIn(alerts);
    expect(asked.filter((name) => !names.has(name))).toEqual([]);
    expect(asked.length).toBeGreaterThan(15);
  });

  it('are tested, each where it fires and where it does not', () => {
    const tests = readFileSync(join(FOLDER, 'alerts.test.yaml'), 'utf8');
    for (const name of alertNames) {
      expect(tests, name).toMatch(new RegExp(`\\{ eval_time: \\w+, alertname: ${name} \\}`));
      expect(tests, name).toMatch(new RegExp(`alertname: ${name}\\n +exp_alerts:\\n +- exp_labels`));
    }
  });

  it('stand in docs/monitoring.md, with what to do', () => {
    const page = readFileSync('docs/monitoring.md', 'utf8');
    const headings = [...page.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    expect(headings).toEqual(alertNames);
    const runbooks = [...alerts.matchAll(/^ +runbook: (\S+)$/gm)].map(([, runbook]) => runbook);
    expect(runbooks).toEqual(alertNames.map((name) => `docs/monitoring.md#${name.toLowerCase()}`));
  });
});

describe.skipIf(!hasPromtool)(`promtool${skipped}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-promtool-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['check', 'rules', 'alerts.yaml'],
    ['check', 'config', 'prometheus.yaml'],
    ['test', 'rules', 'alerts.test.yaml'],
  ])('%s %s %s', (...command) => {
    const file = join(FOLDER, command.pop() ?? '');
    expect(promtool([...command, file])).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') });
  });

  it('can tell: a rule that does not fire fails', () => {
    writeFileSync(join(folder, 'alerts.yaml'), alerts.replace('brake_tripped == 1', 'brake_tripped == 2'));
    writeFileSync(join(folder, 'alerts.test.yaml'), readFileSync(join(FOLDER, 'alerts.test.yaml')));
    expect(promtool(['test', 'rules', join(folder, 'alerts.test.yaml')])).toEqual({
      status: 1,
      output: expect.stringContaining('ScimBrakeTripped'),
    });
  });

  it('finds nothing to say of the metrics', () => {
    expect(promtool(['check', 'metrics'], text)).toEqual({ status: 0, output: '' });
    expect(promtool(['check', 'metrics'], '# TYPE wrong_total gauge\nwrong_total 1\n').status).not.toBe(0);
  });

  it('understands every expression of the dashboard', () => {
    const rules = expressions.map((expr, index) => {
      const plain = expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, '.*');
      return `      - { record: 'panel:${index}', expr: ${JSON.stringify(plain)} }`;
    });
    const file = join(folder, 'dashboard-rules.yaml');
    writeFileSync(file, `groups:\n  - name: dashboard\n    rules:\n${rules.join('\n')}\n`);
    expect(promtool(['check', 'rules', file])).toEqual({ status: 0, output: expect.stringContaining(`${rules.length} rules found`) });
  });
});
