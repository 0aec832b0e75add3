// Fills a server with given data over one connection, many requests at a time.
import RedisParser from 'redis-parser';
import { encodeRequest } from './client.js';
import { connectTo, type Address } from './server-process.js';

/** Items of one request. */
const ITEMS_AT_ONCE = 1000;
/** Bytes that are sent before their replies are waited for. */
const BATCH_BYTES = 1024 * 1024;

export class Filler {
  readonly #address: Address;

  constructor(address: Address) {
    this.#address = address;
  }

  /** Makes one request; rejects on an error reply. */
  async ask(...words: readonly string[]): Promise<void> {
    await this.each(1, () => words);
  }

  /** Adds `count` items by requests that begin with `command`, many items in each. */
  async add(command: string, count: number, item: (i: number) => readonly string[]): Promise<void> {
    const head = command.split(' ');
    await this.each(Math.ceil(count / ITEMS_AT_ONCE), (request) => {
      const first = request * ITEMS_AT_ONCE;
      const length = Math.min(ITEMS_AT_ONCE, count - first);
      return [...head, ...Array.from({ length }, (_, i) => item(first + i)).flat()];
    });
  }

  /** Makes `count` requests. */
  async each(count: number, request: (i: number) => readonly string[]): Promise<void> {
    const socket = connectTo(this.#address);
    try {
      await new Promise<void>((resolve, reject) => {
        let sent = 0;
        let owed = 0;
        const sendMore = (): void => {
          let batch = '';
          for (; sent < count && batch.length < BATCH_BYTES; sent++, owed++) batch += encodeRequest(request(sent));
          if (batch === '') resolve();
          else socket.write(batch, 'latin1');
        };
        const parser = new RedisParser({
          returnReply: () => {
            if (--owed === 0) sendMore();
          },
          returnError: reject,
          returnFatalError: reject,
        });
        socket.on('data', (chunk) => {
          parser.execute(chunk);
        });
        socket.on('error', reject);
        sendMore();
      });
    } finally {
      socket.destroy();
    }
  }
}
