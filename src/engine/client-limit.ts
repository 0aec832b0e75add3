// How many clients the process has descriptors for. `maxclients` above that is a promise that accept(2) would break, so it
// is lowered at start, with a warning, and refused by CONFIG SET, as Redis does.

import { EXIT, FatalError } from '../base/fatal.js';

/** Descriptors that are no clients: listening sockets, log and configuration files, standard streams, modules being read. */
const RESERVED_BY_PROCESS = 32;
/** Event loop, wake-up pipes and message ports of one thread. */
const RESERVED_PER_THREAD = 16;

/**
 * Clients that fit `openFilesMax` descriptors beside `threads` threads (the main one not counted).
 * @throws FatalError (EXIT.limits) when not even one does
 */
export function clientsThatFit(openFilesMax: number, threads: number): number {
  const reserved = RESERVED_BY_PROCESS + RESERVED_PER_THREAD * (threads + 1);
  if (openFilesMax > reserved) return openFilesMax - reserved;
  throw new FatalError(
    `${openFilesMax} open files ('ulimit -n') are not enough for ${threads} ${threads === 1 ? 'thread' : 'threads'}: ` +
      `at least ${reserved + 1} are needed`,
    EXIT.limits,
  );
}
