// Commands about the server as a whole that touch no data: INFO, TIME, LOLWUT, SHUTDOWN.

import { bytesOf } from '../base/bytes.js';
import { unixMicroseconds } from '../base/clock.js';
import { ANAX_VERSION, REDIS_VERSION } from '../base/version.js';
import type { Args } from '../contract/args.js';
import type { Client, ShutdownMode } from '../contract/client.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { CommandSpec } from '../contract/spec.js';

const VERSION = bytesOf('VERSION');
const NOSAVE = bytesOf('NOSAVE');
const SAVE = bytesOf('SAVE');
const NOW = bytesOf('NOW');
const FORCE = bytesOf('FORCE');
const ABORT = bytesOf('ABORT');

function cmdInfo(client: Client, args: Args, reply: Reply): void {
  const sections: string[] = [];
  for (let i = 1; i < args.count; i++) sections.push(args.latin1(i).toLowerCase());
  reply.verbatim(client.server.info(sections));
}

function cmdTime(client: Client, _args: Args, reply: Reply): void {
  const now = unixMicroseconds(client.server.clock);
  const seconds = Math.floor(now / 1e6);
  reply.array(2);
  reply.bulkInteger(seconds);
  reply.bulkInteger(now - seconds * 1e6);
}

// ---------------------------------------------------------------------- LOLWUT

/** Half the wing span in characters: by default, and the limits of the argument. */
const WING_CHARS = 26;
const WING_CHARS_MIN = 6;
const WING_CHARS_MAX = 120;
const MIRRORED: ReadonlyMap<string, string> = new Map([
  ['/', '\\'],
  ['(', ')'],
]);
const WING_CELLS = [' ', '.', ':', '/', '-', '_', '~'];

/** `LOLWUT [VERSION n] [half span]`: Anax is a genus of dragonflies, and no two wings are alike. */
function cmdLolwut(client: Client, args: Args, reply: Reply): void {
  let at = 1;
  if (args.count >= 3 && args.is(1, VERSION)) {
    if (args.bigint(2) === undefined) {
      reply.error(ERRORS.notInteger);
      return;
    }
    at = 3;
  }
  let span = WING_CHARS;
  if (at < args.count) {
    const given = args.bigint(at);
    if (given === undefined) {
      reply.error(ERRORS.notInteger);
      return;
    }
    span = Math.min(Math.max(Number(given), WING_CHARS_MIN), WING_CHARS_MAX);
  }
  const picture = dragonfly(span, (bound) => client.server.topology.randomBelow(bound));
  reply.verbatim(`${picture}\nRedis ver. ${REDIS_VERSION}, Anax ver. ${ANAX_VERSION}\n`);
}

/** A dragonfly from above: two pairs of mirrored wings with `span` characters to each side. */
function dragonfly(span: number, random: (bound: number) => number): string {
  const short = Math.max(span - 4, WING_CHARS_MIN - 2);
  const rows = [
    row('', '(@@)', span),
    wing(span, '\\__/', random),
    wing(span, '|##|', random),
    wing(short, '|##|', random, span),
    wing(short, '\\##/', random, span),
  ];
  for (let i = 0; i < 5; i++) rows.push(row('', '||', span));
  rows.push(row('', '\\/', span));
  return rows.join('\n') + '\n';
}

/** A body part between a left half and its mirror image. */
function row(left: string, body: string, span: number): string {
  let mirrored = '';
  for (let i = left.length - 1; i >= 0; i--) mirrored += MIRRORED.get(left[i]) ?? left[i];
  const half = body.length / 2 - 1;
  return (left.padStart(span + 3 - half) + body + mirrored).trimEnd();
}

function wing(chars: number, body: string, random: (bound: number) => number, span = chars): string {
  let cells = '(';
  for (let i = 0; i < chars; i++) cells += WING_CELLS[random(WING_CELLS.length)];
  return row(cells, body, span);
}

// ---------------------------------------------------------------------- SHUTDOWN

async function cmdShutdown(client: Client, args: Args, reply: Reply): Promise<void> {
  const chosen = { nosave: false, save: false, now: false, force: false, abort: false };
  for (let i = 1; i < args.count; i++) {
    if (args.is(i, NOSAVE)) chosen.nosave = true;
    else if (args.is(i, SAVE)) chosen.save = true;
    else if (args.is(i, NOW)) chosen.now = true;
    else if (args.is(i, FORCE)) chosen.force = true;
    else if (args.is(i, ABORT)) chosen.abort = true;
    else {
      reply.error(ERRORS.syntax);
      return;
    }
  }
  const { nosave, save, now, force, abort } = chosen;
  if ((nosave && save) || (abort && (nosave || save || now || force))) {
    reply.error(ERRORS.syntax);
    return;
  }
  if (abort) {
    // A shutdown waits for nothing that could be called off: there is never one in progress while commands run.
    reply.error('ERR No shutdown in progress.');
    return;
  }
  const mode: ShutdownMode = { save: nosave ? 'nosave' : save ? 'save' : 'default', now, force };
  reply.error(await client.server.shutdown(mode));
}

export const SERVER_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'INFO',
    since: '1.0.0',
    arity: -1,
    flags: ['loading', 'stale'],
    group: 'server',
    categories: ['dangerous'],
    summary: 'Reports the state and the statistics of the server, by section.',
    complexity: 'O(1)',
    usage: '[section ...]',
    history: [['7.0.0', 'Takes several sections.']],
    tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
    examples: [
      ['INFO cluster', '$30\r\n# Cluster\r\ncluster_enabled:0\r\n'],
      ['INFO nosuchsection', '$0\r\n'],
    ],
    onClient: cmdInfo,
  },
  {
    name: 'TIME',
    since: '2.6.0',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    group: 'server',
    summary: 'Returns the time of the server: Unix seconds, and microseconds within the second.',
    complexity: 'O(1)',
    usage: '',
    tips: ['nondeterministic_output'],
    examples: [['TIME now', "-ERR wrong number of arguments for 'time' command"]],
    onClient: cmdTime,
  },
  {
    name: 'LOLWUT',
    since: '5.0.0',
    arity: -1,
    flags: ['readonly', 'fast'],
    group: 'server',
    summary: 'Draws a dragonfly and names the version.',
    complexity: '',
    usage: '[VERSION version]',
    examples: [['LOLWUT VERSION new', '-ERR value is not an integer or out of range']],
    onClient: cmdLolwut,
  },
  {
    name: 'SHUTDOWN',
    since: '1.0.0',
    arity: -1,
    flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
    group: 'server',
    summary: 'Saves the data where that is asked for or configured, and ends the server.',
    complexity: 'O(N) when saving, where N is the number of keys in all databases, otherwise O(1)',
    usage: 'save-selector=[NOSAVE | SAVE] [NOW]@7.0.0 [FORCE]@7.0.0 [ABORT]@7.0.0',
    history: [['7.0.0', 'Modifiers `NOW`, `FORCE` and `ABORT`.']],
    examples: [
      ['SHUTDOWN ABORT', '-ERR No shutdown in progress.'],
      ['SHUTDOWN SAVE NOSAVE', '-ERR syntax error'],
      ['SHUTDOWN ABORT NOW', '-ERR syntax error'],
      ['SHUTDOWN later', '-ERR syntax error'],
    ],
    onClient: cmdShutdown,
  },
];
