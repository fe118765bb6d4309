import { readFileSync } from 'node:fs';

/** A fenced block of commands on a page. */
export interface PageBlock {
  readonly page: string;
  /** Of the heading that it stands under, without the marks. */
  readonly heading: string;
  /** As a shell reads it; of a `console` block the lines behind `$ `. */
  readonly script: string;
  /** The same command by command: continued lines joined, comments and blank lines left out. */
  readonly commands: readonly string[];
}

/** The blocks that are marked `sh` or `console`, also those inside a list. */
export function blocksOf(page: string): readonly PageBlock[] {
  const blocks: PageBlock[] = [];
  let heading = '';
  for (const [, title, indent = '', language, body = ''] of readFileSync(page, 'utf8').matchAll(
    /^#+ (.*)$|^( *)```(\w*)\n([^]*?)^ *```$/gm,
  )) {
    if (title !== undefined) heading = title;
    if (language !== 'sh' && language !== 'console') continue;
    const lines = body.split('\n').map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    const typed = language === 'sh' ? lines : lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2));
    const script = typed.join('\n').trim();
    blocks.push({ page, heading, script, commands: commandsOf(script) });
  }
  return blocks;
}

function commandsOf(script: string): readonly string[] {
  const lines = script.replaceAll(/ *\\\n */g, ' ').split('\n');
  return lines.map((line) => line.replace(/(?:^| +)# .*$/, '').trim()).filter((line) => line !== '');
}
