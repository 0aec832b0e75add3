// All command families, in the order in which commands get their ids.

import type { CommandSpec } from '../contract/spec.js';
import { BITMAP_COMMANDS } from './bitmap.js';
import { CLIENT_COMMANDS } from './client.js';
import { COMMAND_COMMANDS } from './command.js';
import { CONFIG_COMMANDS } from './config-commands.js';
import { CONNECTION_COMMANDS } from './connection.js';
import { DEBUG_COMMANDS } from './debug.js';
import { EXPIRE_COMMANDS } from './expire.js';
import { FLUSH_COMMANDS } from './flush.js';
import { GENERIC_COMMANDS } from './generic.js';
import { GEO_COMMANDS } from './geo.js';
import { HYPERLOGLOG_COMMANDS } from './hyperloglog.js';
import { HASH_COMMANDS } from './hash.js';
import { INTERNAL_COMMANDS } from './internal.js';
import { LIST_COMMANDS } from './list.js';
import { MEMORY_COMMANDS } from './memory.js';
import { OBJECT_COMMANDS } from './object.js';
import { PUBSUB_COMMANDS } from './pubsub.js';
import { SCAN_COMMANDS } from './scan.js';
import { SERVER_COMMANDS } from './server.js';
import { SET_COMMANDS } from './set.js';
import { STRING_COMMANDS } from './string.js';
import { TRANSACTION_COMMANDS } from './transaction.js';
import { ZSET_COMMANDS } from './zset.js';

export const ALL_COMMANDS: readonly (readonly CommandSpec[])[] = [
  STRING_COMMANDS,
  BITMAP_COMMANDS,
  HYPERLOGLOG_COMMANDS,
  LIST_COMMANDS,
  ZSET_COMMANDS,
  SET_COMMANDS,
  HASH_COMMANDS,
  GEO_COMMANDS,
  GENERIC_COMMANDS,
  EXPIRE_COMMANDS,
  SCAN_COMMANDS,
  FLUSH_COMMANDS,
  OBJECT_COMMANDS,
  MEMORY_COMMANDS,
  DEBUG_COMMANDS,
  CONNECTION_COMMANDS,
  CLIENT_COMMANDS,
  COMMAND_COMMANDS,
  CONFIG_COMMANDS,
  SERVER_COMMANDS,
  TRANSACTION_COMMANDS,
  PUBSUB_COMMANDS,
  INTERNAL_COMMANDS,
];
