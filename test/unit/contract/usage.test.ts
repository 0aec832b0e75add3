// Usage lines against the argument trees that Redis 7.0.15 prints in COMMAND DOCS (fixed here in a short notation:
// name type k=key specification t=token s=since ds=deprecated since f=flags, parts indented).

import { describe, expect, it } from 'vitest';
import { parseUsage, UsageSyntaxError, type UsageArgument } from '../../../src/contract/usage.js';

function render(args: readonly UsageArgument[], indent = 0): string[] {
  return args.flatMap((arg) => {
    const fields = [arg.name, arg.type];
    if (arg.keySpecIndex !== undefined) fields.push(`k=${arg.keySpecIndex}`);
    if (arg.token !== undefined) fields.push(`t=${arg.token}`);
    if (arg.since !== undefined) fields.push(`s=${arg.since}`);
    if (arg.flags.length > 0) fields.push(`f=${arg.flags.join(',')}`);
    if (arg.deprecatedSince !== undefined) fields.push(`ds=${arg.deprecatedSince}`);
    return [' '.repeat(indent) + fields.join(' '), ...render(arg.arguments, indent + 2)];
  });
}

const CASES: readonly (readonly [command: string, usage: string, tree: string])[] = [
  [
    'SET',
    'key value [NX | XX]@2.6.12 [GET]@6.2.0 [EX seconds@2.6.12 | PX milliseconds@2.6.12 | ' +
      'EXAT unix-time-seconds@6.2.0 | PXAT unix-time-milliseconds@6.2.0 | KEEPTTL@6.0.0]',
    `
key key k=0
value string
condition oneof s=2.6.12 f=optional
  nx pure-token t=NX
  xx pure-token t=XX
get pure-token t=GET s=6.2.0 f=optional
expiration oneof f=optional
  seconds integer t=EX s=2.6.12
  milliseconds integer t=PX s=2.6.12
  unix-time-seconds unix-time t=EXAT s=6.2.0
  unix-time-milliseconds unix-time t=PXAT s=6.2.0
  keepttl pure-token t=KEEPTTL s=6.0.0`,
  ],
  [
    'GETEX',
    'key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]',
    `
key key k=0
expiration oneof f=optional
  seconds integer t=EX
  milliseconds integer t=PX
  unix-time-seconds unix-time t=EXAT
  unix-time-milliseconds unix-time t=PXAT
  persist pure-token t=PERSIST`,
  ],
  [
    'EXPIRE',
    'key seconds [NX | XX | GT | LT]@7.0.0',
    `
key key k=0
seconds integer
condition oneof s=7.0.0 f=optional
  nx pure-token t=NX
  xx pure-token t=XX
  gt pure-token t=GT
  lt pure-token t=LT`,
  ],
  [
    'BITCOUNT',
    'key index=[start end [BYTE | BIT]@7.0.0]',
    `
key key k=0
index block f=optional
  start integer
  end integer
  index_unit oneof s=7.0.0 f=optional
    byte pure-token t=BYTE
    bit pure-token t=BIT`,
  ],
  [
    'BITPOS',
    'key bit index=[start end_index=[end [BYTE | BIT]@7.0.0]]',
    `
key key k=0
bit integer
index block f=optional
  start integer
  end_index block f=optional
    end integer
    index_unit oneof s=7.0.0 f=optional
      byte pure-token t=BYTE
      bit pure-token t=BIT`,
  ],
  [
    'BITFIELD',
    'key operation=[(GET encoding offset | write=([wrap_sat_fail=OVERFLOW <WRAP | SAT | FAIL>] ' +
      'write_operation=<SET encoding offset value:integer | INCRBY encoding offset increment>)) ...]',
    `
key key k=0
operation oneof f=optional,multiple
  encoding_offset block t=GET
    encoding string
    offset integer
  write block
    wrap_sat_fail oneof t=OVERFLOW f=optional
      wrap pure-token t=WRAP
      sat pure-token t=SAT
      fail pure-token t=FAIL
    write_operation oneof
      encoding_offset_value block t=SET
        encoding string
        offset integer
        value integer
      encoding_offset_increment block t=INCRBY
        encoding string
        offset integer
        increment integer`,
  ],
  [
    'BITFIELD_RO',
    'key [GET encoding offset [GET encoding offset ...]]',
    `
key key k=0
encoding_offset block t=GET f=optional,multiple,multiple_token
  encoding string
  offset integer`,
  ],
  [
    'MSET',
    'key value [key value ...]',
    `
key_value block f=multiple
  key key k=0
  value string`,
  ],
  ['DEL', 'key [key ...]', 'key key k=0 f=multiple'],
  [
    'SCAN',
    'cursor [MATCH pattern] [COUNT count] [TYPE type]@6.0.0',
    `
cursor integer
pattern pattern t=MATCH f=optional
count integer t=COUNT f=optional
type string t=TYPE s=6.0.0 f=optional`,
  ],
  [
    'CLIENT KILL',
    'filter=<ip:port!2.8.12 | new-format=([ID client-id]@2.8.12 | ' +
      '[normal_master_slave_pubsub=TYPE <NORMAL | MASTER@3.2.0 | SLAVE | REPLICA@5.0.0 | PUBSUB>]@2.8.12 | ' +
      '[USER username] | [ADDR ip:port] | [LADDR ip:port]@6.2.0 | [SKIPME yes/no]) ...>',
    `
filter oneof
  ip:port string ds=2.8.12
  new-format oneof f=multiple
    client-id integer t=ID s=2.8.12 f=optional
    normal_master_slave_pubsub oneof t=TYPE s=2.8.12 f=optional
      normal pure-token t=NORMAL
      master pure-token t=MASTER s=3.2.0
      slave pure-token t=SLAVE
      replica pure-token t=REPLICA s=5.0.0
      pubsub pure-token t=PUBSUB
    username string t=USER f=optional
    ip:port string t=ADDR f=optional
    ip:port string t=LADDR s=6.2.0 f=optional
    yes/no string t=SKIPME f=optional`,
  ],
  [
    'CLIENT TRACKING',
    '<ON | OFF> [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]',
    `
status oneof
  on pure-token t=ON
  off pure-token t=OFF
client-id integer t=REDIRECT f=optional
prefix string t=PREFIX f=optional,multiple,multiple_token
bcast pure-token t=BCAST f=optional
optin pure-token t=OPTIN f=optional
optout pure-token t=OPTOUT f=optional
noloop pure-token t=NOLOOP f=optional`,
  ],
  [
    'HELLO',
    'arguments=[protover [AUTH username password] [SETNAME clientname]]',
    `
arguments block f=optional
  protover integer
  username_password block t=AUTH f=optional
    username string
    password string
  clientname string t=SETNAME f=optional`,
  ],
  [
    'COPY',
    'source destination [DB destination-db] [REPLACE]',
    `
source key k=0
destination key k=1
destination-db integer t=DB f=optional
replace pure-token t=REPLACE f=optional`,
  ],
  [
    'LCS',
    'key1 key2 [LEN] [IDX] [MINMATCHLEN len] [WITHMATCHLEN]',
    `
key1 key k=0
key2 key k=1
len pure-token t=LEN f=optional
idx pure-token t=IDX f=optional
len integer t=MINMATCHLEN f=optional
withmatchlen pure-token t=WITHMATCHLEN f=optional`,
  ],
  [
    'ZADD',
    'key [NX | XX]@3.0.2 [GT | LT]@6.2.0 [change=CH]@3.0.2 [increment=INCR]@3.0.2 score member [score member ...]',
    `
key key k=0
condition oneof s=3.0.2 f=optional
  nx pure-token t=NX
  xx pure-token t=XX
comparison oneof s=6.2.0 f=optional
  gt pure-token t=GT
  lt pure-token t=LT
change pure-token t=CH s=3.0.2 f=optional
increment pure-token t=INCR s=3.0.2 f=optional
score_member block f=multiple
  score double
  member string`,
  ],
  [
    'ZINTER',
    'numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]',
    `
numkeys integer
key key k=0 f=multiple
weight integer t=WEIGHTS f=optional,multiple
aggregate oneof t=AGGREGATE f=optional
  sum pure-token t=SUM
  min pure-token t=MIN
  max pure-token t=MAX
withscores pure-token t=WITHSCORES f=optional`,
  ],
  [
    'XADD',
    'key [NOMKSTREAM]@6.2.0 trim=[<MAXLEN | MINID@6.2.0> [= | ~] threshold [LIMIT count]@6.2.0] ' +
      'id_or_auto=<* | id> field value [field value ...]',
    `
key key k=0
nomkstream pure-token t=NOMKSTREAM s=6.2.0 f=optional
trim block f=optional
  strategy oneof
    maxlen pure-token t=MAXLEN
    minid pure-token t=MINID s=6.2.0
  operator oneof f=optional
    equal pure-token t==
    approximately pure-token t=~
  threshold string
  count integer t=LIMIT s=6.2.0 f=optional
id_or_auto oneof
  auto_id pure-token t=*
  id string
field_value block f=multiple
  field string
  value string`,
  ],
  [
    'GEOSEARCH',
    'key from=<FROMMEMBER member | FROMLONLAT longitude latitude> by=<circle=((BYRADIUS radius) <M | KM | FT | MI>) | ' +
      'box=((BYBOX width) height <M | KM | FT | MI>)> [ASC | DESC] [count=(COUNT count [ANY])]',
    `
key key k=0
from oneof
  member string t=FROMMEMBER
  longitude_latitude block t=FROMLONLAT
    longitude double
    latitude double
by oneof
  circle block
    radius double t=BYRADIUS
    unit oneof
      m pure-token t=M
      km pure-token t=KM
      ft pure-token t=FT
      mi pure-token t=MI
  box block
    width double t=BYBOX
    height double
    unit oneof
      m pure-token t=M
      km pure-token t=KM
      ft pure-token t=FT
      mi pure-token t=MI
order oneof f=optional
  asc pure-token t=ASC
  desc pure-token t=DESC
count block f=optional
  count integer t=COUNT
  any pure-token t=ANY f=optional`,
  ],
  [
    'XREAD',
    '[COUNT count] [BLOCK milliseconds] streams=STREAMS key [key ...] id [id ...]',
    `
count integer t=COUNT f=optional
milliseconds integer t=BLOCK f=optional
streams block t=STREAMS
  key key k=0 f=multiple
  id string f=multiple`,
  ],
  [
    'SORT',
    'key [BY pattern#1] [LIMIT offset count] [GET pattern#1 [GET pattern#1 ...]] [ASC | DESC] [sorting=ALPHA] ' +
      '[STORE destination]',
    `
key key k=0
pattern pattern k=1 t=BY f=optional
offset_count block t=LIMIT f=optional
  offset integer
  count integer
pattern pattern k=1 t=GET f=optional,multiple,multiple_token
order oneof f=optional
  asc pure-token t=ASC
  desc pure-token t=DESC
sorting pure-token t=ALPHA f=optional
destination key k=2 t=STORE f=optional`,
  ],
  [
    'EVAL',
    'script numkeys [key ...] [arg [arg ...]]',
    `
script string
numkeys integer
key key k=0 f=optional,multiple
arg string f=optional,multiple`,
  ],
  [
    'MIGRATE, the empty token',
    'key_or_empty_string=<key | ""> destination-db [KEYS key [key ...]]@3.0.6',
    `
key_or_empty_string oneof
  key key k=0
  empty_string pure-token t=
destination-db integer
key key k=1 t=KEYS s=3.0.6 f=optional,multiple`,
  ],
  [
    'COMMAND LIST',
    'filterby=[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]',
    `
filterby oneof t=FILTERBY f=optional
  module-name string t=MODULE
  category string t=ACLCAT
  pattern pattern t=PATTERN`,
  ],
  ['COMMAND COUNT', '', ''],
  ['AUTH', '[username]@6.0.0 password', 'username string s=6.0.0 f=optional\npassword string'],
  ['INCRBYFLOAT', 'key increment:double', 'key key k=0\nincrement double'],
  [
    'FLUSHALL',
    '[ASYNC@4.0.0 | SYNC@6.2.0]',
    'async oneof f=optional\n  async pure-token t=ASYNC s=4.0.0\n  sync pure-token t=SYNC s=6.2.0',
  ],
  [
    'CONFIG SET',
    'parameter value [parameter value ...]',
    'parameter_value block f=multiple\n  parameter string\n  value string',
  ],
  ['INFO', '[section ...]', 'section string f=optional,multiple'],
];

describe('parseUsage', () => {
  it.each(CASES)('%s', (_command, usage, tree) => {
    expect(render(parseUsage(usage)).join('\n')).toBe(tree.trim());
  });

  it('shows every leaf by its name', () => {
    const [key, choice] = parseUsage('key [NX | XX]');
    expect(key.displayText).toBe('key');
    expect(choice.displayText).toBeUndefined();
    expect(choice.arguments.map((part) => part.displayText)).toEqual(['nx', 'xx']);
  });

  it.each(['key [', 'key ]', 'a | b', '[]', '[a |]', '... a', 'Mixed', 'a ... b', '(a', '<a)', 'key,', '[a ... b]'])(
    'refuses %s',
    (usage) => {
      expect(() => parseUsage(usage)).toThrow(UsageSyntaxError);
    },
  );
});
