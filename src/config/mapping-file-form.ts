import { attributeLine } from './attribute-line-form.ts';
import { example } from './example-form.ts';
import { choice, closedMap, dictionary, flag, format, list, oneOf, oneOrMore, parsed, text, textOrLaterMap, wordOf } from './form.ts';
import type { GeneratedLine, GroupLocation, IdSection } from './mapping-file.ts';
import { Mistake } from './mistake.ts';
import type { YamlPath } from './yaml-source.ts';

/** How a mapping file is written; what comes out is a `MappingFile`. Keys named in `notYet` belong to the language, but not to this version. */

const write = oneOf(['always', 'once']);

const templates = oneOrMore(text);
const generatedMap = closedMap(
  { template: templates, write: write.default('always') },
  { notYet: ['allocate', 'counter', 'random', 'unique'] },
);

const generatedLine = choice<GeneratedLine>(
  (written) => {
    if (typeof written === 'string' || Array.isArray(written)) {
      return templates.transform((several) => ({ templates: several, places: placesOf(written, []), write: 'always' as const }));
    }
    return generatedMap.transform(({ template, ...rest }) => ({
      templates: template,
      places: placesOf((written as { readonly template: unknown }).template, ['template']),
      ...rest,
    }));
  },
  [templates, generatedMap],
);

/** Where the templates of a line stand, below `parent`: one is there itself, several are its items. */
function placesOf(written: unknown, parent: YamlPath): readonly YamlPath[] {
  return Array.isArray(written) ? written.map((_, index) => [...parent, index]) : [parent];
}

const meta = closedMap({
  created: text.default('createTimestamp'),
  lastModified: text.default('modifyTimestamp'),
  version: text.default('entryCSN'),
});

const idMap = closedMap({ ldap: text, encoding: oneOf(['guid']).exactOptional() });

const id = choice<IdSection>(
  (written) => (typeof written === 'object' && written !== null ? idMap : text.transform((ldap) => ({ ldap }))),
  [text, idMap],
);

const resourceKeys = {
  base: text,
  filter: text,
  id,
  rdn: text,
  objectClass: oneOrMore(text),
  attributes: dictionary(attributeLine),
  generated: dictionary(generatedLine).default(() => new Map()),
  onDelete: parsed(wordOf(['remove'], ['deactivate', 'move']), textOrLaterMap).default('remove'),
  meta: meta.prefault({}),
  placement: list(closedMap({ when: text, base: text })).default([]),
};

const userSection = closedMap(resourceKeys);
const onlyGroups = closedMap(resourceKeys, {
  notYet: [],
  readAs: { name: 'groups', because: '"when" tells the items of a list of locations apart' },
});
const groupLocation = closedMap({ ...resourceKeys, when: text.exactOptional() });

/** One location, or a list of them; each knows where it stands. */
const groups = choice<GroupLocation[]>(
  (written) =>
    Array.isArray(written)
      ? list(groupLocation).transform((sections) => sections.map((section, index) => ({ ...section, at: ['groups', index] })))
      : onlyGroups.transform((section) => [{ ...section, at: ['groups'] }]),
  [onlyGroups, list(groupLocation)],
);

const SIMPLE_TYPES = ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary'] as const;
const laterCharacteristics = ['required', 'canonicalValues', 'caseExact', 'mutability', 'returned', 'uniqueness', 'referenceTypes'];

// RFC 7643 §2.2: "string" unless said.
const schemaSubAttribute = closedMap(
  {
    type: oneOf(SIMPLE_TYPES).default('string'),
    multiValued: flag.default(false),
    description: text.exactOptional(),
  },
  { notYet: laterCharacteristics },
);

const schemaAttribute = closedMap(
  {
    type: oneOf([...SIMPLE_TYPES, 'complex']).default('string'),
    multiValued: flag.default(false),
    description: text.exactOptional(),
    subAttributes: dictionary(schemaSubAttribute).exactOptional(),
  },
  { notYet: laterCharacteristics },
);

function parseUrn(written: string): string | Mistake {
  if (/^urn:[a-z0-9][a-z0-9-]{0,31}:\S+$/i.test(written)) return written;
  return new Mistake(`"${written}" is not a URN`, 'such as urn:example:scim:schemas:extension:acme:2.0:User');
}

const schemaSection = closedMap({
  extends: oneOf(['User', 'Group']),
  description: text.exactOptional(),
  attributes: dictionary(schemaAttribute),
});

export const mappingFileForm = closedMap(
  {
    format,
    users: userSection,
    groups: groups.default([]),
    schemas: dictionary(schemaSection, parsed(parseUrn, text, 'key')).default(() => new Map()),
    unmapped: oneOf(['ignore', 'reject']).default('ignore'),
    unknown: oneOf(['ignore', 'reject']).default('ignore'),
    examples: list(example).exactOptional(),
  },
  { notYet: ['protected', 'brakes'] },
);
