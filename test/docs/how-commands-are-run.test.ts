import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandsToRun, NOT_RUN, PAGES, RUN_BY, reasonNotToRun } from './support/how-commands-are-run.ts';
import { blocksOf } from './support/page-blocks.ts';

const everything = PAGES.flatMap((page) => blocksOf(page).flatMap(({ commands }) => commands.map((command) => ({ page, command }))));

test('pages have commands, and most of them are run', () => {
  expect(everything.length).toBeGreaterThan(50);
  expect(commandsToRun().flatMap(({ commands }) => commands).length).toBeGreaterThan(15);
});

test.each([...RUN_BY])('the commands of %s are run by %s', (page, file) => {
  const name = page.replace('docs/', '');
  expect(readFileSync(file, 'utf8')).toContain(name);
  expect(everything.some((each) => each.page === page)).toBe(true);
});

test.each(NOT_RUN)('$commands: $because', (reason) => {
  expect(everything.filter(({ page, command }) => reasonNotToRun(page, command) === reason)).not.toEqual([]);
  for (const [file = ''] of reason.because.matchAll(/test\/[\w./-]+\.test\.ts/g)) expect(readFileSync(file, 'utf8')).not.toBe('');
});

test('a block of another language is no command of the reader', () => {
  const shells = PAGES.flatMap((page) => [...readFileSync(page, 'utf8').matchAll(/^ *```(bash|shell|zsh)$/gm)].map(() => page));
  expect(shells).toEqual([]);
});
