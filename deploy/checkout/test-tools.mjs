import { runQuietly, say } from './command.mjs';
import { canInstallPackages, installPackages, isInstalled, putUnpackedInPath, unpackProgram } from './debian-packages.mjs';

/**
 * @typedef {object} TestTool a program that some tests need; they are skipped, and say so, where it is missing
 * @property {readonly string[]} programs any of them will do
 * @property {readonly string[]} packages Debian's, that bring it
 * @property {string} why completes "the tests …"
 * @property {string} [unpack] the path in the package of the one program that is wanted, where the package would start a service
 * @property {() => Promise<boolean>} [isOfUse] false where it alone wouldn't help
 */

/** @type {readonly TestTool[]} */
const TOOLS = [
  { programs: ['docker-compose'], packages: ['docker-compose'], why: 'start deploy/compose.yaml', isOfUse: engineAnswers },
  { programs: ['chromium'], packages: ['chromium'], why: 'look at the status page' },
  { programs: ['promtool'], packages: ['prometheus'], why: 'check deploy/monitoring', unpack: 'usr/bin/promtool' },
  { programs: ['lintian'], packages: ['lintian'], why: 'look at the package for Debian' },
  { programs: ['rpmspec'], packages: ['rpm'], why: 'read the spec of the .rpm' },
  { programs: ['kubectl'], packages: ['kubernetes-client'], why: 'build deploy/kubernetes' },
];

/** Installs what is missing for tests to be run rather than skipped, where apt lets us. A failure is said, and keeps no other test from running. */
export async function provideTestTools() {
  putUnpackedInPath();
  if (!canInstallPackages()) return;
  for (const { programs, packages, why, unpack, isOfUse } of TOOLS) {
    const isDone = () => programs.some(isInstalled);
    if (isDone() || (isOfUse !== undefined && !(await isOfUse()))) continue;
    const forTests = `the tests ${why}`;
    const failure =
      unpack === undefined
        ? await installPackages(packages, { why: forTests, isDone })
        : await unpackProgram(packages[0] ?? '', unpack, forTests);
    if (failure !== '') say(failure);
  }
}

async function engineAnswers() {
  return (await runQuietly('docker', ['info'])).exitCode === 0;
}
