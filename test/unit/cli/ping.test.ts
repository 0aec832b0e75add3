// The health check against servers that answer, refuse, or say nothing.

import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';

import { isHealthy, ping } from '../../../src/cli/ping.js';

let server: Server | undefined;

afterEach(() => {
  server?.close();
});

/** A server that answers what it is told to, in the given pieces; its port. */
function answering(...pieces: string[]): Promise<string> {
  return new Promise((resolve) => {
    const started = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (request) => {
        expect(request.toString()).toBe('*1\r\n$4\r\nPING\r\n');
        for (const piece of pieces) socket.write(piece);
        if (pieces.length === 0) socket.end();
      });
    });
    server = started;
    started.listen(0, '127.0.0.1', () => {
      const address = started.address();
      resolve(typeof address === 'object' ? String(address?.port) : '');
    });
  });
}

describe('the health check', () => {
  it('takes PONG and NOAUTH for life', async () => {
    expect(isHealthy(await ping(await answering('+PO', 'NG\r\n')))).toBe(true);
    expect(isHealthy('-NOAUTH Authentication required.')).toBe(true);
    expect(isHealthy('-LOADING Redis is loading the dataset in memory')).toBe(false);
  });

  it('fails on silence, on a closed connection and on nobody', async () => {
    await expect(ping(await answering(' '), '127.0.0.1', 50)).rejects.toThrow('no answer within 50 ms');
    await expect(ping(await answering())).rejects.toThrow('closed without an answer');
    await expect(ping('/nowhere/anax.sock')).rejects.toThrow('ENOENT');
  });
});
