/**
 * The completion for bash, made from what `--help` says: commands, their options and the words that follow them.
 *
 * @param {string} help
 */
export function bashCompletion(help) {
  const commands = commandsIn(help);
  const options = (/** @type {RegExp} */ pattern) => [...new Set(Array.from(help.matchAll(pattern), ([, option]) => option))].join(' | ');
  const cases = [...commands].map(([name, words]) => `    ${name}) words='${words.join(' ')}' ;;`);
  return `# bash completion of scim-ldap-bridge(8)
_scim_ldap_bridge() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=
  case \${COMP_WORDS[COMP_CWORD - 1]} in
    ${options(/(--[a-z-]+) FILE/g)})
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    ${options(/(--[a-z-]+) DIR/g)})
      mapfile -t COMPREPLY < <(compgen -d -- "$current")
      return
      ;;
  esac
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words='${[...commands.keys()].join(' ')} --help'; fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o filenames -F _scim_ldap_bridge scim-ldap-bridge
`;
}

/**
 * By command: its options and the words that it takes.
 *
 * @param {string} help a command's lines begin with two spaces and its name, up to a blank line or the next command
 * @returns {ReadonlyMap<string, readonly string[]>}
 */
function commandsIn(help) {
  /** @type {Map<string, Set<string>>} */
  const commands = new Map();
  const [, ...blocks] = help.split(/^ {2}(?=[a-z])/m);
  for (const block of blocks) {
    const [text = ''] = block.split('\n\n');
    const [usage = ''] = text.split(/\n| {2}/);
    const [name = '', ...rest] = usage.replaceAll(/\[[^\]]*\]/g, '').split(/[\s|]+/);
    const words = commands.get(name) ?? new Set(['--config', '--help']);
    for (const word of rest) if (/^[a-z]+$/.test(word)) words.add(word);
    for (const [option] of text.matchAll(/--[a-z-]+/g)) words.add(option);
    commands.set(name, words);
  }
  return new Map([...commands].map(([name, words]) => [name, [...words].toSorted()]));
}
