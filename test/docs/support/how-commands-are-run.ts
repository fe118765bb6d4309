import { globSync } from 'node:fs';
import { blocksOf } from './page-blocks.ts';

/** Every page with commands for its reader. */
export const PAGES: readonly string[] = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md').toSorted()];

/** Pages whose commands have a test of their own, which knows what they print or needs more than a shell. */
export const RUN_BY: ReadonlyMap<string, string> = new Map([
  ['docs/check-online.md', 'test/cli/docs-online.test.ts'],
  ['docs/containers.md', 'test/container/try-out.test.ts'],
  ['docs/cut-over.md', 'test/cli/cut-over.test.ts'],
  ['docs/explain.md', 'test/cli/explain-page.test.ts'],
  ['docs/init.md', 'test/cli/docs-online.test.ts'],
]);

/** Commands that aren't run where the page stands, and why. */
export interface NotRun {
  readonly commands: RegExp;
  /** Absent: on any page. */
  readonly page?: string;
  readonly because: string;
}

export const NOT_RUN: readonly NotRun[] = [
  { commands: /^npm run (?:demo|check)\b/, because: '.ci/run runs it' },
  { commands: /^npm (?:test|run ci)\b/, because: 'it is what runs this' },
  { commands: /^npm run format$/, because: 'it changes the checkout; `npm run check` says that there is nothing to change' },
  { commands: /^npm run release\b/, page: 'CONTRIBUTING.md', because: 'test/checkout/release.test.ts runs it in a clone' },
  {
    commands: /^kubectl /,
    page: 'docs/containers.md',
    because: 'there is no cluster; test/container/kubernetes.test.ts builds what is applied',
  },
  {
    commands: /^(?:sudo )?ldapadd -Y EXTERNAL -H ldapi:/,
    because: "it is for the reader's own slapd; test/checkout/schema.test.ts loads the same file",
  },
  {
    commands: /^sudo /,
    page: 'docs/install.md',
    because: 'it installs: test/systemd/package.test.ts and test/systemd/service.test.ts do the same on a machine of their own',
  },
  { commands: /^(?:systemctl|journalctl) /, because: 'systemd is not what runs here; the unit has tests of its own' },
];

/** Why a command isn't run; undefined when it is. */
export function reasonNotToRun(page: string, command: string): NotRun | undefined {
  return NOT_RUN.find((each) => each.commands.test(command) && (each.page === undefined || each.page === page));
}

/** The commands that test/docs/commands runs, page by page, in their order. */
export function commandsToRun(): readonly { readonly page: string; readonly commands: readonly string[] }[] {
  const pages = PAGES.filter((page) => !RUN_BY.has(page)).map((page) => {
    const commands = blocksOf(page).flatMap((block) => block.commands);
    return { page, commands: commands.filter((command) => reasonNotToRun(page, command) === undefined) };
  });
  return pages.filter(({ commands }) => commands.length > 0);
}
