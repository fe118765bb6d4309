import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isInstalled } from '../../deploy/checkout/debian-packages.mjs';
import { FIRST_START_MS, hasContainerEngine, skippedWithoutEngine } from '../support/container-engine.ts';
import { packageFile, type SystemdContainer, startSystemd } from './support/systemd-container.ts';

const run = promisify(execFile);
const ETC = '/etc/scim-ldap-bridge';

const hasLintian = isInstalled('lintian');

describe.skipIf(!hasLintian)(`lintian${hasLintian ? '' : ' (skipped: there is no lintian)'}`, () => {
  it('finds nothing', { timeout: FIRST_START_MS }, async () => {
    const options = ['--fail-on', 'error,warning,info', '--allow-root', '--tag-display-limit', '0'];
    const { stdout } = await run('lintian', [...options, await packageFile()]);
    expect(stdout).toBe('');
  });
});

const hasRpm = isInstalled('rpmspec');

describe.skipIf(!hasRpm)(`the spec of the .rpm${hasRpm ? '' : ' (skipped: there is no rpmspec)'}`, () => {
  it('is understood by rpm, and names the files of the .deb', { timeout: FIRST_START_MS }, async () => {
    const { stdout, stderr } = await run('rpmspec', ['--parse', 'deploy/rpm/scim-ldap-bridge.spec']);
    expect(stderr).toBe('');
    const { stdout: list } = await run('dpkg-deb', ['--contents', await packageFile()]);
    const configuration = Array.from(list.matchAll(/ \.(\/etc\/\S+[^/\s])(?: ->.*)?$/gm), ([, path]) => path);
    expect(configuration).not.toEqual([]);
    const kept = Array.from(stdout.matchAll(/^%config\(noreplace\) (\S+)$/gm), ([, path = '']) => path);
    expect(configuration.filter((path = '') => !kept.some((each) => path.startsWith(each)))).toEqual([]);
  });
});

describe.skipIf(!hasContainerEngine)(`the package on a machine${skippedWithoutEngine}`, { timeout: 120_000 }, () => {
  let machine: SystemdContainer;

  beforeAll(async () => {
    const [file, started] = await Promise.all([packageFile(), startSystemd()]);
    machine = started;
    await machine.copyIn(file, '/root/package.deb');
  }, FIRST_START_MS);
  afterAll(async () => machine?.stop());

  it('is installed by one command, starts nothing, and says the next three steps', async () => {
    const said = await machine.must('DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends /root/package.deb');
    expect(said).toMatch(
      / 1\. Say where it is[^]* 2\. Check it: +scim-ldap-bridge check --online\s+3\. Start it: +systemctl enable --now scim-ldap-bridge\s/,
    );
    expect((await machine.sh('systemctl is-active scim-ldap-bridge; systemctl is-enabled scim-ldap-bridge')).output).toBe(
      'inactive\ndisabled\n',
    );
    expect(await machine.must(`stat --format '%a %U' ${ETC}/ldap-bind`)).toBe('600 root\n');
  });

  it('brings a program that is in the path, with its own Node.js', async () => {
    expect(await machine.must('scim-ldap-bridge check')).toContain(`${ETC}/bridge.yaml is in order`);
    expect((await machine.sh('command -v node')).code).not.toBe(0);
  });

  it('brings manual pages without a mistake, in step with the program', async () => {
    for (const page of ['8 scim-ldap-bridge', '5 scim-ldap-bridge-mapping']) {
      const [section = '', name = ''] = page.split(' ');
      expect(
        await machine.must(
          `zcat /usr/share/man/man${section}/${name}.${section}.gz | LC_ALL=C.UTF-8 MANWIDTH=150 man --warnings -l - 2>&1 >/dev/null`,
        ),
      ).toBe('');
    }
    const words = (text: string) => new Set(text.match(/--?[a-z][a-z-]+|[a-z]{3,}/g));
    const page = await machine.must('LC_ALL=C.UTF-8 MANWIDTH=200 man 8 scim-ldap-bridge');
    expect([...words(await machine.must('scim-ldap-bridge --help'))].filter((word) => !words(page).has(word))).toEqual([]);
    const mapping = await machine.must('LC_ALL=C.UTF-8 MANWIDTH=200 man 5 scim-ldap-bridge-mapping');
    const schema = readFileSync('config/mapping.schema.json', 'utf8');
    for (const key of ['whenEmpty', 'purgeAfter', 'reviveBy', 'placement', 'brakes', 'owned']) {
      expect(schema).toContain(`"${key}"`);
      expect(mapping).toContain(key);
    }
  });

  it('completes commands and options in bash', async () => {
    const complete = (...line: readonly string[]) =>
      machine.must(
        `bash -c '. /usr/share/bash-completion/completions/scim-ldap-bridge; COMP_WORDS=(${line.join(' ')}); COMP_CWORD=${line.length - 1}; _scim_ldap_bridge; echo \${COMPREPLY[@]}'`,
      );
    expect(await complete('scim-ldap-bridge', 'ser')).toBe('serve\n');
    expect(await complete('scim-ldap-bridge', 'check', '--on')).toBe('--online\n');
    expect(await complete('scim-ldap-bridge', 'brakes', 're')).toBe('release\n');
    expect(await complete('scim-ldap-bridge', 'check', '--config', '/etc/scim-ldap-bridge/br')).toContain(`${ETC}/bridge.yaml`);
  });

  it('lets logrotate move the audit trail, after which the daemon goes on in a new file', async () => {
    await machine.must(`printf secret > ${ETC}/ldap-bind; systemctl start scim-ldap-bridge`);
    const { output } = await machine.sh(
      'echo x >> /var/log/scim-ldap-bridge/audit.log; logrotate --force /etc/logrotate.d/scim-ldap-bridge',
    );
    expect(output).toBe('');
    await expect.poll(() => machine.sh('ls /var/log/scim-ldap-bridge').then((result) => result.output)).toBe('audit.log\naudit.log.1\n');
  });

  it('keeps what was edited in an upgrade, and restarts what runs', async () => {
    await machine.must(`sed -i 's/^log: info/log: warn/' ${ETC}/bridge.yaml`);
    const pid = () => machine.must('systemctl show --value --property MainPID scim-ldap-bridge');
    const before = await pid();
    await machine.must(
      'dpkg-deb --raw-extract /root/package.deb /root/next && sed -i "s/^Version: .*/Version: 99/" /root/next/DEBIAN/control',
    );
    await machine.must(`echo '# new' >> /root/next${ETC}/mappings/openldap.yaml; dpkg-deb -Znone --build /root/next /root/next.deb`);
    await machine.must('dpkg --install --force-confdef /root/next.deb');
    expect(await machine.must(`grep ^log: ${ETC}/bridge.yaml; tail -n 1 ${ETC}/mappings/openldap.yaml`)).toMatch(
      /^log: warn[^]*\n# new\n$/,
    );
    expect(await pid()).not.toBe(before);
    expect((await machine.sh('systemctl is-active scim-ldap-bridge')).output).toBe('active\n');
  });

  it('leaves a running service alone, and says so, when the new version refuses its configuration', async () => {
    await machine.must(`echo 'nonsense: 1' >> ${ETC}/bridge.yaml`);
    const before = await machine.must('systemctl show --value --property MainPID scim-ldap-bridge');
    expect(await machine.must('dpkg --install --force-confold /root/package.deb 2>&1')).toContain(
      'scim-ldap-bridge.service was not restarted',
    );
    expect(await machine.must('systemctl show --value --property MainPID scim-ldap-bridge')).toBe(before);
  });

  it('is removed with its configuration kept, and purged without a trace', async () => {
    await machine.must('apt-get remove --yes scim-ldap-bridge');
    expect((await machine.sh('systemctl is-active scim-ldap-bridge')).output).toBe('inactive\n');
    await machine.must(`test -e ${ETC}/bridge.yaml && test -e /var/log/scim-ldap-bridge/audit.log`);
    await machine.must('apt-get purge --yes scim-ldap-bridge');
    expect(await machine.must("find / -xdev -path '*scim-ldap-bridge*' -not -path '/root/*' -not -path '/var/log/journal/*'")).toBe('');
  });
});
