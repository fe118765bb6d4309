import type { AttributeLine, ResourceSection, SideEffectsSection, StateLine } from '../config/mapping-file.ts';
import type { YamlPath } from '../config/yaml-source.ts';
import { attributeKey, isAttributeDescription } from '../ldap/attribute-description.ts';
import { isWithin } from '../ldap/dn.ts';
import { parseFilter } from '../scim/parse-filter.ts';
import type { ResourceType } from '../scim/resource-type.ts';
import type { CompileContext } from './compile-context.ts';
import { compileDn } from './compile-dn.ts';
import type { Lens } from './lens.ts';
import { bitStateLens } from './lenses/bit-state.ts';
import { branchStateLens } from './lenses/branch-state.ts';
import { type SideEffects, type StateLens, stateLens } from './lenses/state.ts';
import type { Place } from './place.ts';
import type { Branch } from './plan.ts';

/** The line of `active`. */
export function compileState(at: YamlPath, path: string, place: Place, line: StateLine, context: CompileContext): StateLens | undefined {
  const definition = place.path.sub ?? place.path.attribute;
  if (definition.name !== 'active' || place.path.isExtension) {
    context.report(at, 'value', 'only active is an account state');
    return undefined;
  }
  const whenInactive = compileSideEffects(at, line.whenInactive, context);
  const common = { path, source: at, place, definition, whenInactive };
  if ('inactiveBase' in line) {
    return branchStateLens({ ...common, inactiveBase: compileDn([...at, 'inactiveBase'], line.inactiveBase, context) });
  }
  if ('bit' in line) return bitStateLens({ ...common, ldap: line.ldap, bit: line.bit, initial: line.initial });
  return stateLens({ ...common, ldap: line.ldap, inactive: line.inactive, active: line.active });
}

/** A branch for inactive accounts is a placement like any other: it comes before those that the file lists. */
export function compileInactiveBranch(
  at: YamlPath,
  attributes: ReadonlyMap<string, AttributeLine>,
  lenses: readonly Lens[],
  branches: readonly Branch[],
  resourceType: ResourceType,
  { report }: CompileContext,
): readonly Branch[] {
  const path = lenses.find(({ kind }) => kind === 'state')?.path ?? '';
  const line = attributes.get(path);
  if (line === undefined || !('inactiveBase' in line)) return [];
  const place = [...at, 'attributes', path, 'inactiveBase'];
  // What is wrong with the DN has been said with the line.
  const dn = compileDn(place, line.inactiveBase, { report: () => undefined });
  const above = dn.length === 0 ? undefined : branches.find((branch) => isWithin(branch.dn, dn));
  if (above !== undefined) {
    report(place, 'value', `active entries stand below it too: ${above.base}`, {
      help: 'name a branch that is for inactive accounts only',
    });
  }
  return [{ base: line.inactiveBase, dn, when: parseFilter('active eq false', resourceType) }];
}

function compileSideEffects(at: YamlPath, written: SideEffectsSection | undefined, { report }: CompileContext): SideEffects | undefined {
  if (written === undefined) return undefined;
  const place = [...at, 'whenInactive'];
  for (const name of written.set.keys()) {
    if (!isAttributeDescription(name)) report([...place, 'set', name], 'key', `${JSON.stringify(name)} can't be an LDAP attribute`);
  }
  const unnameable = written.clear.find((name) => !isAttributeDescription(name));
  if (unnameable !== undefined) report([...place, 'clear'], 'value', `${JSON.stringify(unnameable)} can't be an LDAP attribute`);
  if (written.clear.length > 0) {
    report([...place, 'clear'], 'value', 'values that are cleared do not come back when the account is switched on again', {
      severity: 'warning',
    });
  }
  return {
    set: [...written.set].map(([name, value]) => ({ name, values: [value], source: [...place, 'set', name] })),
    clear: written.clear,
  };
}

/** What is set beside the state has no other owner; what is cleared is not what an entry can't do without. */
export function refuseOwnedSideEffects(
  at: YamlPath,
  { rdn, generated }: Pick<ResourceSection, 'rdn' | 'generated'>,
  lenses: readonly Lens[],
  { report }: CompileContext,
): void {
  const state = lenses.find((lens): lens is StateLens => lens.kind === 'state');
  const { set = [], clear = [] } = state?.whenInactive ?? {};
  const isSame = (a: string, b: string | undefined): boolean => b !== undefined && attributeKey(a) === attributeKey(b);
  for (const { name } of set) {
    const owner = lenses.find(({ ldap, definition }) => isSame(name, ldap) && definition.mutability !== 'readOnly')?.path;
    const generator = [...generated.keys()].find((each) => isSame(name, each));
    if (owner === undefined && generator === undefined) continue;
    const place = [...at, 'attributes', state?.path ?? '', 'whenInactive', 'set', name];
    report(place, 'key', `${name} is written by ${owner ?? 'a generated line'} already: an LDAP attribute has one owner`);
  }
  for (const name of clear) {
    if (!isSame(name, rdn) && !isSame(name, 'objectClass') && !isSame(name, state?.ldap)) continue;
    report([...at, 'attributes', state?.path ?? '', 'whenInactive', 'clear'], 'value', `${name} cannot be cleared: an entry needs it`);
  }
}
