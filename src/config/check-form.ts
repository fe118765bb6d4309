import type * as z from 'zod';
import { type Diagnostic, inFileOrder } from './diagnostic.ts';
import { didYouMean } from './did-you-mean.ts';
import { detailsOf, type MapDetails } from './form.ts';
import { isYamlMap, type YamlValue } from './yaml-nodes.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

/** Finds what no form can see because it lies between lines; must bear with data of any form. */
export type Rule = (written: YamlValue, source: YamlSource) => readonly Diagnostic[];

interface ReadFile {
  readonly source: YamlSource;
  readonly value: YamlValue;
  readonly mistakes: readonly Diagnostic[];
}

/** What a form makes of a file that was read, or all that is wrong with the file. */
export function checkForm<Form extends z.ZodType>(
  form: Form,
  { source, value, mistakes }: ReadFile,
  rule: Rule = () => [],
): { readonly ok: true; readonly value: z.output<Form> } | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] } {
  const format = isYamlMap(value) ? value['format'] : undefined;
  if (typeof format === 'string' && format !== '1') {
    // Every other complaint would be about a language that the file isn't written in.
    return {
      ok: false,
      diagnostics: [source.report(['format'], 'value', `format ${format} is not known`, { help: 'this version reads format 1' })],
    };
  }
  const result = form.safeParse(value);
  const issues = result.success ? [] : result.error.issues;
  const diagnostics = [...mistakes, ...diagnoseIssues(issues, value, source), ...rule(value, source)];
  if (result.success && diagnostics.length === 0) return { ok: true, value: result.data };
  return { ok: false, diagnostics: inFileOrder(diagnostics) };
}

type Issue = z.core.$ZodIssue;

function diagnoseIssues(issues: readonly Issue[], value: YamlValue, source: YamlSource): readonly Diagnostic[] {
  const explained = new Set(issues.flatMap((issue) => missingKeysExplained(issue)));
  return issues.flatMap((issue) => {
    const path = yamlPath(issue);
    const standing = standsAt(value, path);
    if (standing === 'refused') return [];
    if (standing === 'nothing' && (explained.has(placeOf(path)) || explained.has(placeOf([...path.slice(0, -1), '*'])))) return [];
    const { at = 'value', help, predicate, unknownIn } = detailsOf(issue);
    if (unknownIn !== undefined) return [diagnoseKey(path, unknownIn, source)];
    const message = predicate === true ? `${nameOf(path)} ${issue.message}` : issue.message;
    return [source.report(path, standing === 'nothing' ? 'key' : at, message, help === undefined ? {} : { help })];
  });
}

function diagnoseKey(path: YamlPath, map: MapDetails, source: YamlSource): Diagnostic {
  const key = String(path.at(-1));
  if (map.notYet.includes(key)) return source.report(path, 'key', `"${key}" is not supported yet`);
  const meant = suggestion(key, map);
  const reason = map.readAs === undefined ? '' : `${map.readAs.because}; `;
  const help = meant === undefined ? `${reason}the keys here are: ${map.keys.join(', ')}` : `did you mean "${meant}"?`;
  return source.report(path, 'key', `unknown key "${key}"${map.readAs === undefined ? '' : ` in ${map.readAs.name}`}`, { help });
}

function suggestion(key: string, { keys, alternatives = [] }: MapDetails): string | undefined {
  // A key that is right elsewhere was not mistyped.
  return alternatives.includes(key) ? undefined : didYouMean(key, [...keys, ...alternatives]);
}

function nameOf(path: YamlPath): string {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  return typeof last === 'number' ? 'an item of this list' : `"${last}"`;
}

/** A mistyped key needs no second complaint that the right one is missing, and one that isn't supported yet may stand for any. */
function missingKeysExplained(issue: Issue): readonly string[] {
  const { unknownIn } = detailsOf(issue);
  if (unknownIn === undefined) return [];
  const path = yamlPath(issue);
  const key = String(path.at(-1));
  const explained = unknownIn.notYet.includes(key) ? '*' : suggestion(key, unknownIn);
  return explained === undefined ? [] : [placeOf([...path.slice(0, -1), explained])];
}

function placeOf(path: YamlPath): string {
  return JSON.stringify(path);
}

/** Whether the file has something at a path, had something that was refused already, or never had anything. */
function standsAt(value: YamlValue, path: YamlPath): 'something' | 'refused' | 'nothing' {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || !Object.hasOwn(current, step)) return 'nothing';
    current = Array.isArray(current) ? (current as readonly YamlValue[])[Number(step)] : isYamlMap(current) ? current[step] : undefined;
  }
  return current === undefined ? 'refused' : 'something';
}

function yamlPath({ path }: Issue): YamlPath {
  return path.map((step) => (typeof step === 'number' ? step : String(step)));
}
