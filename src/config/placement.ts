// How many cores run, and who serves the sockets: `threads` and `io` with their `auto` resolved.

import { availableParallelism } from 'node:os';

import type { Config } from './config.js';
import { THREADS_MAX } from './special-values.js';

export interface Placement {
  /** Cores, each with one shard. */
  readonly threads: number;
  /** `cores`: each core accepts and serves connections; `main`: the main thread does, and hashes to the cores. */
  readonly io: 'main' | 'cores';
}

/**
 * `threads auto` is one per processor that this process may use. `io auto` is `cores` up to a measurement that says
 * otherwise; a single core always serves its own sockets unless `io main` asks for a front of its own.
 */
export function resolvePlacement(config: Config, processors: number = availableParallelism()): Placement {
  const asked = config.number('threads');
  const threads = asked === 0 ? Math.min(Math.max(processors, 1), THREADS_MAX) : asked;
  return { threads, io: config.text('io') === 'main' ? 'main' : 'cores' };
}
