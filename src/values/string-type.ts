// Strings as databases see them (value-type.ts); string.ts reads and writes them.

import { assert, unreachable } from '../base/assert.js';
import { NO_BYTES } from '../base/bytes.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { entryKind } from '../structures/entry.js';
import {
  BLOB_KIND,
  blobLength,
  blobOf,
  readString,
  serializedStringLength,
  stringEncodingName,
  writeBlob,
  type StringView,
} from './string.js';
import type { ByteSink, ValueType } from './value-type.js';

const view: StringView = { bytes: NO_BYTES, start: 0, end: 0 };

function isBlob(arena: Arena, entry: Ref): boolean {
  return entryKind(arena, entry) === BLOB_KIND;
}

function duplicate(arena: Arena, entry: Ref): void {
  if (!isBlob(arena, entry)) return;
  const length = blobLength(arena, entry);
  const blob = arena.alloc(Math.max(length, 1));
  arena.copy(blob, 0, blobOf(arena, entry), 0, length);
  writeBlob(arena, entry, blob, length);
}

function exportContent(arena: Arena, entry: Ref, sink: ByteSink): void {
  readString(arena, entry, view);
  sink.append(view.bytes, view.start, view.end);
}

export const STRING_TYPE: ValueType = {
  isAwaited: false,
  encodingName: stringEncodingName,
  serializedLength: serializedStringLength,
  debugDetails: () => '',
  blocks: (arena, entry) => (isBlob(arena, entry) ? 1 : 0),
  bytes: (arena, entry) => (isBlob(arena, entry) ? arena.sizeOf(blobOf(arena, entry)) : 0),
  free: (arena, entry) => {
    if (isBlob(arena, entry)) arena.free(blobOf(arena, entry));
  },
  drain: () => unreachable('a string is freed at once'),
  duplicate,
  moveBlocks: (arena, entry, mover) => {
    if (!isBlob(arena, entry)) return;
    const blob = blobOf(arena, entry);
    writeBlob(arena, entry, mover.move(blob, arena.sizeOf(blob)), blobLength(arena, entry));
  },
  exportContent,
  // An entry holds its string inline: shard/import-value.ts makes one of the right size.
  importContent: () => unreachable('a string is imported as an entry'),
  check: (arena, entry) => {
    if (!isBlob(arena, entry)) return;
    const blob = blobOf(arena, entry);
    assert(blobLength(arena, entry) <= arena.sizeOf(blob), 'a string fits its block');
    const end = ((blob & REF_GRANULE_MASK) << 3) + arena.sizeOf(blob);
    assert(end <= arena.u8[blob >>> REF_SEGMENT_SHIFT].length, 'a block stands in its segment');
  },
};
