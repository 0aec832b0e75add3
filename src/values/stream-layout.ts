// The blocks of a stream besides the nodes of its entries (structures/stream-node-layout.ts).
//
//   entry slot = Ref of the root
//   root       | length: 2 | last ID: 4 | greatest deleted ID: 4 | entries added: 2 | nodes: tree | tail Ref | groups: table |
//              the tree has for every node the ID of its base and its Ref; `tail` is the last node, 0 when there is none
//   group      | name bytes | last ID: 4 | entries read: 2 | pending: tree | consumers: table | name |
//              pending has for every ID consumer Ref | delivery time: 2 | deliveries: 2
//   consumer   | name bytes | seen: 2 | active: 2 | pending: tree | name |
//              its pending entries by ID only: what else there is to know stands in the group's tree
//
// Numbers in words; two of them are an int64, the low word first. Times are Unix milliseconds, -1: never; `entries read` is -1
// where it is not known. Groups and consumers stay where they are made: pending entries refer to them.

import { HANDLE_WORDS } from '../structures/id-tree-layout.js';
import { ID_WORDS } from '../structures/stream-id.js';

export const INT64_WORDS = 2;

export const ROOT_LENGTH = 0;
export const ROOT_LAST_ID = ROOT_LENGTH + INT64_WORDS;
export const ROOT_DELETED_ID = ROOT_LAST_ID + ID_WORDS;
export const ROOT_ADDED = ROOT_DELETED_ID + ID_WORDS;
export const ROOT_NODES = ROOT_ADDED + INT64_WORDS;
export const ROOT_TAIL = ROOT_NODES + HANDLE_WORDS;
export const ROOT_GROUPS = ROOT_TAIL + 1;
export const ROOT_WORDS = ROOT_GROUPS + 1;
/** Words of the root that say something outside of its arena as well. */
export const ROOT_PLAIN_WORDS = ROOT_NODES;

/** The payload of the tree of nodes. */
export const NODE_PAYLOAD_WORDS = 1;

export const GROUP_LAST_ID = 1;
export const GROUP_READ = GROUP_LAST_ID + ID_WORDS;
export const GROUP_PENDING = GROUP_READ + INT64_WORDS;
export const GROUP_CONSUMERS = GROUP_PENDING + HANDLE_WORDS;
export const GROUP_NAME_OFFSET = (GROUP_CONSUMERS + 1) * 4;

export const CONSUMER_SEEN = 1;
export const CONSUMER_ACTIVE = CONSUMER_SEEN + INT64_WORDS;
export const CONSUMER_PENDING = CONSUMER_ACTIVE + INT64_WORDS;
export const CONSUMER_NAME_OFFSET = (CONSUMER_PENDING + HANDLE_WORDS) * 4;

/** The payload of a group's tree of pending entries. */
export const PENDING_CONSUMER = 0;
export const PENDING_TIME = 1;
export const PENDING_DELIVERIES = PENDING_TIME + INT64_WORDS;
export const PENDING_WORDS = PENDING_DELIVERIES + INT64_WORDS;
