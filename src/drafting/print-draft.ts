import type { Draft, DraftLine, DraftSection } from './draft.ts';

const COMMENT_COLUMN = 110;

/** A draft as the text of a mapping file. @param head what it was drafted from, without line breaks */
export function printDraft({ users, groups, doubts }: Draft, head: string): string {
  return [
    `# A mapping file, drafted by \`scim-ldap-bridge init\` from what is in ${head}.`,
    '# Left: the SCIM path as Entra spells it. Right: the LDAP attribute. Read it, answer the doubts, then run',
    '#',
    '#   scim-ldap-bridge check            no network; runs the examples below',
    '#   scim-ldap-bridge check --online   asks the directory whether it agrees',
    ...(doubts.length === 0 ? [] : ['#', '# Doubts:', ...doubts.flatMap(doubt)]),
    'format: 1',
    '',
    ...printSection('users', users),
    ...(groups === undefined ? [] : ['', ...printSection('groups', groups)]),
    '',
    'unmapped: ignore                                       # what the SCIM standard knows and no line maps: ignore | reject',
    'unknown: ignore                                        # what no schema knows: ignore | reject',
    '',
  ].join('\n');
}

function doubt(text: string): readonly string[] {
  return [`#   * ${text.replaceAll(/[\r\n]+/g, ' ')}`];
}

function printSection(name: string, section: DraftSection): readonly string[] {
  const { base, filter, id, rdn, objectClass, attributes, generated, meta, seen } = section;
  return [
    `${name}:                                                 # ${seen}`,
    `  base: ${yamlText(base)}`,
    `  filter: ${yamlText(filter)}`,
    `  id: ${id}`,
    `  rdn: ${rdn}`,
    `  objectClass: [${objectClass.join(', ')}]`,
    ...(meta === undefined ? [] : [`  meta: ${meta}`]),
    '  attributes:',
    ...printLines(attributes),
    ...(generated.length === 0 ? [] : ['  generated:', ...printLines(generated)]),
  ];
}

function printLines(lines: readonly DraftLine[]): readonly string[] {
  const width = Math.min(44, Math.max(...lines.map(({ key }) => key.length + 2)));
  return lines.map(({ key, value, comment }) => {
    const text = `    ${`${key}:`.padEnd(width)} ${value}`;
    return comment === undefined ? text : `${text.padEnd(COMMENT_COLUMN)} # ${comment}`;
  });
}

/** A text as YAML reads it back: plain where nothing in it could mean something else. */
export function yamlText(text: string): string {
  return /^[A-Za-z0-9(][\w .,=()&|!*@+/-]*$/.test(text) && !text.endsWith(' ') ? text : `'${text.replaceAll("'", "''")}'`;
}
