import { describe, expect, test } from 'vitest';
import { type NeededValue, sampleOf } from '../../src/mapping/needed-value.ts';
import type { GeneratedAttribute } from '../../src/mapping/plan.ts';
import { attributesToWrite } from '../../src/mapping/read-entry.ts';
import { planCreate, planUpdate } from '../../src/mapping/write-entry.ts';
import type { WritePlan } from '../../src/mapping/write-plan.ts';
import type { ScimObject } from '../../src/scim/resource.ts';
import { entry } from './support/ada.ts';
import { context, describePlan, read, usersPlan } from './support/plans.ts';

const plan = usersPlan({
  attributes: {
    userName: 'mail',
    title: 'title',
    employeeNumber: 'employeeNumber',
    password: { kind: 'password', ldap: 'userPassword', method: 'plain' },
  },
  generated: {
    uid: {
      kind: 'template',
      templates: ['{title}', '{userName | before "@" | truncate 4}'],
      places: [
        ['uid', 0],
        ['uid', 1],
      ],
      unique: true,
      write: 'once',
    },
    employeeNumber: { kind: 'number', allocate: { from: 7, to: 9 }, counter: 'cn=next,dc=example,dc=org' },
    carLicense: { templates: ['{ldap:employeeNumber}-{ldap:uid}'], places: [], write: 'once' },
    userPassword: { kind: 'random', random: 16 },
  },
});

/** The plan when everything is supplied, and what was asked for on the way. */
function supplied(make: (values: ReadonlyMap<GeneratedAttribute, string>) => WritePlan, give: (needed: NeededValue) => string = sampleOf) {
  const values = new Map<GeneratedAttribute, string>();
  const asked: string[] = [];
  for (;;) {
    const { needs, ...planned } = make(values);
    if (needs === undefined) return { asked, plan: describePlan(planned) };
    expect(planned.changes).toEqual([]);
    asked.push(needs.kind);
    values.set(needs.line, give(needs));
  }
}

const creating = (sent: ScimObject, give?: (needed: NeededValue) => string) =>
  supplied((values) => planCreate(plan, sent, { ...context, supplied: values }), give);

describe('a new entry', () => {
  test('asks for what does not follow from the request, in file order, and lines see what was given before', () => {
    expect(creating({ userName: 'grace@x' })).toEqual({
      asked: ['unique', 'number', 'random'],
      plan: [
        'add',
        'objectClass: top | person | organizationalPerson | inetOrgPerson | scimObject',
        'mail: grace@x',
        'employeeNumber: 7',
        'uid: grac',
        'carLicense: 7-grac',
        'userPassword: xxxxxxxxxxxxxxxx',
      ],
    });
  });

  test('asks with the text that is to be numbered, and where a number fits in', () => {
    const texts: unknown[] = [];
    creating({ userName: 'grace@x' }, (needed) => {
      if (needed.kind === 'unique') texts.push(needed.text);
      return '8';
    });
    expect(texts).toEqual([{ before: '', stem: 'grac', after: '', limit: 4 }]);
  });

  test('asks for nothing that the client says', () => {
    const sent = { userName: 'grace@x', employeeNumber: '5', password: 's3cret' };
    const { asked, plan: planned } = creating({
      ...sent,
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { employeeNumber: '5' },
    });
    expect(asked).toEqual(['unique']);
    expect(planned).toEqual(expect.arrayContaining(['employeeNumber: 5', 'userPassword: s3cret']));
  });

  test('takes no number when it can have no name', () => {
    expect(() => creating({ userName: '@x' })).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidValue' }));
  });

  test('knows the line that each value comes from', () => {
    const values = new Map(plan.generated.map((line) => [line, 'x']));
    const [add] = planCreate(plan, { userName: 'grace@x' }, { ...context, supplied: values }).changes;
    const sources = add?.change.kind === 'add' ? add.change.attributes.map(({ name, source }) => [name, source?.join(' ')]) : [];
    expect(sources).toContainEqual(['uid', 'users generated uid uid 1']);
    expect(sources).toContainEqual(['employeeNumber', 'users generated employeeNumber']);
  });
});

describe('an entry that is there', () => {
  const updating = (of: ReturnType<typeof entry>) => {
    const before = read(plan, of);
    return supplied((values) => planUpdate(plan, plan.lenses, of, before, { ...before, title: 'Dr' }, { ...context, supplied: values }));
  };

  test('gets a number if it has none, and no password', () => {
    expect(updating(entry({ mail: ['ada@x'], userPassword: [] }))).toEqual({
      asked: ['number'],
      plan: ['add title: Dr', 'add employeeNumber: 7', 'add carLicense: 7-ada'],
    });
  });

  test('keeps what it has', () => {
    const of = entry({ mail: ['ada@x'], employeeNumber: ['3'], carLicense: ['x'] });
    expect(updating(of)).toEqual({ asked: [], plan: ['add title: Dr'] });
  });

  test('is read with what is generated, but for what is random: passwords are not ours to read', () => {
    expect(attributesToWrite(plan, plan.lenses)).toEqual(expect.arrayContaining(['uid', 'employeeNumber', 'carLicense']));
    expect(attributesToWrite(plan, [])).not.toContain('userPassword');
  });
});
