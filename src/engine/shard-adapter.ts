// The receiving half of a hop of single commands: decodes command records from a ring, runs them, and sends their replies
// back. Arguments stay in ring memory; replies collect in one buffer per record. Its twin that writes is shard-proxy.ts.
//
// A command that a running transaction stands in the way of parks with the rest of its record (copied), and what the same
// connection sends meanwhile lines up behind it: replies of a connection stay in order.

import { readWord } from '../base/bytes.js';
import { GrowingBytes } from '../base/growing-bytes.js';
import type { Command } from '../contract/command-table.js';
import type { Mesh } from '../fabric/mesh.js';
import { LANE_REPLY } from '../fabric/mesh.js';
import { RespEncoder } from '../protocol/resp-encoder.js';
import { RecordedCommand, RING_NO_TOUCH, RING_RESP3 } from '../txn/command-record.js';
import { KIND } from '../txn/record-kinds.js';
import { FREE, type ShardPart } from '../txn/shard-part.js';
import { BATCH_BYTES_MAX, COMMANDS_HEAD_BYTES } from './batch-layout.js';
import type { Executor } from './executor.js';
import { WINDOW_REQUESTS } from './request-window.js';

const INITIAL_ENDS = 256;

/** How far a record has been run. */
interface RecordCursor {
  peer: number;
  session: number;
  batch: number;
  bytes: Uint8Array;
  /** The next command, and how many are left with it. */
  at: number;
  left: number;
}

/** What a connection has sent that waits here: a record begun, and those behind it. */
type Line = RecordCursor[];

export class ShardAdapter {
  readonly #mesh: Mesh;
  readonly #executor: Executor;
  readonly #part: ShardPart;
  readonly #commands: readonly Command[];
  readonly #requests: readonly RecordedCommand[];
  readonly #cursor: RecordCursor = { peer: 0, session: 0, batch: 0, bytes: new Uint8Array(0), at: 0, left: 0 };
  /** By session. */
  readonly #lines = new Map<number, Line>();
  readonly #reply = new RespEncoder();
  readonly #directory = new GrowingBytes(INITIAL_ENDS * 4);
  #ends = new Int32Array(INITIAL_ENDS);

  constructor(mesh: Mesh, executor: Executor, part: ShardPart, commands: readonly Command[], hashSeed: number) {
    this.#mesh = mesh;
    this.#executor = executor;
    this.#part = part;
    this.#commands = commands;
    const hashed = commands.map((command) => command.hashedArgument);
    this.#requests = Array.from({ length: WINDOW_REQUESTS }, () => new RecordedCommand(hashSeed, hashed));
  }

  /** Runs the commands of one record from `peer`, `bytes[start, end)`, and queues their replies. */
  handle(peer: number, bytes: Uint8Array, start: number, end: number): void {
    const cursor = this.#cursor;
    cursor.peer = peer;
    cursor.session = readWord(bytes, start);
    cursor.batch = readWord(bytes, start + 4);
    cursor.bytes = bytes;
    cursor.at = start + COMMANDS_HEAD_BYTES;
    cursor.left = readWord(bytes, start + 8);
    const part = this.#part;
    if (part.holds.active !== 0) part.sweep();
    const line = this.#lines.size === 0 ? undefined : this.#lines.get(cursor.session);
    if (line !== undefined) {
      line.push(copyOf(cursor, end));
      return;
    }
    const obstacle = this.#run(cursor);
    if (obstacle === FREE) return;
    const waiting = [copyOf(cursor, end)];
    this.#lines.set(cursor.session, waiting);
    this.#park(obstacle, cursor.session, waiting);
  }

  #park(obstacle: number, session: number, line: Line): void {
    this.#part.park(obstacle, {
      proceed: () => {
        while (line.length > 0) {
          const next = this.#run(line[0]);
          if (next !== FREE) {
            this.#park(next, session, line);
            return;
          }
          line.shift();
        }
        this.#lines.delete(session);
      },
    });
  }

  /** Runs a record as far as it may; returns what stands in the way of the rest, or FREE. */
  #run(cursor: RecordCursor): number {
    const executor = this.#executor;
    const requests = this.#requests;
    const { holds } = this.#part;
    const { bytes } = cursor;
    let unsent = 0;
    let obstacle = FREE;
    executor.begin();
    if (cursor.left > this.#ends.length) this.#ends = new Int32Array(cursor.left * 2);
    while (cursor.left > 0 && obstacle === FREE) {
      const window = Math.min(cursor.left, WINDOW_REQUESTS);
      let decoded = cursor.at;
      for (let i = 0; i < window; i++) decoded = requests[i].read(bytes, decoded);
      if (window > 1) executor.warm(requests, window);
      for (let i = 0; i < window; i++) {
        if (holds.active !== 0) {
          obstacle = this.#part.obstacle(this.#commands[requests[i].id], requests[i].args);
          if (obstacle !== FREE) break;
        }
        this.#runCommand(requests[i]);
        cursor.at = requests[i].end;
        cursor.left--;
        this.#ends[unsent++] = this.#reply.length;
        if (this.#reply.length < BATCH_BYTES_MAX) continue;
        this.#send(cursor, unsent);
        unsent = 0;
      }
    }
    executor.end();
    if (unsent > 0) this.#send(cursor, unsent);
    return obstacle;
  }

  #runCommand(request: RecordedCommand): void {
    this.#reply.protocol = (request.flags & RING_RESP3) !== 0 ? 3 : 2;
    this.#executor.shard.touchOnAccess = (request.flags & RING_NO_TOUCH) === 0;
    this.#executor.run(request.id, request.db, request.args, this.#reply);
  }

  #send({ peer, session, batch }: RecordCursor, count: number): void {
    const reply = this.#reply;
    const directory = this.#directory;
    directory.length = 0;
    for (let i = 0; i < count; i++) directory.appendWord(this.#ends[i]);
    directory.appendWord(count);
    directory.appendWord(batch);
    directory.appendWord(session);
    reply.raw(directory.bytes, 0, directory.length);
    this.#mesh.send(peer, LANE_REPLY, KIND.replies, reply.bytes, 0, reply.length);
    reply.reset();
  }
}

/** The rest of a record, with bytes of its own. */
function copyOf(cursor: RecordCursor, end: number): RecordCursor {
  return { ...cursor, bytes: cursor.bytes.slice(cursor.at, end), at: 0 };
}
