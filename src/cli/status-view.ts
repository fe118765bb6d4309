import type { MappingFile } from '../config/mapping-file.ts';
import type { Plan } from '../mapping/plan.ts';
import type { RequestHistory } from '../status/request-history.ts';
import type { ShownMappingFile, StatusView } from '../status/status-view.ts';
import type { PresentState } from './service-telemetry.ts';
import { describeMapping } from './show/describe-mapping.ts';
import { formatDetails, formatSettings } from './show/plain.ts';

/** What the service knows beside its state. */
export interface OwnHistory {
  readonly now: number;
  readonly version: string;
  readonly startedAt: number;
  readonly history: RequestHistory;
}

/** How a service stands, as its status page shows it: the mapping as `show` does. */
export function statusView({ inForce, reload }: PresentState, { history, ...own }: OwnHistory): StatusView {
  const { directories, brakes, intents, expiries } = inForce;
  const { bridge, plans, mappings } = inForce.configuration;
  const showsValues = bridge.admin?.values === 'all';
  return {
    ...own,
    showsValues,
    reload,
    interruptedWrites: intents.waiting,
    directories: [...directories].map(([name, { ldap }]) => ({ name, ...ldap.health(), ...ldap.statistics() })),
    tenants: [...bridge.tenants].map(([name, { path, directory, mapping }]) => ({
      name,
      url: `${bridge.publicUrl}${path}`,
      directory,
      mapping,
      brakes: brakes.get(name)?.read(),
    })),
    expiries,
    requests: history.requests.map((request) => (request.showsValues && !showsValues ? { ...request, writes: '# hidden\n' } : request)),
    latencies: history.latencies,
    mappings: [...mappings].flatMap(([path, file]) => {
      const plan = plans.get(path);
      return plan === undefined ? [] : [shownMapping(path, file, plan)];
    }),
  };
}

function shownMapping(path: string, file: MappingFile, plan: Plan): ShownMappingFile {
  const { resources, settings } = describeMapping(file, plan);
  return {
    file: path,
    settings: formatSettings(settings),
    resources: resources.map(({ resourceType, settings: own, attributes, generated }) => ({
      resourceType,
      settings: formatSettings(own),
      lines: [
        ...attributes.map(({ scim, direction, ldap = '', kind, details }) => ({
          scim,
          direction,
          ldap,
          kind,
          details: formatDetails(details),
        })),
        ...generated.map(({ ldap, templates, details }) => ({
          scim: templates.join(' | '),
          direction: '->',
          ldap,
          kind: 'generated',
          details: formatDetails(details),
        })),
      ],
    })),
  };
}
