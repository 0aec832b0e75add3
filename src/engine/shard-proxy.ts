// The sending half of a hop of single commands: writes commands for another thread's shard into one record per
// (connection, shard, cycle). Its twin that reads them is shard-adapter.ts.

import { assert } from '../base/assert.js';
import { writeWord } from '../base/bytes.js';
import { GrowingBytes } from '../base/growing-bytes.js';
import type { Args } from '../contract/args.js';
import type { Mesh } from '../fabric/mesh.js';
import { LANE_REQUEST } from '../fabric/mesh.js';
import { appendCommand, flagsOf, type CommandOrigin } from '../txn/command-record.js';
import { KIND } from '../txn/record-kinds.js';
import { BATCH_BYTES_MAX, COMMANDS_HEAD_BYTES } from './batch-layout.js';

const BATCH_OFFSET = 4;
const COUNT_OFFSET = 8;
const INITIAL_BYTES = 16 * 1024;

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
    appendCommand(record, commandId, origin.db, flagsOf(origin), keyHash, args);
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
