/** What this room needs of a logger; pino's has it. Messages are constant, what varies is in the fields; never a password. */
export interface DirectoryLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
