import type { MappingFile, ResourceSection } from '../config/mapping-file.ts';
import type { YamlPath } from '../config/yaml-source.ts';
import { type Plan, plansOf, type ResourcePlan } from '../mapping/plan.ts';

/** A part of the mapping file that describes one kind of entry: as it is written, as it is in force, and where it stands. */
export interface Section {
  readonly path: YamlPath;
  readonly written: ResourceSection;
  readonly plan: ResourcePlan;
  /** Where new entries go, and then where deleted ones do that are kept; and where the file says so. */
  readonly bases: readonly { readonly dn: string; readonly path: YamlPath }[];
}

export function sectionsOf(file: MappingFile, plan: Plan): readonly Section[] {
  const written = [file.users, ...file.groups];
  return plansOf(plan).flatMap((each, index) => {
    const section = written[index];
    return section === undefined ? [] : [makeSection(each, section)];
  });
}

function makeSection(plan: ResourcePlan, written: ResourceSection): Section {
  const path = plan.source;
  const { onDelete, branches } = plan;
  const departed = onDelete.kind === 'move' ? [{ dn: onDelete.branch.base, path: [...onDelete.source, 'base'] }] : [];
  const placed = branches.map(({ base }) => ({ dn: base, path: [...path, ...placeOfBase(base, written)] }));
  return { path, written, plan, bases: [...placed, ...departed] };
}

/** Branches come from `placement`, from the line of an account state that moves entries, and from `base`. */
function placeOfBase(base: string, { placement, attributes }: ResourceSection): YamlPath {
  const placed = placement.findIndex((each) => each.base === base);
  if (placed >= 0) return ['placement', placed, 'base'];
  const [state] = [...attributes].find(([, line]) => 'inactiveBase' in line && line.inactiveBase === base) ?? [];
  return state === undefined ? ['base'] : ['attributes', state, 'inactiveBase'];
}

/** Where a line under `attributes` stands. */
export function lineAt(section: Section, scimPath: string): YamlPath {
  return [...section.path, 'attributes', scimPath];
}
