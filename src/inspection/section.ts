import type { MappingFile, ResourceSection } from '../config/mapping-file.ts';
import type { YamlPath } from '../config/yaml-source.ts';
import { type Plan, plansOf, type ResourcePlan } from '../mapping/plan.ts';

/** A part of the mapping file that describes one kind of entry: as it is written, as it is in force, and where it stands. */
export interface Section {
  readonly path: YamlPath;
  readonly written: ResourceSection;
  readonly plan: ResourcePlan;
  /** Where new entries go, and where the file says so; the last one takes all that no other takes. */
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
  const inactive = [...written.attributes].filter(([, line]) => 'inactiveBase' in line);
  const places = [
    ...inactive.map(([scimPath]) => [...path, 'attributes', scimPath, 'inactiveBase']),
    ...written.placement.map((_, index) => [...path, 'placement', index, 'base']),
    [...path, 'base'],
  ];
  return { path, written, plan, bases: plan.branches.map(({ base }, index) => ({ dn: base, path: places[index] ?? path })) };
}

/** Where a line under `attributes` stands. */
export function lineAt(section: Section, scimPath: string): YamlPath {
  return [...section.path, 'attributes', scimPath];
}
