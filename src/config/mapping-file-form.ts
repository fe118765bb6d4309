import { attributeLine } from './attribute-line-form.ts';
import { parsePurgeAfter, parseWindow } from './bridge-values.ts';
import { example } from './example-form.ts';
import { choice, closedMap, dictionary, flag, format, integer, list, oneOf, oneOrMore, parsed, text } from './form.ts';
import type { BrakesSection, DeletionSection, GeneratedLine, GroupLocation, IdSection } from './mapping-file.ts';
import { Mistake } from './mistake.ts';
import type { YamlPath } from './yaml-source.ts';

/** How a mapping file is written; what comes out is a `MappingFile`. Keys named in `notYet` belong to the language, but not to this version. */

const templates = oneOrMore(text);
const write = oneOf(['always', 'once']);

const templateMap = closedMap(
  { template: templates, unique: flag.default(false), write: write.exactOptional() },
  {
    notYet: [],
    readAs: { name: 'a template line', because: 'random or allocate would make it another kind' },
    alternatives: ['random', 'allocate'],
  },
);

/** These are made once, and may say so. */
const once = parsed((written) =>
  written === 'once' ? written : new Mistake('a value of this kind is made once', 'write: once, or leave it out'),
);

/** Shorter ones could be guessed. */
const SHORTEST_RANDOM = 16;

const randomMap = closedMap(
  { random: integer(SHORTEST_RANDOM, 128), write: once.default('once') },
  { notYet: [], readAs: { name: 'a random line', because: '"random" makes it one' } },
);

function parseRange(written: string): { from: number; to: number } | Mistake {
  const [, from = Number.NaN, to = Number.NaN] = (/^(\d{1,15})-(\d{1,15})$/.exec(written) ?? []).map(Number);
  return from <= to ? { from, to } : new Mistake(`"${written}" is not a range of numbers`, 'the least and the greatest, as in 20000-59999');
}

const numberMap = closedMap(
  { allocate: parsed(parseRange), counter: text, write: once.default('once') },
  { notYet: [], readAs: { name: 'a line that allocates numbers', because: '"allocate" makes it one' } },
);

const generatedLine = choice<GeneratedLine>(
  (written) => {
    if (typeof written !== 'object' || written === null || Array.isArray(written)) {
      return templates.transform((several) => ({
        kind: 'template' as const,
        templates: several,
        places: placesOf(written, []),
        unique: false,
        write: 'always' as const,
      }));
    }
    if (Object.hasOwn(written, 'random')) return randomMap.transform(({ random }) => ({ kind: 'random' as const, random }));
    if (Object.hasOwn(written, 'allocate')) {
      return numberMap.transform(({ allocate, counter }) => ({ kind: 'number' as const, allocate, counter }));
    }
    return templateMap.transform(({ template, unique, write: given = unique ? 'once' : 'always' }) => ({
      kind: 'template' as const,
      templates: template,
      places: placesOf((written as { readonly template: unknown }).template, ['template']),
      unique,
      write: given,
    }));
  },
  [templates, templateMap, randomMap, numberMap],
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

function parseRemove(written: string): 'remove' | Mistake {
  if (written === 'remove') return written;
  const [kind, details] = written === 'move' ? ['move', "base: 'ou=leavers,…'"] : ['deactivate', 'mark: { ldap: …, value: … }'];
  const help = `write { ${kind}: { ${details}, rdn: '{ldap:uid}-{id}' } }`;
  return new Mistake(`"${written}" is not remove, nor a map of deactivate or move`, help);
}

const remove = parsed(parseRemove).transform(() => ({ kind: 'remove' as const }));
const ofKeptEntries = { rdn: text, set: dictionary(text).default(() => new Map()), clear: oneOrMore(text).default([]) };
const deactivate = closedMap({
  deactivate: closedMap({ mark: closedMap({ ldap: text, value: text }), ...ofKeptEntries }),
}).transform(({ deactivate: written }) => ({ kind: 'deactivate' as const, ...written }));
const move = closedMap({
  move: closedMap({
    base: text,
    ...ofKeptEntries,
    purgeAfter: parsed(parsePurgeAfter).exactOptional(),
    reviveBy: text.exactOptional(),
  }),
}).transform(({ move: written }) => ({ kind: 'move' as const, ...written }));

const onDelete = choice<DeletionSection>(
  (written) => {
    if (typeof written !== 'object' || written === null) return remove;
    return Object.hasOwn(written, 'deactivate') ? deactivate : move;
  },
  [remove, deactivate, move],
);

const resourceKeys = {
  base: text,
  filter: text,
  id,
  rdn: text,
  objectClass: oneOrMore(text),
  adopt: oneOf(['never', 'listed', 'any']).exactOptional(),
  attributes: dictionary(attributeLine),
  generated: dictionary(generatedLine).default(() => new Map()),
  onDelete: onDelete.default({ kind: 'remove' }),
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

/** What the standard says of an attribute beside its type (RFC 7643 §7). */
const characteristics = {
  multiValued: flag.default(false),
  description: text.exactOptional(),
  required: flag.exactOptional(),
  canonicalValues: oneOrMore(text).exactOptional(),
  caseExact: flag.exactOptional(),
  mutability: oneOf(['readOnly', 'readWrite', 'immutable', 'writeOnly']).exactOptional(),
  returned: oneOf(['always', 'never', 'default', 'request']).exactOptional(),
  uniqueness: oneOf(['none', 'server', 'global']).exactOptional(),
  referenceTypes: oneOrMore(text).exactOptional(),
};

// RFC 7643 §2.2: "string" unless said.
const schemaSubAttribute = closedMap({ type: oneOf(SIMPLE_TYPES).default('string'), ...characteristics });

const schemaAttribute = closedMap({
  type: oneOf([...SIMPLE_TYPES, 'complex']).default('string'),
  ...characteristics,
  subAttributes: dictionary(schemaSubAttribute).exactOptional(),
});

function parseUrn(written: string): string | Mistake {
  if (/^urn:[a-z0-9][a-z0-9-]{0,31}:\S+$/i.test(written)) return written;
  return new Mistake(`"${written}" is not a URN`, 'such as urn:example:scim:schemas:extension:acme:2.0:User');
}

const schemaSection = closedMap({
  extends: oneOf(['User', 'Group']),
  description: text.exactOptional(),
  attributes: dictionary(schemaAttribute),
});

function parseBudget(written: string): { readonly count: number } | { readonly percent: number } | Mistake {
  const { digits, percent } = /^(?<digits>\d{1,9})(?<percent>%)?$/.exec(written)?.groups ?? {};
  const number = Number(digits);
  if (digits !== undefined && percent === undefined) return { count: number };
  if (digits !== undefined && number <= 100) return { percent: number };
  return new Mistake(`"${written}" is not a budget`, 'a number, or a share of all users such as 5%');
}

const budget = parsed(parseBudget).exactOptional();

const brakes = closedMap({
  window: parsed(parseWindow).default(3_600_000),
  creates: budget,
  updates: budget,
  renames: budget,
  disables: budget,
  deletes: budget,
  memberRemovals: budget,
}).transform(({ window, ...most }): BrakesSection => ({ windowMs: window, most }));

/** `true`, or the name of another class; undefined where it is `false`. */
const markerClass = text.transform((word) => (word === 'true' ? 'scimObject' : word === 'false' ? undefined : word));

export const mappingFileForm = closedMap({
  format,
  users: userSection,
  groups: groups.default([]),
  schemas: dictionary(schemaSection, parsed(parseUrn, text, 'key')).default(() => new Map()),
  unmapped: oneOf(['ignore', 'reject']).default('ignore'),
  unknown: oneOf(['ignore', 'reject']).default('ignore'),
  protected: closedMap({ below: list(text).default([]), matching: list(text).default([]), owned: markerClass.exactOptional() }).prefault(
    {},
  ),
  examples: list(example).exactOptional(),
  brakes: brakes.exactOptional(),
});
