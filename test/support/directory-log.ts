import type { DirectoryLog } from '../../src/directory/directory-log.ts';

/** A log that keeps what it is told. */
export interface RecordingLog extends DirectoryLog {
  readonly lines: readonly { readonly level: 'info' | 'warn' | 'error'; readonly fields: object; readonly message: string }[];
}

export function recordingLog(): RecordingLog {
  const lines: { level: 'info' | 'warn' | 'error'; fields: object; message: string }[] = [];
  const keep = (level: 'info' | 'warn' | 'error') => (fields: object, message: string) => void lines.push({ level, fields, message });
  return { lines, info: keep('info'), warn: keep('warn'), error: keep('error') };
}
