import type { DeletionSection, ResourceSection } from '../config/mapping-file.ts';
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
  const template = compileRdn([...source, 'rdn'], onDelete.rdn, rdn, resourceType, context);
  if (onDelete.kind === 'deactivate') {
    refuseOwnedMark([...source, 'mark', 'ldap'], onDelete.mark.ldap, lenses, context);
    return { ...onDelete, rdn: template, source };
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
  return { kind: 'move', branch: { base, dn }, rdn: template, source, purgeAfter, reviveBy };
}

/** The filter of a plan without the entries that are kept after a DELETE. */
export function withoutDeleted(filter: LdapFilter, onDelete: Deletion): LdapFilter {
  if (onDelete.kind !== 'deactivate') return filter;
  return allOf(filter, negate({ kind: 'equality', attribute: onDelete.mark.ldap, value: onDelete.mark.value }));
}

/** Two who leave one after the other may have had one name: only the id keeps them apart. */
function compileRdn(path: YamlPath, text: string, rdn: string, resourceType: ResourceType, { report }: CompileContext): Template {
  try {
    const template = parseTemplate(text, resourceType, { knowsId: true });
    const isId = (part: Template['parts'][number]) => part.kind === 'scim' && part.path.attribute.name === 'id' && !part.path.isExtension;
    if (template.parts.some((part) => part.kind === 'scim' && !isId(part))) {
      report(path, 'value', 'the name of an entry that is kept is made of {id} and of LDAP attributes', {
        help: `such as '{ldap:${rdn}}-{id}'`,
      });
    } else if (!template.parts.some(isId))
      report(path, 'value', 'two leavers of one name would collide: it needs {id}', { help: `such as '{ldap:${rdn}}-{id}'` });
    return template;
  } catch (error) {
    if (!(error instanceof PhraseError)) throw error;
    const { reason, offset, length, help } = error;
    report(path, 'value', reason, { offset, length, ...(help === undefined ? {} : { help }) });
    return { text, parts: [] };
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
