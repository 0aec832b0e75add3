// What DUMP gives and RESTORE takes: | kind:u8 | value | version:u16 | CRC-64 of all before:u64 |, the integers with their
// least significant byte first.

import { Crc64, CRC64_BYTES } from '../../base/crc64.js';
import type { Arena, Ref } from '../../memory/arena.js';
import { VERSION_MAX } from './rdb-format.js';
import { RdbReader } from './rdb-reader.js';
import type { RdbWriter } from './rdb-writer.js';
import { kindOf, saveValue, versionFor } from './save-value.js';

const VERSION_BYTES = 2;
const FOOTER_BYTES = VERSION_BYTES + CRC64_BYTES;

const crc = new Crc64();

/** Fills `writer.out` with the payload of the entry's value, in the oldest version of the format that will do. */
export function writePayload(arena: Arena, entry: Ref, writer: RdbWriter): void {
  const version = versionFor(arena, entry);
  const kind = kindOf(arena, entry, version);
  const { out } = writer;
  out.clear();
  writer.byte(kind);
  saveValue(arena, entry, kind, writer);
  out.reserve(FOOTER_BYTES);
  writer.byte(version);
  writer.byte(0);
  crc.reset();
  crc.update(out.bytes, 0, out.length);
  crc.write(out.bytes, out.length);
  out.length += CRC64_BYTES;
}

/** A reader of what stands in the payload `bytes[start, end)`; undefined: it is damaged, or too new. */
export function openPayload(bytes: Uint8Array, start: number, end: number): RdbReader | undefined {
  const footer = end - FOOTER_BYTES;
  if (footer < start) return undefined;
  if ((bytes[footer] | (bytes[footer + 1] << 8)) > VERSION_MAX) return undefined;
  crc.reset();
  crc.update(bytes, start, footer + VERSION_BYTES);
  return crc.stands(bytes, footer + VERSION_BYTES) ? new RdbReader(bytes, start, footer) : undefined;
}
