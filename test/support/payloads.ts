// DUMP payloads by hand: every form that values have had in RDB files, for servers of all ages.

import { Crc64, CRC64_BYTES } from '../../src/base/crc64.js';
import { Arena } from '../../src/memory/arena.js';
import { PackedList, StagedElement } from '../../src/structures/packed-list.js';

export type Bytes = Uint8Array | string;

export function toBytes(value: Bytes): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : Buffer.from(value);
}

/** Kind and value with version and checksum behind. */
export function payload(kind: number, value: Uint8Array, version = 9): Buffer {
  const body = Buffer.concat([Buffer.from([kind]), value, Buffer.from([version & 0xff, version >> 8])]);
  return sealed(body);
}

/** A body that ends with its version, with the checksum behind. */
export function sealed(body: Uint8Array): Buffer {
  const crc = new Crc64();
  crc.update(body, 0, body.length);
  const footer = Buffer.alloc(CRC64_BYTES);
  crc.write(footer, 0);
  return Buffer.concat([body, footer]);
}

export function length(value: number, form: 'short' | '32' | '64' = 'short'): Buffer {
  if (form === '64') {
    const long = Buffer.alloc(9, 0x81);
    long.writeBigUInt64BE(BigInt(value), 1);
    return long;
  }
  if (form === '32' || value >= 16384) {
    const word = Buffer.alloc(5, 0x80);
    word.writeUInt32BE(value, 1);
    return word;
  }
  return value < 64 ? Buffer.from([value]) : Buffer.from([0x40 | (value >> 8), value & 0xff]);
}

export function string(value: Bytes): Buffer {
  const bytes = toBytes(value);
  return Buffer.concat([length(bytes.length), bytes]);
}

/** A count and so many strings. */
export function strings(values: readonly Bytes[]): Buffer {
  return Buffer.concat([length(values.length), ...values.map(string)]);
}

export function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

export function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}

export function listpack(values: readonly Bytes[]): Buffer {
  const list = new PackedList(new Arena());
  list.create(0);
  const element = new StagedElement();
  for (const value of values) {
    const bytes = toBytes(value);
    element.stage(bytes, 0, bytes.length);
    list.append(element);
  }
  const view = { bytes: new Uint8Array(0), start: 0, end: 0 };
  list.readAll(view);
  const head = Buffer.alloc(6);
  head.writeUInt32LE(7 + view.end - view.start, 0);
  head.writeUInt16LE(Math.min(values.length, 0xffff), 4);
  return Buffer.concat([head, view.bytes.slice(view.start, view.end), Buffer.from([0xff])]);
}

const INTEGER = /^(0|-?[1-9]\d{0,17})$/;

export function ziplist(values: readonly Bytes[]): Buffer {
  const parts: Buffer[] = [];
  let previous = 0;
  let tail = 10;
  let at = 10;
  for (const value of values) {
    const before = previous < 254 ? Buffer.from([previous]) : Buffer.alloc(5, 0xfe);
    if (previous >= 254) before.writeUInt32LE(previous, 1);
    const part = Buffer.concat([before, ziplistContent(value)]);
    parts.push(part);
    previous = part.length;
    tail = at;
    at += part.length;
  }
  const head = Buffer.alloc(10);
  head.writeUInt32LE(at + 1, 0);
  head.writeUInt32LE(tail, 4);
  head.writeUInt16LE(Math.min(values.length, 0xffff), 8);
  return Buffer.concat([head, ...parts, Buffer.from([0xff])]);
}

function ziplistContent(value: Bytes): Buffer {
  const bytes = toBytes(value);
  const text = bytes.toString('latin1');
  if (INTEGER.test(text)) {
    const number = BigInt(text);
    if (number >= 0n && number <= 12n) return Buffer.from([0xf1 + Number(number)]);
    const forms = [[0xfe, 1], [0xc0, 2], [0xf0, 3], [0xd0, 4], [0xe0, 8]] as const; // prettier-ignore
    for (const [head, width] of forms) {
      if (BigInt.asIntN(width * 8, number) !== number) continue;
      const content = Buffer.alloc(9);
      content[0] = head;
      content.writeBigInt64LE(number, 1);
      return content.subarray(0, 1 + width);
    }
  }
  if (bytes.length < 64) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  if (bytes.length < 16384)
    return Buffer.concat([Buffer.from([0x40 | (bytes.length >> 8), bytes.length & 0xff]), bytes]);
  const head = Buffer.alloc(5, 0x80);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

export function zipmap(values: readonly Bytes[], free = 0): Buffer {
  const parts = values.flatMap((value, i) => {
    const bytes = toBytes(value);
    const size = bytes.length < 254 ? Buffer.from([bytes.length]) : Buffer.alloc(5, 0xfe);
    if (bytes.length >= 254) size.writeUInt32LE(bytes.length, 1);
    return i % 2 === 0 ? [size, bytes] : [size, Buffer.from([free]), bytes, Buffer.alloc(free)];
  });
  const head = Buffer.from([Math.min(values.length / 2, 254)]);
  return Buffer.concat([head, ...parts, Buffer.from([0xff])]);
}

/** `values` ascending. */
export function intset(values: readonly bigint[]): Buffer {
  const width = [2, 4, 8].find((one) => values.every((value) => BigInt.asIntN(one * 8, value) === value)) ?? 8;
  const head = Buffer.alloc(8);
  head.writeUInt32LE(width, 0);
  head.writeUInt32LE(values.length, 4);
  const content = values.map((value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes.subarray(0, width);
  });
  return Buffer.concat([head, ...content]);
}
