// What CONFIG SET must carry to the parts of a running core that keep a value of their own. Everybody else asks
// `config.live`, or the option by name, each time it matters, and needs no word from here.

import type { Config } from '../config/config.js';
import type { SocketOptions } from '../net/transport.js';
import type { Shard } from '../shard/shard.js';
import type { Front } from './front.js';

/** The parts of a core that follow the configuration. */
export interface LiveParts {
  readonly shard: Shard | undefined;
  readonly front: Front | undefined;
  /** What the listener gives to connections that it accepts from now on. */
  readonly sockets: SocketOptions;
}

/** Keeps `parts` at the options in force, for as long as `config` lives. */
export function followConfig(config: Config, { shard, front, sockets }: LiveParts): void {
  const { live } = config;
  if (shard !== undefined) {
    config.onChange('proto-max-bulk-len', () => {
      shard.stringBytesMax = live.bulkBytesMax;
    });
    config.onChange('maxmemory-policy', () => {
      shard.lfu = live.lfu;
    });
    config.onChange('lazyfree-lazy-user-flush', () => {
      shard.lazyFlush = live.lazyUserFlush;
    });
  }
  config.onChange('tcp-keepalive', () => {
    sockets.keepAliveS = live.tcpKeepaliveSeconds;
  });
  config.onChange('requirepass', () => {
    // Without a password nobody has to log in; with a new one, who is in stays in.
    if (live.password.length > 0 || front === undefined) return;
    for (const session of front.sessions.values()) session.authenticated = true;
  });
}
