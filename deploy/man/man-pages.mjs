import { readFileSync } from 'node:fs';

/**
 * The manual pages, by file name, in roff. What `--help` says and what a mapping file may hold stands in them as the program has it.
 *
 * @param {object} program
 * @param {string} program.version
 * @param {string} program.date of the pages, as `2026-11-24`
 * @param {string} program.help what `--help` prints
 * @param {Schema} program.mappingSchema config/mapping.schema.json
 * @returns {ReadonlyMap<string, string>}
 */
export function manPages({ version, date, help, mappingSchema }) {
  const fill = (/** @type {string} */ name) =>
    readFileSync(new URL(name, import.meta.url), 'utf8')
      .replaceAll('@DATE@', date)
      .replaceAll('@VERSION@', roff(version))
      .replace('@HELP@', () => roff(help.trimEnd()))
      .replace('@KEYS@', () => keysOf(mappingSchema, mappingSchema, []).map(paragraph).join('\n'));
  return new Map(['scim-ldap-bridge.8', 'scim-ldap-bridge-mapping.5'].map((name) => [name, fill(name)]));
}

/**
 * @typedef {object} Schema
 * @property {Record<string, Schema>} [properties]
 * @property {Record<string, Schema>} [patternProperties]
 * @property {Schema | boolean} [additionalProperties]
 * @property {readonly Schema[]} [anyOf]
 * @property {Schema} [items]
 * @property {string} [description]
 * @property {readonly (string | boolean)[]} [enum]
 * @property {string} [$ref]
 * @property {Record<string, Schema>} [$defs]
 */

/** @typedef {{ path: string, description: string, words: readonly string[] }} Key */

/**
 * All keys below a place; those of the line for one SCIM attribute come once, as LINE, however many places it may stand in.
 *
 * @param {Schema} root
 * @param {Schema} schema
 * @param {readonly string[]} path
 * @param {Set<string>} [seen] definitions that have been gone through
 * @returns {Key[]}
 */
function keysOf(root, schema, path, seen = new Set()) {
  if (schema.$ref !== undefined) {
    if (seen.has(schema.$ref)) return [];
    seen.add(schema.$ref);
    return keysOf(root, definition(root, schema.$ref), ['LINE'], seen);
  }
  const below = (schema.anyOf ?? []).flatMap((each) => keysOf(root, each, path, seen));
  const items = schema.items === undefined ? [] : keysOf(root, schema.items, path, seen);
  const named = Object.entries(schema.properties ?? {}).flatMap(([name, each]) => keyOf(root, each, [...path, name], seen));
  const free = typeof schema.additionalProperties === 'object' ? keyOf(root, schema.additionalProperties, [...path, 'NAME'], seen) : [];
  return unique([...named, ...below, ...items, ...free]);
}

/**
 * @param {Schema} root
 * @param {Schema} schema
 * @param {readonly string[]} path
 * @param {Set<string>} seen
 * @returns {Key[]}
 */
function keyOf(root, schema, path, seen) {
  const { description = '' } = schema;
  const below = keysOf(root, schema, path, seen);
  if (path.at(-2) === 'attributes') return below; // SCIM paths, which are no words of this language
  return [{ path: path.join('.'), description, words: wordsOf(schema) }, ...below];
}

/**
 * @param {Schema} schema
 * @returns {readonly string[]}
 */
function wordsOf(schema) {
  const own = (schema.enum ?? []).filter((word) => typeof word === 'string');
  return [...new Set([...own, ...(schema.anyOf ?? []).flatMap((each) => wordsOf(each))])];
}

/**
 * @param {Schema} root
 * @param {string} reference
 * @returns {Schema}
 */
function definition(root, reference) {
  const found = root.$defs?.[reference.replace('#/$defs/', '')];
  if (found === undefined) throw new Error(`there is no ${reference}`);
  return found;
}

/** @param {readonly Key[]} keys */
function unique(keys) {
  return [...new Map(keys.toReversed().map((key) => [key.path, key])).values()].toReversed();
}

/** @param {Key} key */
function paragraph({ path, description, words }) {
  const choice = words.length === 0 ? [] : [roff(`[${words.join(', ')}]`)];
  return ['.TP', `.B ${roff(path)}`, ...[roff(description), ...choice].filter((line) => line !== '')].join('\n');
}

/** @param {string} text */
function roff(text) {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^([.'])/gm, '\\&$1')
    .replaceAll('…', '...');
}
