// One client's line of CLIENT LIST and CLIENT INFO.

import type { CommandTable } from '../contract/command-table.js';
import { TOPIC } from '../contract/pubsub.js';
import type { Session } from './session.js';

/** One client as CLIENT LIST prints it, without a line break. Fields that Anax has no use for are constant. */
export function describeSession(session: Session, table: CommandTable, nowMs: number): string {
  const { connection } = session;
  const command = session.lastCommandId < 0 ? 'NULL' : table.all[session.lastCommandId].fullName;
  const queued = connection.queuedBytes;
  const inputFree = session.input.length - session.inputLength;
  const fields: (readonly [string, string | number])[] = [
    ['id', session.id],
    ['addr', session.address],
    ['laddr', session.localAddress],
    ['fd', connection.fd],
    ['name', session.name],
    ['age', seconds(nowMs - session.connectedAtMs)],
    ['idle', seconds(nowMs - session.lastActiveMs)],
    ['flags', flagsOf(session)],
    ['db', session.db],
    ['sub', session.subscriptions.count(TOPIC.channel)],
    ['psub', session.subscriptions.count(TOPIC.pattern)],
    ['ssub', session.subscriptions.count(TOPIC.shardChannel)],
    ['multi', session.multi?.commands.length ?? -1],
    ['watch', session.watching?.count ?? 0],
    ['qbuf', session.inputLength],
    ['qbuf-free', inputFree],
    ['argv-mem', 0],
    ['multi-mem', session.multi?.bytes ?? 0],
    ['rbs', 0],
    ['rbp', 0],
    ['obl', 0],
    ['oll', queued > 0 ? 1 : 0],
    ['omem', queued],
    ['tot-mem', session.input.length + queued],
    ['events', 'r'],
    ['cmd', command],
    ['user', session.user],
    ['redir', -1],
    ['resp', session.protocol],
    ['lib-name', session.libName],
    ['lib-ver', session.libVersion],
    ['tot-net-in', session.inputBytesTotal],
    ['tot-net-out', session.outputBytesTotal],
    ['tot-cmds', session.commandsTotal],
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(' ');
}

/** Redis's flag letters; 'N' when none applies. */
function flagsOf(session: Session): string {
  let flags = '';
  if (session.subscribed) flags += 'P';
  if (session.multi !== undefined) flags += 'x';
  if (session.postponed || session.blocked !== undefined) flags += 'b';
  if (session.closing) flags += 'c';
  if (session.connection.remoteAddress === session.connection.localAddress) flags += 'U';
  if (session.noEvict) flags += 'e';
  if (session.noTouch) flags += 'T';
  return flags === '' ? 'N' : flags;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
