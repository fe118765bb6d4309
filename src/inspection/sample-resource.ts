import type { Lens } from '../mapping/lens.ts';
import { withValuesAt } from '../mapping/place.ts';
import { isTextLens, isWritten, type ResourcePlan } from '../mapping/plan.ts';
import { newObject, type ScimObject, type ScimValue } from '../scim/resource.ts';
import type { AttributeDefinition } from '../scim/schema.ts';

/** The id that the sample's references name; `rehearse` gives it an entry. */
export const SAMPLE_ID = '6f1c2a0e-3b5d-4c7f-9a8b-1d2e3f405162';

/** Two users with everything that Entra, or another provider, sends: by attribute and sub-attribute. */
const SAMPLES: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['userName', ['ada@contoso.com', 'grace@contoso.com']],
  ['externalId', ['0f8fad5b-d9cb-469f-a165-70867728950e', '7c9e6679-7425-40de-944b-e07fc1f90ae7']],
  ['displayName', ['Ada Lovelace', 'Grace Hopper']],
  ['nickName', ['Ada', 'Amazing Grace']],
  ['profileUrl', ['https://people.contoso.com/ada', 'https://people.contoso.com/grace']],
  ['title', ['Engineer, Analytical Engine', 'Rear Admiral']],
  ['userType', ['Employee', 'Contractor']],
  ['preferredLanguage', ['en-US', 'de-DE']],
  ['locale', ['en-US', 'de-DE']],
  ['timezone', ['Europe/London', 'America/New_York']],
  ['name.formatted', ['Ada King Lovelace', 'Grace Murray Hopper']],
  ['name.givenName', ['Ada', 'Grace']],
  ['name.familyName', ['Lovelace', 'Hopper']],
  ['name.middleName', ['King', 'Murray']],
  ['name.honorificPrefix', ['Ms.', 'Dr.']],
  ['name.honorificSuffix', ['III', 'Ph.D.']],
  ['emails.value', ['ada@contoso.com', 'grace@contoso.com']],
  ['phoneNumbers.value', ['+44 20 7946 0101', '+1 425 555 0102']],
  ['addresses.formatted', ['18/2111', '19/2112']],
  ['addresses.streetAddress', ['12 St James Square', '1 Navy Yard']],
  ['addresses.locality', ['London', 'New York']],
  ['addresses.region', ['Greater London', 'NY']],
  ['addresses.postalCode', ['SW1Y 4JH', '10001']],
  ['addresses.country', ['United Kingdom', 'United States']],
  ['employeeNumber', ['701984', '701985']],
  ['costCenter', ['4130', '4131']],
  ['organization', ['Analytical Engines', 'Eckert-Mauchly']],
  ['division', ['Engines', 'Compilers']],
  ['department', ['Tour Operations', 'Research']],
]);

/** Which of the two people a sample is of. */
export type Person = 0 | 1;

/**
 * A resource in which every line that clients write has its value, and a list two, as a provider with all attributes mapped sends it.
 *
 * @param without the lines to leave out
 */
export function sampleResource(plan: ResourcePlan, person: Person, without: ReadonlySet<Lens> = new Set()): ScimObject {
  return plan.lenses
    .filter((lens) => isWritten(lens) && lens.kind !== 'constant' && !without.has(lens))
    .reduce<ScimObject>((resource, lens) => withValuesAt(lens.place, resource, samplesFor(lens, person)), newObject());
}

/** What a client sends for a line. */
export function samplesFor(lens: Lens, person: Person): readonly ScimValue[] {
  const { kind, place, definition } = lens;
  if (kind === 'reference') return [definition.type === 'complex' ? newObject([['value', SAMPLE_ID]]) : SAMPLE_ID];
  if (kind === 'state') return [true];
  if (kind === 'password') return ['Analytical-Engine-1843'];
  const { attribute, sub } = place.path;
  const samples = SAMPLES.get(sub === undefined ? attribute.name : `${attribute.name}.${sub.name}`) ?? samplesOf(definition);
  const wanted = place.kind === 'list' ? samples : [samples[person] ?? samples[0] ?? ''];
  return isTextLens(lens) ? wanted.map(lens.sampleLike) : wanted;
}

function samplesOf(definition: AttributeDefinition): readonly ScimValue[] {
  switch (definition.type) {
    case 'boolean':
      return [true, false];
    case 'integer':
      return [42, 43];
    case 'decimal':
      return [4.5, 5.5];
    case 'dateTime':
      return ['2026-01-31T08:30:00Z', '2026-02-28T08:30:00Z'];
    case 'binary':
      return [JPEG, `${JPEG.slice(0, -4)}AAAA`];
    case 'reference':
      return ['https://people.contoso.com/ada', 'https://people.contoso.com/grace'];
    case 'complex':
      return [0, 1].map((person) => newObject(definition.subAttributes.map((sub) => [sub.name, samplesOf(sub)[person] ?? ''] as const)));
    case 'string':
      return ['Analyst', 'Programmer'];
    default:
      return definition.type satisfies never;
  }
}

/** The beginning of a picture (JFIF), which servers look at, as base64. */
const JPEG = '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//AAAA';
