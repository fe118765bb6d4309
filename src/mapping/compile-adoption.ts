import type { ResourceSection } from '../config/mapping-file.ts';
import type { YamlPath } from '../config/yaml-source.ts';
import { allOf, EVERYTHING } from '../ldap/filter.ts';
import type { CompileContext } from './compile-context.ts';
import type { Adoption, ResourcePlan } from './plan.ts';
import type { ReferenceTarget } from './reference-table.ts';

/** What marks our own entries, unless `protected: { owned: … }` names another class. */
const MARK = 'scimObject';

/** The section's `adopt`; `hideUnmarked` makes it true. By default no group that carries rights is taken over for its name. */
export function compileAdoption(
  target: ReferenceTarget,
  at: YamlPath,
  { adopt, objectClass }: Pick<ResourceSection, 'adopt' | 'objectClass'>,
  { file, report }: CompileContext,
): Adoption {
  const mark = file.protected.owned ?? MARK;
  const isMarked = objectClass.some((name) => name.toLowerCase() === mark.toLowerCase());
  const kind = adopt ?? (target === 'groups' && isMarked ? 'never' : 'any');
  if (kind === 'any') return { kind };
  if (!isMarked) {
    report([...at, 'adopt'], 'value', `objectClass lacks "${mark}", so nothing tells our own ${target} from those that others made`, {
      help: 'add it to objectClass; or name an auxiliary class that is there: protected: { owned: NAME }',
    });
  }
  return { kind, mark, filter: EVERYTHING };
}

/** The plan without the entries that others made and nobody handed to us. */
export function hideUnmarked(plan: ResourcePlan): ResourcePlan {
  const { adoption, filter } = plan;
  if (adoption.kind === 'any') return plan;
  const isMarked = { kind: 'equality', attribute: 'objectClass', value: adoption.mark } as const;
  return { ...plan, filter: allOf(filter, isMarked), adoption: { ...adoption, filter } };
}
