import type { Writable } from 'node:stream';
import type { BridgedDirectory } from './bridged-directory.ts';

export function checkConversation(_: BridgedDirectory, __: Writable): Promise<boolean> {
  return Promise.resolve(true);
}
