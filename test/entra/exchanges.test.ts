import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { parseExchange } from '../support/exchange.ts';
import { overlayMapping, runExchange } from '../support/exchange-runner.ts';

const EXCHANGES = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.exchange'))
  .toSorted()
  .map((name) => ({ name, exchange: parseExchange(readFileSync(`${import.meta.dirname}/${name}`, 'utf8')) }));

for (const [mapping, exchanges] of Map.groupBy(EXCHANGES, ({ exchange }) => exchange.mapping)) {
  describe(`openldap.yaml ${mapping.replace(/\s+/g, ' ')}`, () => {
    let bridge: Bridge;
    beforeAll(async () => {
      bridge = await startBridge({ mapping: (shipped) => overlayMapping(shipped, mapping) });
    });
    afterAll(() => bridge.stop());

    test.for(exchanges)('$name', async ({ exchange }) => {
      const { expected, actual } = await runExchange(exchange, bridge);
      expect(actual).toBe(expected);
    });
  });
}

describe('the runner itself', () => {
  const RIGHT = `# A case that holds.
--- given
dn: uid=mara,ou=people,dc=example,dc=org
entryUUID: {id:mara}
objectClass: inetOrgPerson
uid: mara
cn: Mara Wolf
sn: Wolf
title: Planner

--- request
PATCH /scim/v2/Users/{id:mara}

{ "Operations": [{ "op": "remove", "path": "title" }] }
--- answer
200

{
  "name": { "formatted": "Mara Wolf", "familyName": "Wolf" },
  "id": "{id:mara}", "userName": "mara", "active": true,
  "schemas": ["{any}:User"]
}
--- directory
dn: uid=mara,ou=people,dc=example,dc=org
entryUUID: {id:mara}
objectClass: inetOrgPerson
uid: mara
sn: Wolf
cn: Mara Wolf
`;
  let bridge: Bridge;
  beforeAll(async () => {
    bridge = await startBridge();
  });
  afterAll(() => bridge.stop());

  test('passes a case that holds', async () => {
    const { expected, actual } = await runExchange(parseExchange(RIGHT), bridge);
    expect(actual).toBe(expected);
  });

  test.for([
    ['another status', '--- answer\n200', '--- answer\n204'],
    ['a header that is not there', '--- answer\n200', '--- answer\n200\nETag: W/"1"'],
    ['another value', '"Wolf"', '"wolf"'],
    ['a member too many', '"active": true', '"active": true, "title": "Planner"'],
    ['a member too few', '"active": true,', ''],
    ['a value of another type', 'true', '"true"'],
    ['an id of another name', '"{id:mara}"', '"{id:other}"'],
    ['another attribute value', 'sn: Wolf\ncn', 'sn: wolf\ncn'],
    ['an attribute value too many', 'sn: Wolf\ncn', 'sn: Wolf\nsn: Berg\ncn'],
    ['an attribute too few', 'sn: Wolf\ncn: Mara Wolf\n', 'cn: Mara Wolf\n'],
    ['an entry too many', 'sn: Wolf\ncn: Mara Wolf\n', 'sn: Wolf\ncn: Mara Wolf\n\ndn: uid=x,ou=people,dc=example,dc=org\nuid: x\n'],
    ['a change where none was announced', /--- directory[^]*/, ''],
    ['no entry left', /--- directory[^]*/, '--- directory\n'],
  ] as const)('finds %s', async ([, right, wrong]) => {
    const { expected, actual } = await runExchange(parseExchange(RIGHT.replace(right, wrong)), bridge, 0);
    expect(actual).not.toBe(expected);
  });

  test.for([
    ['Mara Wolf', 'expected a comment or "--- request" (line 1)'],
    ['--- given\n', 'there is no "--- request" (line 1)'],
    ['--- answer\n200', '"--- answer" has no place here (line 1)'],
    ['# one\n--- request\nGET /', 'a request without "--- answer" (line 2)'],
    ['--- request\n/scim/v2/Users\n--- answer\n200', 'a request begins with its method and target (line 1)'],
    ['--- request\nGET /scim/v2/Users\n--- answer\nOK', 'an answer begins with its status (line 3)'],
    ['--- request\nGET /scim/v2/Users\n{}\n--- answer\n200', '{}: is no header (line 1)'],
  ] as const)('refuses %j', ([text, message]) => {
    expect(() => parseExchange(text)).toThrow(message);
  });
});
