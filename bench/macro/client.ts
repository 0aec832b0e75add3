// A client for the benchmark's few questions (INFO, DBSIZE, FLUSHALL): one request, one reply, on a connection of its own.
import RedisParser from 'redis-parser';
import { connectTo, type Address } from './server-process.js';

const ANSWER_MS_MAX = 60_000;

/** Sends one request and resolves to its decoded reply; rejects on an error reply. */
export async function ask(address: Address, ...words: readonly string[]): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    const socket = connectTo(address);
    const finish = (act: () => void): void => {
      socket.destroy();
      act();
    };
    const fail = (error: Error): void => {
      finish(() => {
        reject(error);
      });
    };
    const parser = new RedisParser({
      returnReply: (reply: unknown) => {
        finish(() => {
          resolve(reply);
        });
      },
      returnError: fail,
      returnFatalError: fail,
    });
    socket.setTimeout(ANSWER_MS_MAX, () => {
      fail(new Error(`no answer to ${words[0]}`));
    });
    socket.on('data', (chunk) => {
      parser.execute(chunk);
    });
    socket.on('error', fail);
    socket.write(encodeRequest(words));
  });
}

/** A request as bytes, one character each. */
export function encodeRequest(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

/** INFO's fields as text by name. */
export async function info(address: Address, ...sections: readonly string[]): Promise<Map<string, string>> {
  const text = String(await ask(address, 'INFO', ...sections));
  const fields = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}
