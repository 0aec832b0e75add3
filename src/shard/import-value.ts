// Makes a key of a value that came from another shard (values/portable.ts).

import { copyBytes } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { HAS_SLOT, TYPE_MASK } from '../structures/entry-layout.js';
import { PORTABLE_HEAD_BYTES, portableKind } from '../values/portable.js';
import { BLOB_KIND, INLINE_RAW_KIND, INLINE_VALUE_BYTES_MAX } from '../values/string.js';
import { TYPE } from '../values/types.js';
import { valueTypeOf } from '../values/value-types.js';
import { NO_EXPIRY, type Db } from './db.js';

/**
 * Creates the key at argument `i`, which is free, of what `exportValue` wrote to `bytes[start, end)`: same type, same
 * encoding, no TTL (the caller sets one). Tells who waits for the key.
 */
export function importValue(db: Db, args: Args, i: number, bytes: Uint8Array, start: number, end: number): void {
  const kind = portableKind(bytes, start, end);
  const from = start + PORTABLE_HEAD_BYTES;
  if ((kind & TYPE_MASK) === TYPE.string) {
    importString(db, args, i, kind, bytes, from, end);
    return;
  }
  const entry = db.create(args, i, kind, (kind & HAS_SLOT) === 0 ? end - from : 0);
  valueTypeOf(db.arena, entry).importContent(db.arena, entry, bytes, from, end);
  db.arrived(entry, args, i);
}

/** A string that was modified in place stays `raw` and is no integer, whatever it spells. */
function importString(
  db: Db,
  args: Args,
  i: number,
  kind: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const modified = kind === INLINE_RAW_KIND || (kind === BLOB_KIND && end - start <= INLINE_VALUE_BYTES_MAX);
  if (!modified) {
    db.setString(args, i, bytes, start, end, NO_EXPIRY);
    return;
  }
  const view = { bytes, start: 0, end: 0 };
  db.resizeString(args, i, end - start, view);
  copyBytes(view.bytes, view.start, bytes, start, end);
}
