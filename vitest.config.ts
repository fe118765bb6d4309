import { configDefaults, defineConfig } from 'vitest/config';

/** These start slapd or containers; what is in the other folders needs nothing but the processor. */
const servers = [
  'directory',
  'provisioning',
  'http',
  'entra',
  'cli',
  'demo',
  'checkout',
  'conformance',
  'survey',
  'container',
  'docs/commands',
  'systemd',
].map((room) => `test/${room}/**/*.test.ts`);

const setupFiles = ['test/support/fast-check-seed.ts'];

/** What is waited for comes in milliseconds, or late on a machine that has much to do: a limit is only there so that a run ends. */
const waiting = { poll: { timeout: 15_000 } };
const limits = { testTimeout: 60_000, hookTimeout: 60_000 };

const config = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'pure',
          setupFiles,
          expect: waiting,
          ...limits,
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...servers],
        },
      },
      {
        test: {
          name: 'servers',
          setupFiles,
          expect: waiting,
          ...limits,
          include: servers,
          pool: 'forks',
          maxWorkers: 2,
        },
      },
    ],
  },
});

export default config;
