// What the main thread and a core say to each other besides control questions (control-bus.ts).

import type { ExitCode } from '../base/fatal.js';
import type { AcceptBalancePlan } from '../fabric/accept-balance.js';
import type { ClientWordsPlan } from '../fabric/client-words.js';
import type { CountersPlan } from '../fabric/counters.js';
import type { LockStripesPlan } from '../fabric/lock-stripes.js';
import type { MeshPlan } from '../fabric/mesh.js';
import type { SharedSequencePlan } from '../fabric/shared-sequence.js';
import type { TxnWordsPlan } from '../fabric/txn-words.js';
import type { ConfigSnapshot } from '../config/config.js';
import type { LogTarget } from '../observability/log.js';
import type { ListenAddress } from '../net/transport.js';

/** What a core is: its place among the threads, and what all threads were told alike. */
export interface CoreIdentity {
  /** Index among the threads of the mesh: shards first, then the main thread's front in `--io main`. */
  readonly index: number;
  readonly shardCount: number;
  /** This thread owns shard `index`. */
  readonly hasShard: boolean;
  /** This thread has client connections. */
  readonly hasFront: boolean;
  readonly hashSeed: number;
  readonly memberCount: number;
  readonly runId: string;
  readonly replicationId: string;
  readonly startedAtMs: number;
  readonly config: ConfigSnapshot;
}

/** Memory that all threads share. */
export interface SharedPlans {
  readonly mesh: MeshPlan;
  readonly counters: CountersPlan;
  readonly balance: AcceptBalancePlan;
  readonly clientIds: SharedSequencePlan;
  readonly stripes: LockStripesPlan;
  readonly txnWords: TxnWordsPlan;
  readonly clientWords: ClientWordsPlan;
}

/** Everything a core on its own thread and its environment are built from; survives a structured clone. */
export interface CoreData extends CoreIdentity {
  readonly log: LogTarget;
  readonly shared: SharedPlans;
}

/** A listening descriptor that another thread may join. */
export interface OpenListener {
  readonly fd: number;
  /** '' for TCP. */
  readonly unixPath: string;
}

export type ToCore =
  | { readonly kind: 'listen'; readonly addresses: readonly ListenAddress[] }
  | { readonly kind: 'join'; readonly listeners: readonly OpenListener[] }
  | { readonly kind: 'stop' };

export type FromCore =
  | { readonly kind: 'ready' }
  | { readonly kind: 'listening'; readonly listeners: readonly OpenListener[] }
  | { readonly kind: 'failed'; readonly message: string; readonly exitCode: ExitCode }
  | { readonly kind: 'stopped' };
