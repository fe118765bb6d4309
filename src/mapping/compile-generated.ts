import type { GeneratedLine, NumberLine, TemplateLine } from '../config/mapping-file.ts';
import type { YamlPath } from '../config/yaml-source.ts';
import type { ResourceType } from '../scim/resource-type.ts';
import type { CompileContext } from './compile-context.ts';
import { compileDn } from './compile-dn.ts';
import type { Lens } from './lens.ts';
import { PhraseError } from './phrase-error.ts';
import type { GeneratedAttribute } from './plan.ts';
import { parseTemplate, type Template } from './template.ts';

/**
 * One line under `generated`. What is wrong with it has been reported.
 *
 * @param at where it stands
 */
export function compileGenerated(
  at: YamlPath,
  ldap: string,
  line: GeneratedLine,
  resourceType: ResourceType,
  lenses: readonly Lens[],
  context: CompileContext,
): GeneratedAttribute {
  refuseOwned(at, ldap, line, lenses, context);
  switch (line.kind) {
    case 'template': {
      const sources = line.places.map((place) => [...at, ...place]);
      const { unique, write } = line;
      return { kind: 'template', ldap, sources, templates: compileTemplates(at, line, sources, resourceType, context), unique, write };
    }
    case 'random':
      return { kind: 'random', ldap, sources: [at], length: line.random };
    case 'number':
      refuseOtherCounters(at, line, context);
      return { kind: 'number', ldap, sources: [at], ...line.allocate, counter: line.counter };
    default:
      return line satisfies never;
  }
}

/** One owner per LDAP attribute, but what a client doesn't send may be made: a text, and a password that nobody is to know. */
function refuseOwned(at: YamlPath, ldap: string, { kind }: GeneratedLine, lenses: readonly Lens[], { report }: CompileContext): void {
  const owner = lenses.find((lens) => lens.ldap?.toLowerCase() === ldap.toLowerCase() && lens.definition.mutability !== 'readOnly');
  if (owner === undefined || owner.kind === 'text' || (owner.kind === 'password' && kind === 'random')) return;
  report(at, 'key', `${ldap} is written by ${owner.path} already: an LDAP attribute has one owner`);
}

function compileTemplates(
  at: YamlPath,
  line: TemplateLine,
  sources: readonly YamlPath[],
  resourceType: ResourceType,
  { report }: CompileContext,
): readonly Template[] {
  if (line.unique && line.write === 'always') {
    report([...at, 'write'], 'value', 'a unique value is made once: a number that it has got could not be told from a part of it', {
      help: 'write: once, or leave it out',
    });
  }
  return line.templates.flatMap((text, index) => {
    const source = sources[index] ?? at;
    try {
      const template = parseTemplate(text, resourceType);
      const isSplit = template.parts.some((part) => part.kind !== 'literal' && part.pipe.some(({ kind }) => kind === 'split'));
      if (line.unique && isSplit) report(source, 'value', 'split makes several values, and a number belongs to one');
      return [template];
    } catch (error) {
      if (!(error instanceof PhraseError)) throw error;
      report(source, 'value', error.reason, error);
      return [];
    }
  });
}

/** The counter is made where there is none yet: an entry that is called by its cn. */
function refuseOtherCounters(at: YamlPath, { counter }: NumberLine, context: CompileContext): void {
  const place = [...at, 'counter'];
  const [rdn = []] = compileDn(place, counter, context);
  const isNamedByCn = rdn.length === 1 && rdn[0]?.type.toLowerCase() === 'cn';
  if (rdn.length === 0 || isNamedByCn) return;
  context.report(place, 'value', 'the name of a counter begins with cn=', { help: 'as in cn=uidNext,ou=scim,dc=example,dc=org' });
}
