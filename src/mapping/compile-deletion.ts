import type { DeletionSection, KeptEntrySection, ResourceSection } from '../config/mapping-file.ts';
import type { YamlPath } from '../config/yaml-source.ts';
import { attributeKey, isAttributeDescription } from '../ldap/attribute-description.ts';
import { isWithin } from '../ldap/dn.ts';
import { allOf, type LdapFilter, negate } from '../ldap/filter.ts';
import type { ResourceType } from '../scim/resource-type.ts';
import type { CompileContext } from './compile-context.ts';
import { compileDn } from './compile-dn.ts';
import type { Lens } from './lens.ts';
import { PhraseError } from './phrase-error.ts';
import type { Branch, Deletion } from './plan.ts';
import { parseTemplate, type Template } from './template.ts';

/** The section's `onDelete`. Whoever is deleted is gone for clients (RFC 7644 §3.6): no search may cover what is kept. */
export function compileDeletion(
  at: YamlPath,
  { onDelete, rdn }: Pick<ResourceSection, 'onDelete' | 'rdn'>,
  resourceType: ResourceType,
  lenses: readonly Lens[],
  branches: readonly Branch[],
  context: CompileContext,
): Deletion {
  if (onDelete.kind === 'remove') return onDelete;
  const source = [...at, 'onDelete', onDelete.kind];
  const set = [...onDelete.set].map(([ldap, text]) => {
    const place = [...source, 'set', ldap];
    return { ldap, template: compileTemplate(place, text, resourceType, rdn, context), source: place };
  });
  const kept = { rdn: compileRdn([...source, 'rdn'], onDelete.rdn, rdn, resourceType, context), set, clear: onDelete.clear, source };
  if (onDelete.kind === 'deactivate') {
    const { kind, mark } = onDelete;
    refuseOwnedMark([...source, 'mark', 'ldap'], mark.ldap, lenses, context);
    judgeRewritten(source, onDelete, new Map([[mark.ldap, 'it marks who has been deleted']]), { rdn, lenses }, context);
    return { ...kept, kind, mark };
  }
  const { base, purgeAfter } = onDelete;
  const dn = compileDn([...source, 'base'], base, context);
  const covering = branches.find((branch) => isWithin(dn, branch.dn));
  if (dn.length > 0 && covering !== undefined) {
    context.report([...source, 'base'], 'value', `searches cover it, below ${covering.base}: deleted entries would still be found`, {
      help: 'name a branch beside it, or keep them in place with deactivate',
    });
  }
  const reviveBy = compileReviveBy([...source, 'reviveBy'], onDelete, lenses, context);
  judgeRewritten(source, onDelete, new Map([[reviveBy?.ldap ?? '', 'who comes back is known by it']]), { rdn, lenses }, context);
  return { ...kept, kind: 'move', branch: { base, dn }, purgeAfter, reviveBy };
}

/** The filter of a plan without the entries that are kept after a DELETE. */
export function withoutDeleted(filter: LdapFilter, onDelete: Deletion): LdapFilter {
  if (onDelete.kind !== 'deactivate') return filter;
  return allOf(filter, negate({ kind: 'equality', attribute: onDelete.mark.ldap, value: onDelete.mark.value }));
}

/** Two who leave one after the other may have had one name: only the id keeps them apart. */
function compileRdn(path: YamlPath, text: string, rdn: string, resourceType: ResourceType, context: CompileContext): Template {
  const template = compileTemplate(path, text, resourceType, rdn, context);
  if (template.parts.length > 0 && !template.parts.some(({ kind }) => kind === 'scim')) {
    const help = `such as '{ldap:${rdn}}-{id}'`;
    context.report(path, 'value', 'two leavers of one name would collide: it needs {id}', { help });
  }
  return template;
}

/** A template for an entry of which nothing but itself is known. */
function compileTemplate(path: YamlPath, text: string, resourceType: ResourceType, rdn: string, { report }: CompileContext): Template {
  try {
    const template = parseTemplate(text, resourceType, { knowsId: true });
    const isId = (part: Template['parts'][number]) => part.kind === 'scim' && part.path.attribute.name === 'id' && !part.path.isExtension;
    if (template.parts.some((part) => part.kind === 'scim' && !isId(part))) {
      report(path, 'value', 'what an entry that is kept gets is made of {id} and of LDAP attributes', {
        help: `such as '{ldap:${rdn}}-{id}'`,
      });
    }
    return template;
  } catch (error) {
    if (!(error instanceof PhraseError)) throw error;
    const { reason, offset, length, help } = error;
    report(path, 'value', reason, { offset, length, ...(help === undefined ? {} : { help }) });
    return { text, parts: [] };
  }
}

/** What else has to be as it is, or would better be rewritten: who has left keeps a value from somebody new. */
function judgeRewritten(
  source: YamlPath,
  { set, clear }: KeptEntrySection,
  needed: ReadonlyMap<string, string>,
  { rdn, lenses }: { readonly rdn: string; readonly lenses: readonly Lens[] },
  { report }: CompileContext,
): void {
  const keyed = ([ldap, reason]: readonly [string, string]) => [attributeKey(ldap), reason] as const;
  const state = lenses.flatMap(({ kind, ldap }): [string, string][] =>
    kind === 'state' && ldap !== undefined ? [[ldap, 'it switches the account off']] : [],
  );
  const essential: [string, string][] = [
    [rdn, 'rdn makes its new value'],
    ['objectClass', 'it says what an entry is'],
  ];
  const reasons = new Map([...essential, ...state, ...needed].map(keyed));
  for (const ldap of [...set.keys(), ...clear]) {
    const [place, at] = set.has(ldap) ? ([[...source, 'set', ldap], 'key'] as const) : ([[...source, 'clear'], 'value'] as const);
    const reason = reasons.get(attributeKey(ldap));
    if (!isAttributeDescription(ldap)) report(place, at, `${JSON.stringify(ldap)} can't be an LDAP attribute`);
    else if (reason !== undefined) report(place, at, `${ldap} has to stay as it is: ${reason}`);
  }
  const rewritten = new Set([...reasons.keys(), ...[...set.keys(), ...clear].map(attributeKey)]);
  for (const { path, ldap, kind, definition } of lenses) {
    if (kind !== 'text' || ldap === undefined || definition.uniqueness !== 'server' || rewritten.has(attributeKey(ldap))) continue;
    const message = `who has left keeps ${ldap}: where the directory keeps ${path} unique, nobody new can have the same`;
    report(source, 'key', message, { severity: 'warning', help: `add clear: [${ldap}], or set: { ${ldap}: '{id}' }` });
  }
}

function refuseOwnedMark(path: YamlPath, ldap: string, lenses: readonly Lens[], { report }: CompileContext): void {
  if (!isAttributeDescription(ldap)) report(path, 'value', `${JSON.stringify(ldap)} can't be an LDAP attribute`);
  const owner = lenses.find((lens) => lens.ldap !== undefined && attributeKey(lens.ldap) === attributeKey(ldap));
  if (owner === undefined) return;
  report(path, 'value', `${ldap} is mapped by ${owner.path}: what clients write there would hide resources or show deleted ones`, {
    help: 'take an attribute that nothing else writes',
  });
}

function compileReviveBy(
  path: YamlPath,
  { reviveBy }: Extract<DeletionSection, { kind: 'move' }>,
  lenses: readonly Lens[],
  { report }: CompileContext,
): Lens | undefined {
  if (reviveBy === undefined) return undefined;
  const lens = lenses.find((each) => each.path.toLowerCase() === reviveBy.toLowerCase());
  if (lens?.kind === 'text' && lens.place.kind !== 'list') return lens;
  report(path, 'value', `no line maps ${JSON.stringify(reviveBy)} to a single text`, {
    guess: { written: reviveBy, known: lenses.filter(({ kind }) => kind === 'text').map((each) => each.path) },
  });
  return undefined;
}
