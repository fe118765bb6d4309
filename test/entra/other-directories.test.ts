import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../../src/scim/json.ts';
import { start389ds } from '../support/389ds.ts';
import { type Bridge, startBridge, startBridgeTo, startContainerBridge } from '../support/bridge.ts';
import { FIRST_START_MS, hasContainerEngine, skippedWithoutEngine } from '../support/container-engine.ts';
import { parseExchange } from '../support/exchange.ts';
import { runAnswers } from '../support/exchange-runner.ts';
import { startPosixOpenLdap, startRfc2307OpenLdap, startUniqueNamesOpenLdap } from '../support/openldap-posix.ts';
import { startSamba } from '../support/samba.ts';
import type { TestDirectory } from '../support/test-directory.ts';

const EXCHANGES = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.exchange'))
  .toSorted()
  .map((name) => ({ name, exchange: parseExchange(readFileSync(`${import.meta.dirname}/${name}`, 'utf8')) }))
  .filter(({ exchange }) => exchange.mapping === '');

const PAGE = readFileSync(new URL('../../docs/directories.md', import.meta.url), 'utf8');

/** The exchanges that are answered otherwise, and why, as the page tells operators. */
function differencesUnder(heading: string): ReadonlyMap<string, string> {
  const [, section = ''] = PAGE.split(`\n### ${heading}\n`);
  const rows = section
    .split(/^#/m)[0]
    ?.split('\n')
    .flatMap((line) => {
      const [, , why = '', exchanges = ''] = line.split('|');
      return [...exchanges.matchAll(/`([^`]+)`/g)].map(([, name = '']) => [name, why.trim()] as const);
    });
  return new Map(rows);
}

interface Kind {
  readonly mapping: string;
  readonly isContainer: boolean;
  readonly start: () => Promise<Bridge<TestDirectory>>;
  readonly without: (body: JsonValue) => JsonValue;
  /** Exchanges that are answered otherwise, and why. */
  readonly differs: ReadonlyMap<string, string>;
}

const KINDS: readonly Kind[] = [
  {
    mapping: 'openldap-posix',
    isContainer: false,
    start: async () => startBridgeTo(await startPosixOpenLdap(), 'openldap-posix'),
    without: (body) => body,
    differs: new Map(),
  },
  {
    mapping: 'openldap-rfc2307',
    isContainer: false,
    start: async () => startBridgeTo(await startRfc2307OpenLdap(), 'openldap-rfc2307'),
    without: (body) => body,
    differs: differencesUnder('Groups of RFC 2307'),
  },
  {
    mapping: 'openldap-unique-names',
    isContainer: false,
    start: async () => startBridgeTo(await startUniqueNamesOpenLdap(), 'openldap-unique-names'),
    without: (body) => body,
    differs: new Map(),
  },
  {
    mapping: '389ds',
    isContainer: true,
    start: async () => startContainerBridge(await start389ds(), '389ds'),
    without: (body) => body,
    differs: new Map(),
  },
  {
    mapping: 'active-directory',
    isContainer: true,
    start: async () => startContainerBridge(await startSamba(), 'active-directory'),
    without: withoutFormattedName,
    differs: differencesUnder('Active Directory'),
  },
];

/** Active Directory has no attribute for it. */
function withoutFormattedName(body: JsonValue): JsonValue {
  if (isJsonList(body)) return body.map(withoutFormattedName);
  if (!isJsonObject(body)) return body;
  const members = Object.entries(body).filter(([name, value]) => !(name === 'name' && isJsonObject(value) && isOnlyFormatted(value)));
  return Object.fromEntries(
    members.map(([name, value]) => [name, name === 'name' ? withoutFormatted(value) : withoutFormattedName(value)]),
  );
}

function isOnlyFormatted(name: JsonObject): boolean {
  return Object.keys(name).every((part) => part === 'formatted');
}

function withoutFormatted(name: JsonValue): JsonValue {
  if (!isJsonObject(name)) return name;
  const { formatted: _, ...parts } = name;
  return parts;
}

test('the page names exchanges that there are', () => {
  const names = EXCHANGES.map(({ name }) => name.replace('.exchange', ''));
  const listed = KINDS.flatMap(({ differs }) => [...differs.keys()]);
  expect(listed.length).toBeGreaterThan(0);
  expect(listed.filter((name) => !names.includes(name))).toEqual([]);
});

for (const { mapping, isContainer, start, without, differs } of KINDS) {
  describe.skipIf(isContainer && !hasContainerEngine)(`the answers with ${mapping}${isContainer ? skippedWithoutEngine : ''}`, () => {
    let model: Bridge;
    let bridge: Bridge<TestDirectory>;

    beforeAll(async () => {
      model = await startBridge();
      bridge = await start();
    }, FIRST_START_MS);
    afterAll(async () => {
      await model?.stop();
      await bridge?.stop();
    });

    const reasonOf = (name: string) => differs.get(name.replace('.exchange', ''));

    test.for(EXCHANGES.filter(({ name }) => reasonOf(name) === undefined))('$name', async ({ exchange }) => {
      const { expected, actual } = await runAnswers(exchange, model, bridge, without);
      expect(actual).toBe(expected);
    });

    const others = EXCHANGES.flatMap(({ name, exchange }) => {
      const reason = reasonOf(name);
      return reason === undefined ? [] : { name, exchange, reason };
    });
    test.for(others)('$name is answered otherwise: $reason', async ({ exchange }) => {
      // What the exchange begins with is made by requests too, and may be what is refused.
      const outcome = await runAnswers(exchange, model, bridge, without).catch((error: Error) => error.message);
      if (typeof outcome === 'string') expect(outcome).toMatch(/^expected 2\d\d, got 4\d\d/);
      else expect(outcome.actual).not.toBe(outcome.expected);
    });
  });
}
