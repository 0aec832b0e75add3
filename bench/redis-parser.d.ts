// redis-parser ships no types. Its constructor takes callbacks; `execute` takes the next bytes of the stream.
declare module 'redis-parser' {
  export interface ParserOptions {
    readonly returnReply: (reply: unknown) => void;
    readonly returnError: (error: Error) => void;
    readonly returnFatalError?: (error: Error) => void;
    /** Bulk strings as Buffers. */
    readonly returnBuffers?: boolean;
    /** Integers as strings. */
    readonly stringNumbers?: boolean;
  }
  export default class RedisParser {
    constructor(options: ParserOptions);
    execute(bytes: Buffer): void;
    reset(): void;
    setReturnBuffers(on: boolean): void;
    setStringNumbers(on: boolean): void;
  }
}
