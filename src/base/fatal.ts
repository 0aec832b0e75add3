// Troubles of the environment (a taken port, an unreadable file) end the process with one clear line and an exit code
// of their own, so that a supervisor or a person can tell them apart.

/** Exit codes of the `anax` command line. 0 is an orderly end, 1 an unexpected failure (a bug). */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  configValue: 3,
  configFile: 4,
  listen: 5,
  logFile: 6,
  limits: 7,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A trouble that ends the process: `message` is the one line for the user. */
export class FatalError extends Error {
  override readonly name = 'FatalError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Ends the process by way of the command line's top level: one line on stderr, then `exitCode`. */
export function fatal(message: string, exitCode: ExitCode): never {
  throw new FatalError(message, exitCode);
}
