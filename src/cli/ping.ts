// `node dist/src/cli/ping.js [port or Unix socket path] [host]`: asks a server whether it answers, for health checks where
// there is no redis-cli. Exit code 0 when it does, 1 when it does not, with one line that says why.
//
// A server that wants a password answers an unauthenticated PING with NOAUTH: it is alive. One that is still loading is not
// ready.

import { connect, type Socket } from 'node:net';
import { argv, env } from 'node:process';
import { fileURLToPath } from 'node:url';

const DEFAULT_PORT = '6379';
const DEFAULT_HOST = '127.0.0.1';
const TIMEOUT_MS = 2000;
const REPLY_BYTES_MAX = 1024;
const PING = '*1\r\n$4\r\nPING\r\n';

/**
 * The first line of a server's reply to PING, without its line break. `where` is a port number or a socket's path.
 * Rejects when nobody answers within `timeoutMs`.
 */
export function ping(where: string, host: string = DEFAULT_HOST, timeoutMs: number = TIMEOUT_MS): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = /^[0-9]+$/.test(where) ? connect(Number(where), host) : connect(where);
    const timer = setTimeout(() => {
      socket.destroy(new Error(`no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    let reply = '';
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(PING));
    socket.on('data', (data: string) => {
      reply += data;
      if (!reply.includes('\r\n') && reply.length < REPLY_BYTES_MAX) return;
      resolve(reply.split('\r\n', 1)[0]);
      socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new Error('the connection was closed without an answer'));
    });
  });
}

/** True when a reply to PING says that the server works. */
export function isHealthy(reply: string): boolean {
  return reply === '+PONG' || reply.startsWith('-NOAUTH');
}

/** `ANAX_PORT` names the port where the command line cannot (a container's health check). */
async function main(): Promise<number> {
  const where = argv.at(2) ?? env['ANAX_PORT'] ?? DEFAULT_PORT;
  try {
    const reply = await ping(where, argv.at(3));
    if (isHealthy(reply)) return 0;
    console.error(`anax: ${where} answers ${reply}`);
  } catch (error) {
    console.error(`anax: ${where}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return 1;
}

if (argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
