import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sendRaw } from '../http/support/raw-request.ts';
import { type Bridge, type BridgeOptions, startBridge } from '../support/bridge.ts';
import { hasBrowser, skippedWithoutBrowser, startBrowser } from '../support/browser.ts';

const HOSTILE = `"'><script>document.title='owned'</script><img src=x onerror="document.title='owned'">`;
const BRAKES = '\nbrakes: { window: 1h, deletes: 0 }\n';

let bridge: Bridge | undefined;
let browser: Browser;

beforeAll(async () => {
  if (hasBrowser) browser = await startBrowser();
});
afterEach(async () => {
  await bridge?.stop();
  bridge = undefined;
});
afterAll(async () => {
  if (hasBrowser) await browser.close();
});

async function start(options: BridgeOptions = {}): Promise<Bridge> {
  bridge = await startBridge(options);
  return bridge;
}

async function pageOf({ adminUrl }: Bridge): Promise<string> {
  const response = await fetch(adminUrl);
  expect(response.status).toBe(200);
  return response.text();
}

describe('the status page as a document', () => {
  it('allows nothing but its own style, and is kept by nobody', async () => {
    const { headers } = await fetch((await start()).adminUrl);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
      ),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
  });

  it('hides values and names of entries, and shows attributes', async () => {
    const running = await start();
    await running.send('POST', '/Users', { userName: 'ada-the-first', title: 'Countess', password: 'difference-engine' });
    const page = await pageOf(running);
    expect(page).toContain('title: ***');
    expect(page).toContain('dn: uid=***,ou=people,dc=example,dc=org');
    expect(page).not.toMatch(/ada-the-first|Countess|difference-engine/);
  });

  it('shows them where the configuration says so, but never a password', async () => {
    const running = await start({ admin: '{ listen: 127.0.0.1:0, values: all }' });
    await running.send('POST', '/Users', { userName: 'ada', title: 'Countess', password: 'difference-engine' });
    const page = await pageOf(running);
    expect(page).toContain('title: Countess');
    expect(page).toContain('dn: uid=ada,ou=people,dc=example,dc=org');
    expect(page).toContain('password modify');
    expect(page).not.toContain('difference-engine');
    for (const secret of [running.ldap.bindPassword, 'a-token-for-the-tests']) expect(page).not.toContain(secret);
  });

  it('escapes whatever clients send', async () => {
    const running = await start({ admin: '{ listen: 127.0.0.1:0, values: all }' });
    await running.send('POST', '/Users', { userName: HOSTILE, title: '</pre><script>' });
    await sendRaw(running, `GET /scim/v2/Users/<script>alert(1)</script>"' HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await running.send('GET', `/${encodeURIComponent(HOSTILE)}\u202e`);
    const page = await pageOf(running);
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toMatch(/<script|<img|\u202e/);
  });

  it('keeps the last hundred requests, and nothing large of them', async () => {
    const running = await start({ admin: '{ listen: 127.0.0.1:0, values: all }' });
    for (let each = 0; each < 120; each += 1) await running.send('GET', `/Users/number-${each}-${'x'.repeat(5000)}`);
    const big = { userName: 'big', title: 'x'.repeat(5000), externalId: 'y'.repeat(5000) };
    await running.send('POST', '/Users', big);
    const page = await pageOf(running);
    expect(page.split('<bdi>').length - 1).toBe(100);
    expect(page).toContain('number-119-');
    expect(page).not.toContain('number-20-');
    expect(page).not.toMatch(/x{1000}/);
  });

  it('says at the top what is wrong', async () => {
    const running = await start({ mapping: (text) => `${text}${BRAKES}` });
    await expect.poll(() => pageOf(running)).toContain('✓ all well');
    const { id } = (await running.send('POST', '/Users', { userName: 'ada' })).body;
    expect((await running.send('DELETE', `/Users/${id}`)).status).toBe(503);
    await running.ldap.slapd.kill('SIGTERM');
    await expect.poll(() => pageOf(running)).toContain('the directory corp cannot be worked with');
    const page = await pageOf(running);
    expect(page).toContain('a brake holds deletes of contoso back');
    expect(page).toContain('brakes release --tenant contoso');
    expect(page).toContain('<title>Trouble');
    await running.ldap.slapd.restart();
  });

  it('is not for names that somebody else may have given this machine', async () => {
    const { adminUrl } = await start();
    const asked = async (host: string) =>
      (await sendRaw({ url: adminUrl }, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).status;
    expect([await asked('rebound.example.org'), await asked('rebound.example.org:9464'), await asked('')]).toEqual([421, 421, 421]);
    expect([await asked('localhost:9464'), await asked('127.0.0.1'), await asked('[::1]:9464')]).toEqual([200, 200, 200]);
  });
});

describe.skipIf(!hasBrowser)(`in a browser${skippedWithoutBrowser}`, () => {
  /** Opens the page after a life with something to see, with what the browser had to say of it. */
  async function open(options: BrowserContextOptions = {}): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
    const running = await start({
      admin: '{ listen: 127.0.0.1:0, values: all }',
      mapping: (text) => `${text}${BRAKES}`,
      auth: '        - { name: next, secret: { env: SCIM_TOKEN }, expires: 2999-01-01 }',
    });
    const { id } = (await running.send('POST', '/Users', { userName: HOSTILE, title: 'Countess' })).body;
    await running.send('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'title', value: HOSTILE }] });
    await running.send('DELETE', `/Users/${id}`);
    await running.send('GET', '/Users/nobody');
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (request.url() !== `${running.adminUrl}/`) complaints.push(request.url());
    });
    await page.goto(running.adminUrl);
    return { page, complaints };
  }

  it('is one document: nothing is loaded, nothing refused, nothing runs', async () => {
    const { page, complaints } = await open();
    expect(await page.title()).toBe('Trouble – SCIM LDAP bridge');
    // Chromium asks for an icon of its own accord.
    expect(complaints.filter((each) => !each.includes('favicon'))).toEqual([]);
    expect(await page.locator('script').count()).toBe(0);
    expect(await page.locator('#requests').textContent()).toContain(HOSTILE);
  });

  it('has everything, also without JavaScript', async () => {
    const { page } = await open({ javaScriptEnabled: false });
    const headings = await page.getByRole('heading', { level: 2 }).allTextContents();
    expect(headings).toEqual([
      'Directories',
      'Tenants',
      'Brakes',
      'What expires',
      'How long requests took',
      'The last requests',
      'Mapping in force',
    ]);
    expect(await page.getByRole('img', { name: 'How long requests took' }).isVisible()).toBe(true);
    const bars = await page.locator('svg .bar').evaluateAll((all) => all.map((bar) => bar.getAttribute('height')));
    expect(bars.filter((height) => height !== '0').length).toBeGreaterThan(0);
    expect(await page.getByRole('cell', { name: '✓ ready' }).isVisible()).toBe(true);
    const ldif = page.locator('#requests pre').first();
    expect(await ldif.isVisible()).toBe(false);
    await page.locator('#requests summary').first().click();
    expect(await ldif.isVisible()).toBe(true);
    expect(await ldif.textContent()).toContain('changetype: modify');
  });

  it('can be used by the keyboard alone', async () => {
    const { page } = await open({ javaScriptEnabled: false });
    const focused = () => page.locator(':focus');
    await page.keyboard.press('Tab');
    expect(await focused().textContent()).toBe('To the state');
    expect(await focused().isVisible()).toBe(true);
    const reached: string[] = [];
    for (let steps = 0; steps < 60 && !reached.some((text) => text === 'LDIF'); steps += 1) {
      await page.keyboard.press('Tab');
      reached.push((await focused().textContent()) ?? '');
    }
    expect(reached).toEqual(expect.arrayContaining(['look again', 'Directories', 'The last requests', 'LDIF']));
    const details = page.locator('#requests details').first();
    await page.keyboard.press('Enter');
    expect(await details.getAttribute('open')).toBe('');
    await page.keyboard.press('Tab');
    expect(await focused().textContent()).toContain('changetype: modify');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Space');
    expect(await details.getAttribute('open')).toBeNull();
  });

  it.each(['light', 'dark'] as const)('has words that can be read in %s', async (colorScheme) => {
    const { page } = await open({ colorScheme });
    const ratios = await page.evaluate(() => {
      const luminance = (color: string): number => {
        const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).slice(0, 3).map((part) => {
          const share = Number(part) / 255;
          return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const ground = (element: Element | null): string => {
        const color = element === null ? 'rgb(255, 255, 255)' : getComputedStyle(element).backgroundColor;
        return element !== null && /rgba\(.*, 0\)/.test(color) ? ground(element.parentElement) : color;
      };
      return [...document.querySelectorAll('h1, h2, p, a, td, th, summary, .good, .bad, .warn, .soft')].map((element) => {
        const [one = 0, other = 0] = [luminance(getComputedStyle(element).color), luminance(ground(element))].toSorted((a, b) => b - a);
        return { text: element.textContent?.slice(0, 30), ratio: (one + 0.05) / (other + 0.05) };
      });
    });
    // WCAG 2.2, contrast (minimum).
    expect(ratios.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    expect(ratios.length).toBeGreaterThan(50);
  });

  it('fits a telephone', async () => {
    const { page } = await open({ viewport: { width: 380, height: 800 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(380);
  });
});
