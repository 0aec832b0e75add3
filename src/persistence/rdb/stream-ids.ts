// IDs of streams as they stand in RDB files: 16 bytes, most significant first, or two lengths.

import type { ByteView } from '../../base/bytes.js';
import type { StreamId } from '../../values/stream.js';
import { newView } from './packed-sources.js';
import type { RdbReader } from './rdb-reader.js';
import type { RdbWriter } from './rdb-writer.js';

export const RAW_ID_BYTES = 16;
const HALF_BITS = 32n;

const raw = new Uint8Array(RAW_ID_BYTES);
const rawData = new DataView(raw.buffer);
const view = newView();

export function msOf(id: StreamId): bigint {
  return (BigInt(id.msHigh >>> 0) << HALF_BITS) | BigInt(id.msLow >>> 0);
}

export function seqOf(id: StreamId): bigint {
  return (BigInt(id.seqHigh >>> 0) << HALF_BITS) | BigInt(id.seqLow >>> 0);
}

/** Sets `id` to two integers, of which the low 64 bits count. */
export function setId(id: StreamId, ms: bigint, seq: bigint): StreamId {
  const low = (value: bigint): number => Number(BigInt.asIntN(32, value));
  return id.set(low(ms >> HALF_BITS), low(ms), low(seq >> HALF_BITS), low(seq));
}

function fillRaw(id: StreamId): void {
  rawData.setInt32(0, id.msHigh);
  rawData.setInt32(4, id.msLow);
  rawData.setInt32(8, id.seqHigh);
  rawData.setInt32(12, id.seqLow);
}

export function writeRawId(writer: RdbWriter, id: StreamId): void {
  fillRaw(id);
  writer.raw(raw, 0, RAW_ID_BYTES);
}

/** The raw ID as a string. */
export function writeIdKey(writer: RdbWriter, id: StreamId): void {
  fillRaw(id);
  writer.length(RAW_ID_BYTES);
  writer.raw(raw, 0, RAW_ID_BYTES);
}

export function writeId(writer: RdbWriter, id: StreamId): void {
  writer.longLength(msOf(id));
  writer.longLength(seqOf(id));
}

/** Reads a raw ID from `bytes`, which holds one at `start`. */
export function idFrom({ bytes, start }: ByteView, id: StreamId): StreamId {
  raw.set(bytes.subarray(start, start + RAW_ID_BYTES));
  return id.set(rawData.getInt32(0), rawData.getInt32(4), rawData.getInt32(8), rawData.getInt32(12));
}

export function readRawId(reader: RdbReader, id: StreamId): StreamId {
  reader.raw(RAW_ID_BYTES, view);
  return idFrom(view, id);
}

export function readId(reader: RdbReader, id: StreamId): StreamId {
  const ms = reader.longLength();
  return setId(id, ms, reader.longLength());
}
