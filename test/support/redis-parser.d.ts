// The part of redis-parser that the tests use; the package has no types of its own.
declare module 'redis-parser' {
  interface Options {
    returnReply(reply: unknown): void;
    returnError(error: Error): void;
    returnFatalError?(error: Error): void;
    returnBuffers?: boolean;
    stringNumbers?: boolean;
  }

  export default class RedisParser {
    constructor(options: Options);
    execute(chunk: Buffer): void;
  }
}
