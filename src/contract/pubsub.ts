// What clients subscribe to, as commands, shards and fronts name it.

import type { Args } from './args.js';

/** What a subscription is to: the word that records between threads and parts of plans spell. */
export const TOPIC = {
  /** PUBLISH, SUBSCRIBE. */
  channel: 0,
  /** SPUBLISH, SSUBSCRIBE: a name space of its own. */
  shardChannel: 1,
  /** PSUBSCRIBE: every channel whose name fits. */
  pattern: 2,
} as const;
export type TopicKind = (typeof TOPIC)[keyof typeof TOPIC];

/** A channel or pattern that somebody has subscribed to. */
export interface Topic {
  readonly kind: TopicKind;
  readonly name: Uint8Array;
  /** The key hash of the name. */
  readonly hash: number;
  /** The shard that owns it; a pattern stands on all of them. */
  readonly owner: number;
}

/** What one client has subscribed to; changed by its commands only, after the shards know. */
export interface Subscriptions {
  /** How many of a kind there are. */
  count(kind: TopicKind): number;
  /** The subscription to the name at argument `i`, if there is one. */
  find(kind: TopicKind, args: Args, i: number): Topic | undefined;
  /** All of a kind, oldest first. */
  all(kind: TopicKind): readonly Topic[];
  /** Adds the name at argument `i`, unless it is there. */
  add(kind: TopicKind, args: Args, i: number): void;
  remove(topic: Topic): void;
}
