import type { RehearsalReport, TargetReport } from './tally-rehearsal.ts';

/** A part of a report: what it is about, what that means for whoever reads it, and rows of cells. */
export interface ReportSection {
  readonly title: string;
  /** In a sentence or two; absent: the title says it all. */
  readonly meaning?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A report in the order in which people need it: what keeps it from going live first. Sections of which there is nothing to say are left out. */
export function reportSections(report: RehearsalReport): readonly ReportSection[] {
  const { users, groups, overwritten, filled, adoptedGroups, adoptable, unknownReferences } = report;
  const both = [
    ['users', users],
    ['groups', groups],
  ] as const;
  const lines = <T extends { readonly line: number; readonly name: string }>(
    pick: (target: TargetReport) => readonly T[],
    cells: (row: T) => readonly string[],
  ): readonly (readonly string[])[] =>
    both.flatMap(([kind, target]) => pick(target).map((row) => [kind, String(row.line), row.name, ...cells(row)]));
  const sections: readonly ReportSection[] = [
    {
      title: 'Summary',
      columns: ['', 'given', 'match', 'unchanged', 'changed', 'created', 'renamed', 'moved', 'disabled', 'ambiguous', 'refused'],
      rows: both.filter(([, { given }]) => given > 0).map(([kind, target]) => [kind, ...countsOf(target).map(String)]),
    },
    {
      title: 'Matched by',
      columns: ['', 'path', 'lines'],
      rows: both.flatMap(([kind, { matchedBy }]) => Object.entries(matchedBy).map(([path, count]) => [kind, path, String(count)])),
    },
    {
      title: 'Ambiguous',
      meaning:
        'Several entries have the matching value. Entra reports an error and does nothing: make it unique, or match by another path.',
      columns: ['', 'line', 'name', 'by', 'entries'],
      rows: lines(
        (target) => target.ambiguous,
        ({ by, dns }) => [by, dns.join(' | ')],
      ),
    },
    {
      title: 'Refused',
      meaning: 'What Entra would be told, and would try again and again.',
      columns: ['', 'line', 'name', 'status', 'detail'],
      rows: lines(
        (target) => target.refused,
        ({ status, detail }) => [String(status), detail],
      ),
    },
    {
      title: 'Collide with entries that are not adopted',
      meaning: 'Review them: `scim-ldap-bridge adopt` hands over those that are listed in the JSON form of this report.',
      columns: ['line', 'name', 'entry', 'members already'],
      rows: adoptable.map(({ line, name, dn, members }) => [String(line), name, dn, String(members)]),
    },
    {
      title: 'Stored values that would go',
      meaning: 'By LDAP attribute, with examples: whether what is given is better than what is there, only you know.',
      columns: ['attribute', 'entries', 'for example', 'now', 'then'],
      rows: overwritten.flatMap(({ attribute, entries, samples }) =>
        samples.map(({ dn, before, after }, index) => [
          index === 0 ? attribute : '',
          index === 0 ? String(entries) : '',
          dn,
          before.join(' | '),
          after.length === 0 ? '(none)' : after.join(' | '),
        ]),
      ),
    },
    {
      title: 'Attributes that entries lack and would get',
      columns: ['attribute', 'entries'],
      rows: Object.entries(filled).map(([attribute, entries]) => [attribute, String(entries)]),
    },
    {
      title: 'Adopted groups',
      meaning: 'Who is in them already and is not given stays in them: Entra takes out just those whom it put in.',
      columns: ['line', 'name', 'entry', 'members already', 'of them not given', 'for example'],
      rows: adoptedGroups.map(({ line, name, dn, members, staying, samples }) => [
        String(line),
        name,
        dn,
        String(members),
        String(staying),
        samples.join(' | '),
      ]),
    },
    {
      title: 'References that name nobody',
      columns: ['line', 'name', 'names'],
      rows: unknownReferences.map(({ line, name, names }) => [String(line), name, names.join(' | ')]),
    },
    {
      title: 'Disabled',
      columns: ['', 'line', 'name', 'entry'],
      rows: lines(
        (target) => target.disabled,
        ({ dn }) => [dn],
      ),
    },
    {
      title: 'Renamed',
      columns: ['', 'line', 'name', 'entry', 'becomes'],
      rows: lines(
        (target) => target.renamed,
        ({ dn, newDn }) => [dn, newDn],
      ),
    },
    {
      title: 'Moved to another branch',
      columns: ['', 'line', 'name', 'entry', 'becomes'],
      rows: lines(
        (target) => target.moved,
        ({ dn, newDn }) => [dn, newDn],
      ),
    },
    {
      title: 'Created',
      columns: ['', 'line', 'name', 'entry'],
      rows: lines(
        (target) => target.created,
        ({ dn }) => [dn],
      ),
    },
  ];
  return sections.filter(({ rows }) => rows.length > 0);
}

function countsOf(target: TargetReport): readonly number[] {
  const { given, unchanged, changed, created, renamed, moved, disabled, ambiguous, refused } = target;
  const lists = [created, renamed, moved, disabled, ambiguous, refused].map(({ length }) => length);
  return [given, unchanged + changed, unchanged, changed, ...lists];
}
