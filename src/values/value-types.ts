// The types by their numbers (types.ts).

import { assert } from '../base/assert.js';
import type { Arena, Ref } from '../memory/arena.js';
import { entryType } from '../structures/entry.js';
import { HASH_TYPE } from './hash-type.js';
import { LIST_TYPE } from './list.js';
import { SET_TYPE } from './set-type.js';
import { STREAM_TYPE } from './stream-type.js';
import { STRING_TYPE } from './string-type.js';
import { TYPE } from './types.js';
import type { ValueType } from './value-type.js';
import { ZSET_TYPE } from './zset-type.js';

const TYPES: (ValueType | undefined)[] = [];
TYPES[TYPE.string] = STRING_TYPE;
TYPES[TYPE.list] = LIST_TYPE;
TYPES[TYPE.set] = SET_TYPE;
TYPES[TYPE.zset] = ZSET_TYPE;
TYPES[TYPE.stream] = STREAM_TYPE;
TYPES[TYPE.hash] = HASH_TYPE;

/** The type of the entry's value. */
export function valueTypeOf(arena: Arena, entry: Ref): ValueType {
  const type = TYPES[entryType(arena, entry)];
  assert(type !== undefined, 'an entry holds a value of a known type');
  return type;
}
