import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FIRST_START_MS, hasContainerEngine, skippedWithoutEngine } from '../support/container-engine.ts';
import { packageFile, type SystemdContainer, startSystemd } from './support/systemd-container.ts';

const UNIT = 'scim-ldap-bridge';
const CONFIGURATION = `/etc/${UNIT}/bridge.yaml`;
const TOKEN = 'a-token-for-the-tests';

/** @param change of a key of the service, or of where its secrets are */
function bridgeText({
  listen = '127.0.0.1:8080',
  admin = '127.0.0.1:9464',
  audit = `/var/log/${UNIT}/audit.log`,
  title = 'contoso',
} = {}): string {
  return `format: 1
listen: ${listen}
publicUrl: https://scim.example.org
admin: ${admin}
audit: { file: ${audit} }
directories:
  corp:
    urls: ldap://127.0.0.1:3389
    bindDn: cn=scim-bridge,ou=services,dc=example,dc=org
    bindPassword: { file: ldap-bind }
    timeout: 20s
tenants:
  ${title}:
    path: /scim/v2
    directory: corp
    mapping: /etc/${UNIT}/mappings/openldap.yaml
    auth: { tokens: [{ name: tests, secret: { file: token } }] }
`;
}

/** What a shell in the container calls to speak SCIM. */
const CURL = `curl --silent --max-time 25 --header 'Authorization: Bearer ${TOKEN}'`;
const STATUS = `${CURL} --output /dev/null --write-out '%{http_code}'`;
const USERS = 'http://127.0.0.1:8080/scim/v2/Users';

describe.skipIf(!hasContainerEngine)(`the unit under systemd${skippedWithoutEngine}`, { timeout: 120_000 }, () => {
  let machine: SystemdContainer;

  beforeAll(async () => {
    const [file, started] = await Promise.all([packageFile(), startSystemd()]);
    machine = started;
    await machine.copyIn(file, '/root/package.deb');
    await machine.must('dpkg --install /root/package.deb');
    await machine.write(`/etc/${UNIT}/ldap-bind`, 'bridge-secret\n');
    await machine.write(`/etc/${UNIT}/token`, TOKEN);
    await machine.write(`/etc/systemd/system/${UNIT}.service.d/token.conf`, `[Service]\nLoadCredential=token:/etc/${UNIT}/token\n`);
    await machine.must('systemctl daemon-reload && systemctl start directory');
  }, FIRST_START_MS);
  afterAll(async () => machine?.stop());

  beforeEach(async () => {
    await machine.sh(
      `systemctl stop ${UNIT}.socket ${UNIT} '${UNIT}@*'; systemctl reset-failed; systemctl kill --signal=CONT directory; systemctl start directory`,
    );
    await machine.write(CONFIGURATION, bridgeText());
  });

  const property = async (name: string, unit = UNIT) => (await machine.must(`systemctl show --value --property ${name} ${unit}`)).trim();
  const answers = (url = USERS, curl = STATUS) => machine.sh(`${curl} '${url}'`).then(({ output }) => output);
  const journal = () =>
    machine.must(`journalctl --unit ${UNIT} --no-pager --invocation=0 2>/dev/null || journalctl --unit ${UNIT} --no-pager`);
  const start = () => machine.must(`systemctl start ${UNIT}`);
  const until = async (value: () => Promise<string>, expected: RegExp | string): Promise<void> => {
    await expect.poll(value, { timeout: 60_000, interval: 100 }).toMatch(expected);
  };

  it('is exposed no more than 1.5, and instances are the same unit', async () => {
    for (const unit of [UNIT, `${UNIT}@one`, `${UNIT}-purge`]) {
      const overall = await machine.must(`systemd-analyze security --no-pager ${unit}.service | grep Overall`);
      expect(Number(/: ([\d.]+)/.exec(overall)?.[1])).toBeLessThanOrEqual(1.5);
    }
    expect((await machine.sh(`systemd-analyze verify ${UNIT}.service ${UNIT}@one.service ${UNIT}.socket ${UNIT}-purge.timer`)).output).toBe(
      '',
    );
    const [plain, template] = ['', '@'].map((at) =>
      readFileSync(`deploy/systemd/${UNIT}${at}.service`, 'utf8').replaceAll(/^(?:#|Description=).*/gm, ''),
    );
    expect(template?.replaceAll('/%i/', '/').replaceAll('-%i', '')).toBe(plain);
  });

  it('starts with a password that only root can read, writes a user, and leaves a line in its LogsDirectory', async () => {
    await start();
    expect(await property('StatusText')).toMatch(/^serving http:\/\/127.0.0.1:8080; directory corp/);
    const user = JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada', name: { familyName: 'L' } });
    expect(await answers(USERS, `${STATUS} --json '${user}' --header 'Content-Type: application/scim+json'`)).toBe('201');
    expect(await machine.must(`cat /var/log/${UNIT}/audit.log`)).toContain('uid=ada,ou=people,dc=example,dc=org');
    expect(await machine.must(`stat --format '%a %U' /etc/${UNIT}/ldap-bind`)).toBe('600 root\n');
    expect(await property('UID')).not.toBe('0');
    await until(() => property('StatusText'), /directory corp answers/);
  });

  it('is ready while the directory is away, answers 503, and serves when it is back', async () => {
    await machine.must('systemctl stop directory');
    await start();
    expect([await property('ActiveState'), await answers()]).toEqual(['active', '503']);
    await until(() => property('StatusText'), /directory corp is away/);
    await machine.must('systemctl start directory');
    await until(() => answers(), '200');
  });

  it('reloads a good file, and keeps what it has when the file is bad: systemctl reload fails and says why', async () => {
    await start();
    const pid = await property('MainPID');
    await machine.write(CONFIGURATION, bridgeText().replace('path: /scim/v2', 'path: /other'));
    await machine.must(`systemctl reload ${UNIT}`);
    await until(() => answers(), '404');
    await machine.write(CONFIGURATION, bridgeText().replace('directory: corp', 'directory: crop'));
    expect((await machine.sh(`systemctl reload ${UNIT}`)).code).toBe(1);
    await until(() => property('StatusText'), /THE LATEST RELOAD WAS REFUSED/);
    expect(await journal()).toContain('did you mean "corp"?');
    expect([await answers(USERS.replace('/scim/v2', '/other')), await property('MainPID'), await property('ActiveState')]).toEqual([
      '200',
      pid,
      'active',
    ]);
  });

  it('is started again when it hangs, and when it crashes', async () => {
    await machine.write(`/run/systemd/system/${UNIT}.service.d/soon.conf`, '[Service]\nWatchdogSec=3\nTimeoutAbortSec=1\n');
    await machine.must('systemctl daemon-reload');
    await start();
    const first = await property('MainPID');
    await machine.must(`kill -STOP ${first}`);
    await until(() => property('MainPID'), new RegExp(`^(?!0$|${first}$)`));
    expect(await journal()).toContain('Watchdog timeout');
    await until(() => answers(), '200');
    await machine.must(`rm -r /run/systemd/system/${UNIT}.service.d; systemctl daemon-reload`);

    const second = await property('MainPID');
    await machine.must(`kill -SEGV ${second}`);
    await until(() => property('MainPID'), new RegExp(`^(?!0$|${second}$)`));
    await until(() => answers(), '200');
  });

  it('finishes what is in flight when it is stopped', async () => {
    await start();
    await until(() => answers(), '200');
    const slapd = await property('MainPID', 'directory');
    await machine.must(`kill -STOP ${slapd}`);
    const slow = answers();
    await until(() => machine.must('curl --silent http://127.0.0.1:9464/metrics | grep ^scim_ldap_bridge_http_requests_in_flight'), / 1$/m);
    const stopped = machine.must(`systemctl stop ${UNIT}`);
    await until(() => property('StatusText'), /finishing the requests in flight/);
    await machine.must(`kill -CONT ${slapd}`);
    expect(await slow).toBe('200');
    await stopped;
    expect([await property('Result'), await property('ExecMainStatus')]).toEqual(['success', '0']);
  });

  it('ends with 78 for a wrong file, and is not started again', async () => {
    await machine.write(CONFIGURATION, 'format: 1\n');
    expect((await machine.sh(`systemctl start ${UNIT}`)).code).toBe(1);
    expect([await property('ActiveState'), await property('ExecMainStatus'), await property('NRestarts')]).toEqual(['failed', '78', '0']);
    expect(await journal()).toContain('"directories" is missing');
  });

  it('says so when a password is missing, rather than failing without a word', async () => {
    await machine.must(`mv /etc/${UNIT}/ldap-bind /root/ldap-bind`);
    const { code } = await machine.sh(`systemctl start ${UNIT}`);
    await machine.must(`mv /root/ldap-bind /etc/${UNIT}/ldap-bind`);
    expect([code, await property('ExecMainStatus')]).toEqual([1, '78']);
    expect(await journal()).toMatch(/the secret .*ldap-bind is empty/);
  });

  it('takes the socket that systemd opened, on a port below 1024 too, and loses no connection to a restart', async () => {
    await machine.write(`/etc/systemd/system/${UNIT}.socket.d/port.conf`, '[Socket]\nListenStream=\nListenStream=127.0.0.1:80\n');
    await machine.write(CONFIGURATION, bridgeText({ listen: 'systemd' }));
    await machine.must(`systemctl daemon-reload && systemctl start ${UNIT}.socket`);
    expect(await property('ActiveState')).toBe('inactive');
    const url = 'http://127.0.0.1/scim/v2/Users';
    await until(() => answers(url), '200');
    const many = machine.must(`for _ in 1 2 3 4 5 6 7 8 9 10; do ${STATUS} ${url}; echo; done`);
    await machine.must(`systemctl restart ${UNIT}`);
    expect((await many).trim().split('\n')).toEqual(Array.from({ length: 10 }, () => '200'));
  });

  it('runs beside others of its kind, each with its own files', async () => {
    for (const [name, port] of [
      ['one', 8081],
      ['two', 8082],
    ] as const) {
      const audit = `/var/log/${UNIT}-${name}/audit.log`;
      await machine.write(
        `/etc/${UNIT}/${name}/bridge.yaml`,
        bridgeText({ listen: `127.0.0.1:${port}`, admin: `127.0.0.1:${port + 1000}`, audit }),
      );
      await machine.must(`cp /etc/${UNIT}/ldap-bind /etc/${UNIT}/${name}/`);
    }
    await machine.write(`/etc/systemd/system/${UNIT}@.service.d/token.conf`, `[Service]\nLoadCredential=token:/etc/${UNIT}/token\n`);
    await machine.must(`systemctl daemon-reload && systemctl start ${UNIT}@one ${UNIT}@two`);
    for (const port of [8081, 8082]) await until(() => answers(USERS.replace('8080', String(port))), '200');
    await machine.must(`systemctl stop ${UNIT}@one`);
    expect(await answers(USERS.replace('8080', '8082'))).toBe('200');
    expect(await machine.must(`ls -d /var/lib/${UNIT}-*/`)).toBe(`/var/lib/${UNIT}-one/\n/var/lib/${UNIT}-two/\n`);
  });

  it('purges by its timer', async () => {
    await machine.write(`/etc/systemd/system/${UNIT}-purge.service.d/token.conf`, `[Service]\nLoadCredential=token:/etc/${UNIT}/token\n`);
    await machine.must(`systemctl daemon-reload && systemctl start ${UNIT}-purge.timer ${UNIT}-purge.service`);
    expect(await property('Result', `${UNIT}-purge.service`)).toBe('success');
  });
});
