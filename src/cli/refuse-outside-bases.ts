import type { AuthSection, RightsSection } from '../config/auth-section.ts';
import type { Diagnostic } from '../config/diagnostic.ts';
import type { ConfigurationFiles } from '../config/load-configuration.ts';
import type { YamlPath } from '../config/yaml-source.ts';
import { isWithin, parseDn } from '../ldap/dn.ts';
import { TextError } from '../ldap/text-error.ts';
import { type Plan, plansOf } from '../mapping/plan.ts';

/**
 * What is wrong with the `base` of credentials: it has to be a DN at or below one of the bases of the tenant's mapping file. Beside
 * them such a credential would see nothing, and above them it would not be confined.
 *
 * @param plans by the path in `TenantSection.mapping`; a tenant whose mapping file has mistakes is judged when those are mended
 */
export function refuseOutsideBases({ bridge, source }: ConfigurationFiles, plans: ReadonlyMap<string, Plan>): readonly Diagnostic[] {
  return [...bridge.tenants].flatMap(([name, { auth, mapping }]) => {
    const plan = plans.get(mapping);
    if (plan === undefined) return [];
    const bases = [...new Set(plansOf(plan).flatMap(({ branches }) => branches.map(({ base }) => base)))];
    return confinedCredentials(auth).flatMap(({ place, base }) => {
      const mistake = mistakeIn(base, bases);
      return mistake === undefined ? [] : [source.report(['tenants', name, 'auth', ...place, 'base'], 'value', ...mistake)];
    });
  });
}

function mistakeIn(base: string, bases: readonly string[]): readonly [message: string, options: { help?: string }] | undefined {
  try {
    parseDn(base);
  } catch (error) {
    if (error instanceof TextError) return [`not a DN: ${error.message}`, {}];
    throw error;
  }
  if (bases.some((each) => isWithin(base, each))) return undefined;
  return ["it lies below no base of the tenant's mapping file", { help: `one of, or below one of: ${bases.join('; ')}` }];
}

/** The credentials with a base of their own, and where below `auth` each stands. */
function confinedCredentials({ tokens, certificates, entra, oauth }: AuthSection): readonly { place: YamlPath; base: string }[] {
  const all: readonly { place: YamlPath; rights: RightsSection }[] = [
    ...tokens.map(({ rights }, index) => ({ place: ['tokens', index], rights })),
    ...certificates.map(({ rights }, index) => ({ place: ['certificates', index], rights })),
    ...(entra === undefined ? [] : [{ place: ['entra'], rights: entra.rights }]),
    ...(oauth?.clients ?? []).map(({ rights }, index) => ({ place: ['oauth', 'clients', index], rights })),
  ];
  return all.flatMap(({ place, rights: { base } }) => (base === undefined ? [] : [{ place, base }]));
}
