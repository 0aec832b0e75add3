// The sending half of a hop: writes commands for another thread's shard into one record per (connection, shard, cycle).
// Its twin that reads them is shard-adapter.ts.

import { assert } from '../base/assert.js';
import type { Args } from '../contract/args.js';
import type { Mesh } from '../fabric/mesh.js';
import { LANE_REQUEST } from '../fabric/mesh.js';
import {
  BATCH_BYTES_MAX,
  COMMANDS_HEAD_BYTES,
  COMMAND_HEAD_BYTES,
  COMMAND_ID_BITS,
  FLAGS_SHIFT,
  KIND,
  RING_NO_TOUCH,
  RING_RESP3,
  writeWord,
} from './batch-layout.js';
import { GrowingBytes } from './growing-bytes.js';

const BATCH_OFFSET = 4;
const COUNT_OFFSET = 8;
const INITIAL_BYTES = 16 * 1024;

/** What the proxy needs to know of the connection a command comes from. */
export interface CommandOrigin {
  readonly id: number;
  readonly db: number;
  readonly protocol: 2 | 3;
  readonly noTouch: boolean;
}

/** One thread's way to one foreign shard. */
export class ShardProxy {
  readonly shard: number;
  readonly #mesh: Mesh;
  readonly #record = new GrowingBytes(INITIAL_BYTES);
  #count = 0;

  constructor(mesh: Mesh, shard: number) {
    this.#mesh = mesh;
    this.shard = shard;
  }

  /** Adds one command to the open record of `batch`. */
  append(commandId: number, args: Args, keyHash: number, origin: CommandOrigin, batch: number): void {
    const record = this.#record;
    if (this.#count === 0) {
      record.reserve(COMMANDS_HEAD_BYTES);
      writeWord(record.bytes, 0, origin.id);
      writeWord(record.bytes, BATCH_OFFSET, batch);
      record.length = COMMANDS_HEAD_BYTES;
    }
    this.#count++;
    const { bytes, starts, ends, count } = args;
    record.reserve(COMMAND_HEAD_BYTES + 4 * count);
    const flags = (origin.protocol === 3 ? RING_RESP3 : 0) | (origin.noTouch ? RING_NO_TOUCH : 0);
    const out = record.bytes;
    let at = record.length;
    writeWord(out, at, commandId | (origin.db << COMMAND_ID_BITS) | (flags << FLAGS_SHIFT));
    writeWord(out, at + 4, keyHash);
    writeWord(out, at + 8, count);
    at += COMMAND_HEAD_BYTES;
    for (let i = 1; i < count; i++, at += 4) writeWord(out, at, ends[i] - starts[i]);
    record.length = at;
    for (let i = 1; i < count; i++) record.append(bytes, starts[i], ends[i]);
    if (record.length >= BATCH_BYTES_MAX) this.send();
  }

  /** Hands the open record to the mesh (which publishes once per cycle). Nothing open: nothing happens. */
  send(): void {
    if (this.#count === 0) return;
    assert(this.#record.length > COMMANDS_HEAD_BYTES, 'a record with commands has a body');
    writeWord(this.#record.bytes, COUNT_OFFSET, this.#count);
    this.#mesh.send(this.shard, LANE_REQUEST, KIND.commands, this.#record.bytes, 0, this.#record.length);
    this.#record.clear();
    this.#count = 0;
  }
}
