// What a core has of the world outside of it: time, chance, other threads, sockets, the log. It comes in by the
// constructor, so that a whole server of several cores can be built in one thread, several times, with a simulator in the
// place of everything that happens by itself (test/sim).
//
// What a core is made of but what belongs to no other thread (Config, Shard, Front, ...) it makes itself.

import { systemClock, type Clock } from '../base/clock.js';
import { systemLoop, type EventLoop } from '../base/event-loop.js';
import { SeededRandom, type Random } from '../base/prng.js';
import type { Config } from '../config/config.js';
import { AcceptBalance } from '../fabric/accept-balance.js';
import { ClientWords } from '../fabric/client-words.js';
import { Counters } from '../fabric/counters.js';
import { LockStripes } from '../fabric/lock-stripes.js';
import { joinMesh, type Mesh } from '../fabric/mesh.js';
import { SharedSequence } from '../fabric/shared-sequence.js';
import { TxnWords } from '../fabric/txn-words.js';
import { NodeListener } from '../net/node-net.js';
import type { ConnectionAcceptor, Listener, SocketOptions } from '../net/transport.js';
import { createLog, type Log } from '../observability/log.js';
import type { ControlPort } from './control-bus.js';
import type { CoreData } from './core-messages.js';

export interface CoreEnvironment {
  readonly clock: Clock;
  /** Timers and the check phase of the core's thread. */
  readonly loop: EventLoop;
  readonly random: Random;
  /** The core's end of the mesh. */
  readonly mesh: Mesh;
  /** The way to the main thread. */
  readonly control: ControlPort;
  /** Tables that all threads share, as this core sees them. */
  readonly tables: SharedTables;
  /** The place where clients come from; not asked for on a core without a front. */
  openListener(accept: ConnectionAcceptor, options: SocketOptions): Listener;
  /** The core's log, which follows `config`. */
  openLog(config: Config): Log;
}

export interface SharedTables {
  readonly counters: Counters;
  /** Connections by thread. */
  readonly balance: AcceptBalance;
  readonly clientIds: SharedSequence;
  /** Locks between transactions over several shards, and what shards and clients must know of each other's. */
  readonly stripes: LockStripes;
  readonly txnWords: TxnWords;
  readonly clientWords: ClientWords;
}

/** The environment of a core on a thread of its own (or on the main thread): Node's, and the process's shared memory. */
export function systemEnvironment(data: CoreData, control: ControlPort): CoreEnvironment {
  const { shared, index, shardCount } = data;
  return {
    clock: systemClock,
    loop: systemLoop,
    random: new SeededRandom(data.hashSeed ^ (index + 1)),
    mesh: joinMesh(shared.mesh, index),
    control,
    tables: {
      counters: new Counters(shared.counters, index),
      balance: new AcceptBalance(shared.balance, index % shardCount),
      clientIds: new SharedSequence(shared.clientIds),
      stripes: new LockStripes(shared.stripes, index),
      txnWords: new TxnWords(shared.txnWords, index),
      clientWords: new ClientWords(shared.clientWords, index),
    },
    openListener: (accept, options) => new NodeListener(accept, options),
    openLog: (config) => createLog(data.log, config, data.hasShard ? `core ${index}` : 'main'),
  };
}
