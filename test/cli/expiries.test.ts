import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { warnOfExpiries } from '../../src/cli/expiries.ts';
import { digestToken } from '../../src/http/authenticate.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 1);

it('a warning is there from thirty days before the end on', () => {
  const warnings: unknown[] = [];
  const log = { warn: (fields: object, message: string) => void warnings.push([fields, message.split(':', 1)[0]]) };
  const token = (days: number) => ({ what: 'token', tenant: 'contoso', credential: `in-${days}`, expires: NOW + days * DAY }) as const;
  warnOfExpiries([token(31), token(30), token(0), { what: 'certificate', expires: NOW + DAY }], NOW, log);
  expect(warnings).toEqual([
    [{ what: 'token', tenant: 'contoso', credential: 'in-30', expires: '2026-07-01T00:00:00.000Z' }, 'expires soon'],
    [{ what: 'token', tenant: 'contoso', credential: 'in-0', expires: '2026-06-01T00:00:00.000Z' }, 'has expired'],
    [{ what: 'certificate', expires: '2026-06-02T00:00:00.000Z' }, 'expires soon'],
  ]);
});

describe('a service', () => {
  let bridge: Bridge;
  beforeAll(async () => {
    const hash = digestToken('old').toString('hex');
    bridge = await startBridge({ auth: `        - { name: old, hash: 'sha256:${hash}', expires: 2020-01-01 }` });
  });
  afterAll(() => bridge.stop());

  it('warns when it starts', () => {
    const warnings = bridge.log.map((line) => JSON.parse(line)).filter(({ what }) => what === 'token');
    expect(warnings).toMatchObject([{ level: 40, tenant: 'contoso', credential: 'old', msg: 'has expired' }]);
  });
});
