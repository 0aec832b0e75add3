// The portable form of a value: how RENAME and COPY carry one from shard to shard. Private to the running server: both
// ends are of one version, on one machine, and nothing of it is stored.
//
//   | kind:u32 | content |      kind = the entry's type | encoding << 4; content as the type writes it (value-type.ts)
//
// The key, its time to live and its access clock are not part of it. shard/import-value.ts makes a key of it.

import { assert } from '../base/assert.js';
import type { Arena, Ref } from '../memory/arena.js';
import { entryKind } from '../structures/entry.js';
import { valueTypeOf } from './value-types.js';
import type { ByteSink } from './value-type.js';

/** Bytes before the content. */
export const PORTABLE_HEAD_BYTES = 4;

/** Appends type and value of the entry to `sink`. The value stays where it is. */
export function exportValue(arena: Arena, entry: Ref, sink: ByteSink): void {
  sink.appendWord(entryKind(arena, entry));
  valueTypeOf(arena, entry).exportContent(arena, entry, sink);
}

/** The kind of the entry that was exported. */
export function portableKind(bytes: Uint8Array, start: number, end: number): number {
  assert(end - start >= PORTABLE_HEAD_BYTES, 'a portable value has a head');
  return bytes[start];
}
