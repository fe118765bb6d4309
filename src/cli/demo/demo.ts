import { EXIT } from '../exit-codes.ts';
import { type BridgedDirectory, startBridgedDirectory } from './bridged-directory.ts';
import { checkConversation } from './check-conversation.ts';
import { pasteLines } from './paste-lines.ts';
import { SAMPLE_GROUPS, SAMPLE_PEOPLE } from './sample-entries.ts';
import { showCreate } from './show-create.ts';
import { findSlapdEngine, type SlapdEngine } from './slapd-engine.ts';

/**
 * A throw-away OpenLDAP on loopback with the daemon in front of it. Shows what the daemon does and waits for Ctrl-C; or, to
 * verify, goes through Entra's conversation by itself. Leaves nothing behind, whenever and however it ends.
 *
 * @returns the exit code; 69 when there is no slapd, 1 when the conversation went wrong
 */
export async function demo({ verify }: { readonly verify: boolean }): Promise<number> {
  // Nothing here is worth an orderly end: slapd and its folder go when this process exits, also if they are just being made.
  const interrupt = (): never => process.exit(verify ? EXIT.failure : EXIT.ok);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);

  let engine: SlapdEngine;
  try {
    engine = findSlapdEngine();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`); // says what to install
    return EXIT.unreachable;
  }
  const bridged = await startBridgedDirectory(engine);
  try {
    if (verify) return (await checkConversation(bridged, (line) => process.stdout.write(`${line}\n`))) ? EXIT.ok : EXIT.failure;
    process.stdout.write(await introduction(bridged));
    return await new Promise<never>(() => {}); // until a signal comes
  } finally {
    await bridged.stop();
  }
}

async function introduction(bridged: BridgedDirectory): Promise<string> {
  const created = await showCreate(bridged);
  const lines = await pasteLines(bridged);
  return `OpenLDAP runs on ${bridged.ldapUrl}, with ${SAMPLE_PEOPLE.length} people and ${SAMPLE_GROUPS.length} groups in a temporary folder.
The daemon in front of it goes by config/mappings/openldap.yaml.

${created}
Base URL  ${bridged.baseUrl}
Token     ${bridged.token}

To paste into another terminal:

${lines.map(({ title, line }) => `${title}:\n${line}\n`).join('\n')}
Ctrl-C ends it and removes everything.
`;
}
