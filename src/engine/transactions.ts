// Makes transactions of requests: what they touch, and the plan that runs them. The gate (dispatch.ts) decides that a request
// is one, the coordinator (src/txn) runs it.

import { assert } from '../base/assert.js';
import { Args, copyArgs } from '../contract/args.js';
import type { Command, CommandTable } from '../contract/command-table.js';
import { TOPIC } from '../contract/pubsub.js';
import type { RespEncoder } from '../protocol/resp-encoder.js';
import { planUnsubscribeAll } from '../commands/pubsub-plans.js';
import { planAcross, planExec, planWithoutWaiting, type ExecPort } from '../txn/exec-plan.js';
import { Footprint } from '../txn/footprint.js';
import type { HopClient } from '../txn/hop-layout.js';
import { planEveryShard, planOneShard, planWaitOnOneShard, planWaitOnSeveral } from '../txn/plans.js';
import { PlanScope, Txn, type TxnWorld } from '../txn/txn.js';
import type { MultiQueue } from './multi.js';
import type { Router } from './router.js';
import { ROUTE_ANYWHERE, ROUTE_SEVERAL } from './router.js';
import type { Session } from './session.js';

export interface TransactionsOptions {
  readonly world: TxnWorld;
  readonly router: Router;
  /** This thread's shard, -1 without one. */
  readonly ownShard: number;
  readonly exec: {
    /** Runs a queued command beside the connection. */
    runClient(session: Session, command: Command, args: Args, reply: RespEncoder): void | Promise<void>;
    count: ExecPort['count'];
  };
}

const ALL_TOPICS = Object.values(TOPIC);

export class Transactions {
  readonly #world: TxnWorld;
  readonly #table: CommandTable;
  readonly #router: Router;
  readonly #ownShard: number;
  readonly #exec: TransactionsOptions['exec'];

  constructor({ world, router, ownShard, exec }: TransactionsOptions) {
    this.#world = world;
    this.#table = world.table;
    this.#router = router;
    this.#ownShard = ownShard;
    this.#exec = exec;
  }

  /** A command that runs on every shard. */
  everyShard(session: Session, command: Command, request: Args): Txn {
    const footprint = new Footprint(this.#world.shardCount);
    footprint.addWhole(command.spec.flags.includes('write'));
    const [txn, scope] = this.#begin(session, footprint, request);
    txn.run = planEveryShard(scope, command, this.#world.shardCount);
    return txn;
  }

  /** A command whose keys stand on several shards, or that always runs as a transaction. It does not wait. */
  across(session: Session, command: Command, request: Args): Txn {
    const [txn, scope] = this.#begin(session, this.#footprintOf(session, command, request), request);
    const { onlyShard } = txn.footprint;
    txn.run =
      onlyShard >= 0 && !command.isPlanned
        ? planOneShard(scope, command, onlyShard)
        : planWithoutWaiting(scope, command);
    const { across } = command.spec;
    if (across !== undefined && 'watches' in across) this.#watches(session, txn);
    return txn;
  }

  /** The command of a client that waits, tried once more: where there is nothing it answers nothing. */
  again(session: Session, command: Command, request: Args): Txn {
    const [txn, scope] = this.#begin(session, this.#footprintOf(session, command, request), request);
    txn.isRetry = true;
    txn.run = planAcross(scope, command);
    return txn;
  }

  /** A blocking command, which waits where there is nothing for it yet. */
  blocking(session: Session, command: Command, request: Args): Txn {
    const [txn, scope] = this.#begin(session, this.#footprintOf(session, command, request), request);
    const { onlyShard } = txn.footprint;
    txn.run =
      onlyShard >= 0
        ? planWaitOnOneShard(txn, scope, command, onlyShard)
        : planWaitOnSeveral(txn, scope, command, planAcross(scope, command));
    txn.args = scope.args;
    txn.hopClient.claim = session.openClaim();
    txn.hopClient.place = session.place;
    return txn;
  }

  /** The end of all subscriptions of a client that has left. */
  leave(session: Session): Txn {
    const footprint = new Footprint(this.#world.shardCount);
    const nothing = new Args(this.#world.hashSeed);
    footprint.addSubscriptions(ALL_TOPICS, session.subscriptions);
    const [txn, scope] = this.#begin(session, footprint, nothing);
    txn.run = planUnsubscribeAll(scope);
    return txn;
  }

  /** EXEC. */
  exec(session: Session, { commands }: MultiQueue): Txn {
    const { shardCount } = this.#world;
    const footprint = new Footprint(shardCount);
    let beside = false;
    for (const { command, args } of commands) {
      const { spec } = command;
      if (spec.onClient !== undefined) {
        beside = true;
        if (!spec.flags.includes('fast')) footprint.severalHops = true;
      } else if (spec.onEveryShard !== undefined) {
        footprint.addWhole(spec.flags.includes('write'));
      } else if (spec.keys === undefined && spec.channels === undefined) {
        footprint.addWhole(false);
      } else if (!footprint.addRequest(this.#table, command, args, session)) {
        footprint.addShard(this.anywhere);
      } else if (command.isPlanned) {
        footprint.severalHops = true;
      }
    }
    const { watching } = session;
    for (const { shard, hash } of watching?.keys() ?? []) footprint.addHash(shard, hash, false);
    // What runs beside the connection must not run when a watched key has changed: that is looked at first.
    if (watching !== undefined && beside) footprint.severalHops = true;
    const txn = new Txn(this.#world, footprint, session, this.#clientOf(session));
    txn.locksFirst = footprint.needsLocks;
    txn.watched = watching !== undefined;
    if (watching !== undefined) txn.hopClient.watch = watching.value;
    const needsLook = footprint.needsLocks || commands.length === 0;
    const looks = needsLook ? watching?.shards : undefined;
    const port: ExecPort = {
      shardCount,
      route: (command, args) => this.#routeQueued(command, args, session),
      runClient: (command, args, reply) => this.#exec.runClient(session, command, args, reply),
      count: this.#exec.count,
    };
    txn.run = planExec(txn, commands, port, looks ?? new Set());
    return txn;
  }

  #routeQueued(command: Command, args: Args, session: Session): ReturnType<ExecPort['route']> {
    const { spec } = command;
    if (spec.onClient !== undefined) return { kind: 'client' };
    if (spec.onEveryShard !== undefined) return { kind: 'every' };
    if (command.isPlanned) return { kind: 'several' };
    const shard = this.#router.route(command, args, session.db);
    if (shard === ROUTE_SEVERAL) return { kind: 'several' };
    return { kind: 'one', shard: shard === ROUTE_ANYWHERE ? this.anywhere : shard };
  }

  /** The shard for requests that only get an error. */
  get anywhere(): number {
    return Math.max(this.#ownShard, 0);
  }

  #footprintOf(session: Session, command: Command, request: Args): Footprint {
    const footprint = new Footprint(this.#world.shardCount);
    const found = footprint.addRequest(this.#table, command, request, session);
    assert(found, 'the router has found the keys');
    return footprint;
  }

  #begin(session: Session, footprint: Footprint, request: Args): [Txn, PlanScope] {
    const txn = new Txn(this.#world, footprint, session, this.#clientOf(session));
    return [txn, new PlanScope(txn, copyArgs(request), session.db, txn.reply)];
  }

  #clientOf(session: Session): HopClient {
    return { session: session.id, place: session.place, claim: 0, watch: 0 };
  }

  /** Notes on the session what it watches, for EXEC. */
  #watches(session: Session, txn: Txn): void {
    const watching = session.beginWatching();
    txn.hopClient.watch = watching.value;
    txn.hopClient.place = session.place;
    txn.footprint.keys.forEach((keys, shard) => {
      for (const { hash } of keys ?? []) watching.add(session.db, shard, hash);
    });
  }
}
