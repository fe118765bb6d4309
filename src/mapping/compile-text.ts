import type { EncodingWord, TextLine } from '../config/mapping-file.ts';
import type { YamlPath } from '../config/yaml-source.ts';
import { caseIgnoreKey } from '../ldap/case-ignore.ts';
import { foldCase } from '../scim/evaluate-filter.ts';
import { formatAttributePath } from '../scim/format-filter.ts';
import type { AttributeDefinition, AttributeType } from '../scim/schema.ts';
import type { CompileContext } from './compile-context.ts';
import { type Encoding, encodingFor, otherEncodingsFor, typesOf } from './encodings.ts';
import { splitLens } from './lenses/split.ts';
import { type TextLens, textLens } from './lenses/text.ts';
import { parsePipe } from './parse-pipe.ts';
import { PhraseError } from './phrase-error.ts';
import type { Place } from './place.ts';
import { TABLE_TYPES, transformedEncoding } from './transformed-encoding.ts';
import { type SplitTransform, type Transform, type TwoWayTransform, tableTransform } from './transforms.ts';

type Refuse = (message: string, help?: string, key?: keyof TextLine) => undefined;

/** A text line as a lens; undefined when something is wrong with it, which has been reported then. */
export function compileText(at: YamlPath, path: string, place: Place, line: TextLine, context: CompileContext): TextLens | undefined {
  const { attribute } = place.path;
  const leaf = place.path.sub ?? attribute;
  const refuse: Refuse = (message, help, key) => {
    context.report(key === undefined ? at : [...at, key], 'value', message, help === undefined ? {} : { help });
    return undefined;
  };
  const isOfWholeAttribute = line.returned !== undefined || line.caseExact !== undefined || line.mutability === 'writeOnly';
  if (place.kind === 'element' && isOfWholeAttribute) {
    return refuse(`returned, caseExact and writeOnly hold for all of ${attribute.name}, not for one element`);
  }
  if (leaf.name === 'password') return refuse('a password needs a method', `{ ldap: ${line.ldap}, method: passwordModify }`);
  if (leaf.type === 'complex' && isReference(leaf)) {
    return refuse(`${path} refers to other resources`, `say to which, as in { ldap: ${line.ldap}, refersTo: users }`);
  }
  if (place.kind === 'list' && line.several !== undefined) {
    return refuse('a list has all the values that there are', 'several is for a place with one value: leave it out', 'several');
  }
  const { mutability = leaf.mutability, required = leaf.required, ldap, whenEmpty, several = 'first' } = line;
  const options = { path, source: at, place, definition: { ...leaf, mutability, required }, ldap, whenEmpty };
  if (line.transform !== undefined || line.values !== undefined) {
    const pipe = compilePipe(at, path, leaf, line, refuse, context);
    if (pipe === undefined) return undefined;
    const [whole, parts] = [transformedEncoding(pipe.whole), transformedEncoding(pipe.parts)];
    if (isBlocked(pipe.whole, options.definition) || isBlocked(pipe.parts, options.definition)) {
      const help = 'each transform gets what the one before it leaves, in the letter case that is left';
      return refuse('no value goes through these steps, there and back', help, line.transform === undefined ? 'values' : 'transform');
    }
    if (pipe.split === undefined) return textLens({ ...options, encoding: whole, several });
    if (place.kind === 'list')
      return refuse('split makes one text of all values, and a list has an element for each', undefined, 'transform');
    if (several === 'refuse') return refuse('split takes all values', 'leave several out', 'several');
    return splitLens({ ...options, encoding: parts, whole, separator: pipe.split.separator });
  }
  const encoding = compileEncoding(path, place, line, refuse);
  return encoding === undefined ? undefined : textLens({ ...options, encoding, several });
}

// ---- pipes --------------------------------------------------------------------------------------------------------

/** The steps of a line: those for the whole text and, where it is split, those for each of its parts. */
interface Pipe {
  readonly whole: readonly TwoWayTransform[];
  readonly split: SplitTransform | undefined;
  readonly parts: readonly TwoWayTransform[];
}

function compilePipe(
  at: YamlPath,
  path: string,
  { type }: AttributeDefinition,
  { transform, values, encoding }: TextLine,
  refuse: Refuse,
  { report }: CompileContext,
): Pipe | undefined {
  const key = transform === undefined ? 'values' : 'transform';
  if (encoding !== undefined)
    return refuse(`${key} is for text, and ${encoding} is another way of writing`, 'leave one of the two out', key);
  const types: readonly AttributeType[] = transform === undefined ? [...TABLE_TYPES.keys()] : ['string', 'reference'];
  if (!types.includes(type)) return refuse(`${path} is of type ${type}; ${key} is for ${types.join(', ')}`, undefined, key);
  const steps: Transform[] = [];
  if (transform !== undefined) {
    try {
      steps.push(...parsePipe(transform, 'attributes'));
    } catch (error) {
      if (!(error instanceof PhraseError)) throw error;
      report([...at, 'transform'], 'value', error.reason, error);
      return undefined;
    }
    warnOfNormalising(at, steps, report);
  }
  if (values !== undefined) {
    if (!isTable(at, type, values, report)) return undefined;
    steps.push(tableTransform(values));
  }
  const split = steps.find((step) => step.kind === 'split');
  const index = split === undefined ? steps.length : steps.indexOf(split);
  return { whole: steps.slice(0, index).filter(isTwoWay), split, parts: steps.slice(index).filter(isTwoWay) };
}

/** Whether nothing comes out of the steps as it went in: one undoes what another one needs. */
function isBlocked(steps: readonly TwoWayTransform[], definition: AttributeDefinition): boolean {
  const encoding = transformedEncoding(steps);
  return steps.length > 0 && encoding.decode(encoding.pipe?.sample ?? 'x', definition) === undefined;
}

function isTwoWay(step: Transform): step is TwoWayTransform {
  return step.kind === 'twoWay';
}

function warnOfNormalising(at: YamlPath, steps: readonly Transform[], report: CompileContext['report']): void {
  if (!steps.some((step) => step.kind === 'twoWay' && step.normalises)) return;
  report([...at, 'transform'], 'value', 'what a client reads may differ from what it sent', {
    severity: 'warning',
    help: 'trim, lowercase and uppercase are not undone: let the client send the value in the form in which it is stored',
  });
}

/** A table can be read both ways when nothing stands twice on either side; what doesn't is reported. */
function isTable(at: YamlPath, type: AttributeType, values: ReadonlyMap<string, string>, report: CompileContext['report']): boolean {
  const byStored = new Map<string, string>();
  const seen = new Set<string>();
  let isOne = true;
  for (const [value, stored] of values) {
    const place = [...at, 'values', value];
    const refuse = (half: 'key' | 'value', message: string, help?: string): void => {
      report(place, half, message, help === undefined ? {} : { help });
      isOne = false;
    };
    if (TABLE_TYPES.get(type)?.test(value) !== true) refuse('key', `${JSON.stringify(value)} is not of type ${type}`);
    if (seen.has(foldCase(value))) refuse('key', `${JSON.stringify(value)} is there already, letter case aside`);
    const other = byStored.get(caseIgnoreKey(stored));
    if (other !== undefined) {
      const message = `${JSON.stringify(stored)} stands for ${JSON.stringify(other)} already`;
      refuse('value', message, 'each value has one of its own, or it could not be told which one was meant');
    }
    seen.add(foldCase(value));
    byStored.set(caseIgnoreKey(stored), value);
  }
  return isOne;
}

// ---- encodings ----------------------------------------------------------------------------------------------------

function compileEncoding(path: string, place: Place, line: TextLine, refuse: Refuse): Encoding | undefined {
  const { attribute } = place.path;
  const { type } = place.path.sub ?? attribute;
  const encoding = encodingFor(type, line.encoding);
  if (encoding === undefined) {
    if (line.encoding !== undefined) return refuse(...misfit(path, place, line.encoding), 'encoding');
    const whole = `{ ldap: ${line.ldap}, encoding: json }`;
    return refuse(`${path} is complex: map its sub-attributes`, `as in ${exampleOf(attribute, path)}, or keep it whole: ${whole}`);
  }
  if (encoding.name === 'base64' && line.whenEmpty !== undefined) {
    return refuse('whenEmpty is text, and base64 stands for octets', 'leave one of the two out', 'whenEmpty');
  }
  return encoding;
}

/** Why an encoding doesn't go with what a path names, and what does. */
function misfit(path: string, place: Place, encoding: EncodingWord): readonly [message: string, help: string] {
  const { schema, isExtension, attribute, sub } = place.path;
  const { type } = sub ?? attribute;
  const message = `${path} is of type ${type}; ${encoding} is for ${typesOf(encoding).join(', ')}`;
  if (type === 'complex') return [message, 'json keeps it whole; or map its sub-attributes'];
  if (encoding === 'json' && attribute.type === 'complex') {
    const whole = formatAttributePath({ schema, isExtension, attribute });
    return [message, `leave encoding out, or keep all of it: ${whole}: { ldap: …, encoding: json }`];
  }
  return [message, ['leave encoding out', ...otherEncodingsFor(type)].join(', or use ')];
}

/** Whether an attribute names other resources (RFC 7643 §4.1.2 groups, §4.2 members, §4.3 manager). */
function isReference({ subAttributes }: AttributeDefinition): boolean {
  return subAttributes.some(({ name }) => name === '$ref');
}

function exampleOf(attribute: AttributeDefinition, path: string): string {
  const sub = attribute.subAttributes.find((each) => each.name === 'value') ?? attribute.subAttributes[0];
  const hasType = attribute.multiValued && attribute.subAttributes.some((each) => each.name === 'type');
  return `${path}${hasType ? '[type eq "work"]' : ''}.${sub?.name ?? 'value'}`;
}
