import type { Lens } from '../mapping/lens.ts';
import { withValuesAt } from '../mapping/place.ts';
import { isTextLens, isWritten, type ResourcePlan } from '../mapping/plan.ts';
import { newObject, type ScimObject, type ScimValue } from '../scim/resource.ts';
import type { AttributeDefinition } from '../scim/schema.ts';

/** The id that the sample's references name; `rehearse` gives it an entry. */
export const SAMPLE_ID = '6f1c2a0e-3b5d-4c7f-9a8b-1d2e3f405162';

/** A user with everything that Entra sends for it, or another provider: by attribute and sub-attribute, lists with two. */
const SAMPLES: ReadonlyMap<string, readonly string[]> = new Map([
  ['userName', ['ada@contoso.com']],
  ['externalId', ['0f8fad5b-d9cb-469f-a165-70867728950e']],
  ['displayName', ['Ada Lovelace']],
  ['nickName', ['Ada']],
  ['profileUrl', ['https://people.contoso.com/ada']],
  ['title', ['Engineer, Analytical Engine']],
  ['userType', ['Employee']],
  ['preferredLanguage', ['en-US']],
  ['locale', ['en-US']],
  ['timezone', ['Europe/London']],
  ['name.formatted', ['Ada King Lovelace']],
  ['name.givenName', ['Ada']],
  ['name.familyName', ['Lovelace']],
  ['name.middleName', ['King']],
  ['name.honorificPrefix', ['Ms.']],
  ['name.honorificSuffix', ['III']],
  ['emails.value', ['ada@contoso.com', 'ada.lovelace@contoso.com']],
  ['phoneNumbers.value', ['+44 20 7946 0101', '+44 20 7946 0102']],
  ['addresses.formatted', ['18/2111', '19/2112']],
  ['addresses.streetAddress', ['12 St James Square']],
  ['addresses.locality', ['London']],
  ['addresses.region', ['Greater London']],
  ['addresses.postalCode', ['SW1Y 4JH']],
  ['addresses.country', ['United Kingdom']],
  ['employeeNumber', ['701984']],
  ['costCenter', ['4130']],
  ['organization', ['Analytical Engines']],
  ['division', ['Engines']],
  ['department', ['Tour Operations']],
]);

/**
 * A resource in which every line that clients write has its value, and a list two, as a provider with all attributes mapped sends it.
 *
 * @param without the lines to leave out
 */
export function sampleResource(plan: ResourcePlan, without: ReadonlySet<Lens> = new Set()): ScimObject {
  return plan.lenses
    .filter((lens) => isWritten(lens) && lens.kind !== 'constant' && !without.has(lens))
    .reduce<ScimObject>((resource, lens) => withValuesAt(lens.place, resource, samplesFor(lens)), newObject());
}

/** What a client sends for a line. */
export function samplesFor(lens: Lens): readonly ScimValue[] {
  const { kind, place, definition } = lens;
  if (kind === 'reference') return [definition.type === 'complex' ? newObject([['value', SAMPLE_ID]]) : SAMPLE_ID];
  if (kind === 'state') return [true];
  if (kind === 'password') return ['Analytical-Engine-1843'];
  const { attribute, sub } = place.path;
  const samples = SAMPLES.get(sub === undefined ? attribute.name : `${attribute.name}.${sub.name}`) ?? samplesOf(definition);
  const wanted = place.kind === 'list' ? samples : samples.slice(0, 1);
  return isTextLens(lens) ? wanted.map(lens.sampleLike) : wanted;
}

function samplesOf(definition: AttributeDefinition): readonly ScimValue[] {
  switch (definition.type) {
    case 'boolean':
      return [true];
    case 'integer':
      return [42, 43];
    case 'decimal':
      return [4.5, 5.5];
    case 'dateTime':
      return ['2026-01-31T08:30:00Z', '2026-02-28T08:30:00Z'];
    case 'binary':
      return [JPEG, `${JPEG.slice(0, -4)}AAAA`];
    case 'reference':
      return ['https://people.contoso.com/ada', 'https://people.contoso.com/lovelace'];
    case 'complex':
      return [
        newObject(
          definition.subAttributes.flatMap((sub) =>
            samplesOf(sub)
              .slice(0, 1)
              .map((value) => [sub.name, value] as const),
          ),
        ),
      ];
    case 'string':
      return ['Analyst', 'Programmer'];
    default:
      return definition.type satisfies never;
  }
}

/** The beginning of a picture (JFIF), which servers look at, as base64. */
const JPEG = '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//AAAA';
