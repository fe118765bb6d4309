import { dnKey } from '../ldap/dn.ts';
import { databaseOf, type SlapdDatabase } from '../ldap/slapd-configuration.ts';
import { type Finding, inDirectory } from './finding.ts';
import type { Survey } from './survey.ts';

/** slapd's own, where nothing is configured (slapd.conf(5)). */
const DEFAULT_SIZE_LIMIT = '500';

/** The size limit that slapd has for our account, before a list has grown to it. Needs `cn=config`; lists that end early show it anyway. */
export function inspectLimits({ slapd, sections, bindDn }: Survey): readonly Finding[] {
  if (slapd === undefined || sections.some(({ reach }) => reach === 'serverLimit')) return [];
  const database = databaseOf(sections[0]?.section.bases[0]?.dn ?? '', slapd);
  if (database === undefined || hasNoLimit(database, bindDn)) return [];
  const limit = database.sizeLimit ?? DEFAULT_SIZE_LIMIT;
  return [
    {
      severity: 'warning',
      place: inDirectory('bindDn'),
      message: `${bindDn} is shown ${limit} entries at most, and no line of limits says otherwise: longer lists are refused`,
      help: `limits dn.exact="${bindDn}" size=unlimited size.pr=1000 size.prtotal=unlimited time=unlimited`,
    },
  ];
}

/** Whether the account may read lists of any length, a page at a time. */
export function hasNoLimit({ limits, sizeLimit = DEFAULT_SIZE_LIMIT }: SlapdDatabase, bindDn: string): boolean {
  if (/^(unlimited|-1)$/i.test(sizeLimit)) return true;
  const [who] = limits.filter((limit) => names(limit, bindDn));
  return who !== undefined && /\bsize(\.\w+)?=(unlimited|-1)\b/i.test(who);
}

/** Whether the first word of a limit is about the account: it itself, or everybody. Groups and patterns are taken at their word. */
function names(limit: string, bindDn: string): boolean {
  const [, style = '', dn = ''] = /^(?:dn\.(\w+)="([^"]*)"|\S+)/i.exec(limit) ?? [];
  if (/^(\*|users)\s/i.test(limit) || /^group/i.test(limit)) return true;
  if (style.toLowerCase() === 'exact' || style.toLowerCase() === 'base') return dnKey(dn) === dnKey(bindDn);
  return style !== '' && style.toLowerCase() !== 'anonymous';
}
