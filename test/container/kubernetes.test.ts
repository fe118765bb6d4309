import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { isInstalled } from '../../deploy/checkout/debian-packages.mjs';
import { runMain } from '../cli/support/run-main.ts';
import { type Manifest, mistakesIn } from './support/kubernetes-mistakes.ts';
import { run } from './support/run.ts';

const FOLDER = 'deploy/kubernetes';
const SETTINGS = ['bridge.yaml', 'kustomization.yaml'];

const files = readdirSync(FOLDER).filter((name) => !SETTINGS.includes(name));
const manifestIn = (name: string) => parse(readFileSync(join(FOLDER, name), 'utf8'));
const kustomization = manifestIn('kustomization.yaml');
const deployment = manifestIn('deployment.yaml');
const statefulSet = manifestIn('statefulset.yaml');
const service = manifestIn('service.yaml');
const pod = deployment.spec.template.spec;
const [container] = pod.containers;
const mountOf = (name: string): string => container.volumeMounts.find((mount: { readonly name: string }) => mount.name === name)?.mountPath;

describe('deploy/kubernetes', () => {
  it.each(files)('%s is as the schema of Kubernetes says', async (name) => {
    expect(await mistakesIn(manifestIn(name))).toEqual([]);
  });

  it('a wrong value and a misspelt key would be found', async () => {
    const wrong = structuredClone(deployment);
    wrong.spec.replicas = 'two';
    expect((await mistakesIn(wrong)).join()).toMatch(/replicas/);
    const misspelt = structuredClone(deployment);
    misspelt.spec.template.spec.containers[0].securityContext.readonlyRootFilesystem = true;
    expect(await mistakesIn(misspelt)).toEqual(['/spec/template/spec/containers/0/securityContext/readonlyRootFilesystem']);
    expect(await mistakesIn({ ...(service as Manifest), kind: 'Servise' })).toEqual(['there is no schema for v1 Servise']);
  });

  it('names everything that is there', () => {
    expect([...kustomization.resources, 'statefulset.yaml'].toSorted()).toEqual(files.toSorted());
  });

  it('means one set of pods everywhere', () => {
    const labels = deployment.spec.template.metadata.labels;
    expect(deployment.spec.selector.matchLabels).toEqual(labels);
    expect(service.spec.selector).toEqual(labels);
    const budget = manifestIn('pod-disruption-budget.yaml').spec;
    expect(budget.selector.matchLabels).toEqual(labels);
    expect(budget.minAvailable).toBeLessThan(deployment.spec.replicas);
    expect(manifestIn('network-policy.yaml').spec.podSelector.matchLabels).toEqual(labels);
  });

  it('fits the image', () => {
    const dockerfile = readFileSync('Dockerfile', 'utf8');
    const [, exposed] = /^EXPOSE (\d+)$/m.exec(dockerfile) ?? [];
    const [, user, group] = /^USER (\d+):(\d+)$/m.exec(dockerfile) ?? [];
    const [, credentials] = /CREDENTIALS_DIRECTORY=(\S+)/.exec(dockerfile) ?? [];
    const [, state] = /STATE_DIRECTORY=(\S+)/.exec(dockerfile) ?? [];
    expect(container.ports).toEqual([{ name: 'scim', containerPort: Number(exposed) }]);
    expect(service.spec.ports[0].targetPort).toBe('scim');
    expect(pod.securityContext).toMatchObject({ runAsUser: Number(user), runAsGroup: Number(group), fsGroup: Number(group) });
    expect([mountOf('secrets'), mountOf('state')]).toEqual([credentials, state]);
    expect(container.image).toBe(kustomization.images[0].name);
    for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
      expect(dockerfile).toContain(`"${probe.exec.command.join('", "')}"`);
    }
  });

  it('fits the configuration', () => {
    const bridge = manifestIn('bridge.yaml');
    expect(bridge.listen).toBe(`0.0.0.0:${container.ports[0].containerPort}`);
    expect(readFileSync('deploy/container/probe.mjs', 'utf8')).toContain(`?? '${bridge.admin}'`);
    // the default configuration of the program
    expect(mountOf('configuration')).toBe('/etc/scim-ldap-bridge');
    expect(readFileSync('src/main.ts', 'utf8')).toContain("'/etc/scim-ldap-bridge/bridge.yaml'");
  });

  it('gives a stop the time it needs', () => {
    const [, seconds = ''] = /^const STOP_TIMEOUT_MS = (\d+)_000;$/m.exec(readFileSync('src/cli/serve.ts', 'utf8')) ?? [];
    const wait = Number(container.lifecycle.preStop.exec.command[1]);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(wait + Number(seconds));
  });

  it('runs the same pods by a StatefulSet, but for where the state is', () => {
    const [state, ...others] = pod.volumes.toReversed();
    expect(state).toMatchObject({ name: 'state', emptyDir: {} });
    expect(statefulSet.spec.template).toEqual({
      ...deployment.spec.template,
      spec: { ...pod, volumes: others.toReversed() },
    });
    expect(statefulSet.spec.volumeClaimTemplates[0].metadata.name).toBe('state');
  });
});

describe('with a mapping file in its place', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'scim-ldap-bridge-kubernetes-'));
    cpSync(FOLDER, folder, { recursive: true });
    copyFileSync('config/mappings/openldap.yaml', join(folder, 'mapping.yaml'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('the configuration passes check', async () => {
    const { code, stderr } = await runMain(['check', '--config', join(folder, 'bridge.yaml')]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
  });

  const skipped = isInstalled('kubectl') ? '' : ' (skipped: kubectl is not installed)';
  it.skipIf(skipped !== '').each(['deployment.yaml', 'statefulset.yaml'])(`kubectl builds all of it with %s${skipped}`, async (pods) => {
    const text = readFileSync(join(FOLDER, 'kustomization.yaml'), 'utf8');
    writeFileSync(join(folder, 'kustomization.yaml'), text.replace('- deployment.yaml', `- ${pods}`));
    const built = parseAllDocuments(await run('kubectl', ['kustomize', folder])).map((document) => document.toJS());
    expect((await Promise.all(built.map(mistakesIn))).flat()).toEqual([]);
    const configMap = built.find(({ kind }) => kind === 'ConfigMap');
    const { spec } = built.find(({ kind }) => ['Deployment', 'StatefulSet'].includes(kind)).spec.template;
    expect(Object.keys(configMap.data)).toEqual(['bridge.yaml', 'mapping.yaml']);
    expect(spec.volumes[0].configMap.name).toBe(configMap.metadata.name);
    expect(spec.containers[0].image).toBe('registry.example.org/scim-ldap-bridge:0.1.0');
  });
});
