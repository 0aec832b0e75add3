// What must hold of a server at rest, beside what its clients see. One object per invariant; whoever adds machinery that
// can be left in a bad state adds one here.

import { TOPIC } from '../../src/contract/pubsub.js';
import type { Cluster } from './cluster.js';

export interface Invariant {
  readonly name: string;
  /** Holds only when no client is connected and all data has been flushed. */
  readonly atTheEnd: boolean;
  /** What is wrong; undefined: nothing. */
  check(cluster: Cluster): string | undefined;
}

/** The first member of which `test` is false. */
function everyMember(
  name: string,
  atTheEnd: boolean,
  test: (member: Cluster['members'][number]) => boolean,
): Invariant {
  return {
    name,
    atTheEnd,
    check: ({ members }) => {
      const wrong = members.findIndex((member) => !test(member));
      return wrong < 0 ? undefined : `core ${wrong}`;
    },
  };
}

export const INVARIANTS: readonly Invariant[] = [
  everyMember('every core is parked', false, ({ mesh }) => mesh.parked),
  everyMember('no record waits for room', false, ({ mesh }) => !mesh.anyCongested(0) && !mesh.anyCongested(1)),
  everyMember('no transaction is under way or waits for locks', false, ({ core }) => core.parts.coordinator.isIdle),
  everyMember('no transaction word is in use', false, ({ tables }) => tables.txnWords.isIdle()),
  everyMember('no lock stripe is taken and no ticket drawn', false, ({ tables }) => tables.stripes.isIdle()),
  everyMember('no reply is owed', false, ({ core }) => core.parts.front?.replies.owed === 0),
  {
    name: 'arena and dicts are sound',
    atTheEnd: false,
    check: ({ members }) => {
      for (const { core } of members) core.parts.shard?.check(); // throws
      return undefined;
    },
  },
  everyMember('no key is held and no command parked', true, ({ core }) => {
    const { part } = core.parts;
    part?.sweep(); // what an ended transaction held is dropped when it is next looked at
    return part?.holds.isIdle !== false;
  }),
  everyMember('no client waits', true, ({ core }) => core.parts.shard?.waiters.isIdle !== false),
  everyMember('nobody listens', true, ({ core }) => {
    const { shard, front } = core.parts;
    const heard = Object.values(TOPIC).some((kind) => shard !== undefined && shard.channels.size(kind) > 0);
    return !heard && front?.messages.isSilent !== false;
  }),
  everyMember('no client is left', true, ({ core }) => core.parts.front?.sessions.size === 0),
  everyMember('after FLUSHALL the arena is empty', true, ({ core }) => core.parts.shard?.arena.usedBytes === 0),
];
