// From a request to the shard that owns its keys, or its channel.
//
// The shard of a key is chosen by the hash of its {hash tag} (or of the whole key without one), remixed so that it is
// independent of the bits the dict uses. A request whose keys live on several shards is a transaction over them.

import { shardOf } from '../base/hash.js';
import type { Args } from '../contract/args.js';
import type { Command, CommandTable } from '../contract/command-table.js';
import type { Topology } from '../contract/spec.js';

/** Answers of `route` that are no shard. */
export const ROUTE_SEVERAL = -1;
/** The request's keys cannot be found in it (a bad count): it is run in place and answers with its own error. */
export const ROUTE_ANYWHERE = -2;

export class Router {
  readonly #table: CommandTable;
  readonly #topology: Topology;
  readonly #indices: number[] = [];

  constructor(table: CommandTable, topology: Topology) {
    this.#table = table;
    this.#topology = topology;
  }

  /**
   * The shard for `command` on database `db`, or one of the ROUTE answers. Leaves the hash of a single key in `args`, so
   * that the shard need not compute it again.
   */
  route(command: Command, args: Args, db: number): number {
    if (command.hasOneShard) return this.#hashKey(args, command.hashedArgument);
    const { pickShard, keys } = command.spec;
    if (keys === undefined) return pickShard === undefined ? ROUTE_ANYWHERE : pickShard(args, this.#topology, db);
    return this.#routeMany(command, args);
  }

  /** The argument that is the first key, if shard `own` owns it, its hash remembered in `args`; 0 otherwise. */
  ownKeyIndex(command: Command | undefined, args: Args, own: number): number {
    if (command === undefined) return 0;
    const { firstKey } = command;
    if (firstKey === 0 || firstKey >= args.count) return 0;
    return this.#hashKey(args, firstKey) === own ? firstKey : 0;
  }

  #routeMany(command: Command, args: Args): number {
    if (this.#topology.shardCount === 1) return 0;
    const indices = this.#indices;
    indices.length = 0;
    if (!this.#table.keyIndices(command, args, indices) || indices.length === 0) return ROUTE_ANYWHERE;
    if (command.spec.readsBeyond?.(args) === true) return ROUTE_SEVERAL;
    let shard = -1;
    for (const index of indices) {
      const owner = shardOf(args.shardHash(index), this.#topology.shardCount);
      if (shard !== -1 && owner !== shard) return ROUTE_SEVERAL;
      shard = owner;
    }
    return shard;
  }

  #hashKey(args: Args, index: number): number {
    const { shardCount } = this.#topology;
    const shard = shardCount === 1 ? 0 : shardOf(args.shardHash(index), shardCount);
    args.hashedValue = args.hash(index);
    args.hashedIndex = index;
    return shard;
  }
}
