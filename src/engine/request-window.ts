// The next requests of one connection, decoded ahead of the one that runs.
//
// A pipelined connection brings many requests in one read. Decoding a few of them first lets the executor touch what all
// their keys need (executor.ts, `warm`) before the first one runs, so that their cache misses overlap.
//
// (1) Requests are decoded ahead only as far as no request before them can change how they are read: an unauthenticated
//     client has a window of one.
// (2) Whoever stops before the window's end goes on at that request's `start` and forgets the decoder's progress, which
//     belongs to a request behind it.

import { Args } from '../contract/args.js';
import type { Command, CommandTable } from '../contract/command-table.js';
import { COMPLETE, EMPTY, type RequestDecoder } from '../protocol/request-decoder.js';
import type { Request } from './executor.js';
import type { Session } from './session.js';

/** Requests decoded ahead. Enough to overlap memory accesses, few enough for their lines to stay in the first cache. */
export const WINDOW_REQUESTS = 16;

export class WindowRequest implements Request {
  readonly args: Args;
  command: Command | undefined = undefined;
  db = 0;
  keyIndex = 0;
  /** Offsets of the request and of what follows it. */
  start = 0;
  next = 0;

  constructor(hashSeed: number) {
    this.args = new Args(hashSeed);
  }
}

export class RequestWindow {
  readonly requests: readonly WindowRequest[];
  count = 0;
  /** Offset behind the last request, empty lines that follow it included. */
  end = 0;
  /** What `decode` said last: COMPLETE when the window is full or has to be run first, else INCOMPLETE or FAILED. */
  status: number = COMPLETE;

  constructor(hashSeed: number) {
    this.requests = Array.from({ length: WINDOW_REQUESTS }, () => new WindowRequest(hashSeed));
  }

  /** Decodes requests from `bytes[at, end)`. */
  fill(
    decoder: RequestDecoder,
    table: CommandTable,
    session: Session,
    bytes: Uint8Array,
    at: number,
    end: number,
  ): void {
    const { progress } = session;
    const limit = session.authenticated ? WINDOW_REQUESTS : 1;
    progress.authenticated = session.authenticated;
    this.count = 0;
    this.status = COMPLETE;
    while (this.count < limit && at < end) {
      const request = this.requests[this.count];
      const { args } = request;
      const status = decoder.decode(bytes, at, end, args, progress);
      if (status === COMPLETE) {
        request.start = at;
        at = decoder.next;
        request.next = at;
        request.db = session.db;
        request.command = table.resolve(args);
        this.count++;
        if (args.bytes !== bytes) break; // unescaped words stand in the decoder's scratch buffer until its next use
      } else if (status === EMPTY) {
        at = decoder.next;
      } else {
        this.status = status;
        break;
      }
    }
    this.end = at;
  }
}
