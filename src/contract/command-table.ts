// The table that commands are looked up in and that COMMAND describes.

import type { Args } from './args.js';
import type { CommandSpec, KeyFlag } from './spec.js';

/** A command or subcommand with what the table adds to its declaration. */
export interface Command {
  readonly spec: CommandSpec;
  /** Dense number, the same on every thread: the index of counters and the name of the command on a ring. */
  readonly id: number;
  /** Lower case; `container|sub` for a subcommand. */
  readonly fullName: string;
  readonly parent: Command | undefined;
  /** ACL categories in Redis's order, without '@'. */
  readonly categories: readonly string[];
  /** First key, last key (-1: last argument), step, as the old COMMAND INFO fields give them; all 0 without keys. */
  readonly firstKey: number;
  readonly lastKey: number;
  readonly keyStep: number;
  /** The argument whose hash travels with the request: its first key or channel; 0: none. */
  readonly hashedArgument: number;
  /** That argument is the only one that decides about the shard. */
  readonly hasOneShard: boolean;
  /** It runs by its plan and by nothing else. */
  readonly isPlanned: boolean;
}

/** A key of a request and what the command does with it. */
export interface KeyUse {
  /** Argument index relative to the request. */
  readonly index: number;
  readonly flags: readonly KeyFlag[];
  readonly isWritten: boolean;
}

export interface CommandTable {
  /** All commands, containers before their subcommands, subcommands included, by id. */
  readonly all: readonly Command[];
  /** The same without internal commands: what clients can ask for. */
  readonly visible: readonly Command[];
  /** By name in any case; for a container the container itself. undefined: no such command. */
  byName(name: string): Command | undefined;
  /** `container|sub` or plain names, any case. */
  byFullName(name: string): Command | undefined;
  /** The same for a step of a plan: commands that no client can ask for included. */
  forPlan(name: string): Command | undefined;
  /** What a request asks for: the subcommand where there is one. undefined: unknown command or subcommand. */
  resolve(args: Args, offset?: number): Command | undefined;
  /** Appends the argument indices that hold keys (relative to the request) to `into`; false: the request is malformed. */
  keyIndices(command: Command, args: Args, into: number[], offset?: number): boolean;
  /**
   * As `keyIndices` with how each key is used; undefined: the request is malformed. Keys that may be left out at the end, and
   * are, make it so only for `isStrict`, as COMMAND GETKEYS has it. Allocates.
   */
  keyUses(command: Command, args: Args, offset?: number, isStrict?: boolean): KeyUse[] | undefined;
}
