// Sorted sets of all versions, member by member into a sorted set of our own.

import { keyHash } from '../../base/hash.js';
import { PACKED_ZSET_KIND, ZSetValue } from '../../values/zset.js';
import type { LoadedValue } from './loaded-value.js';
import { ListpackSource, newView, nextOf, ZiplistSource } from './packed-sources.js';
import { RDB } from './rdb-format.js';
import { expectFormat, parseScore, type RdbReader } from './rdb-reader.js';

const zset = new ZSetValue();
const pack = newView();
const member = newView();
const score = newView();

export function loadZSet(value: LoadedValue, kind: number, reader: RdbReader): void {
  zset.begin(value.db.arena, false);
  zset.attach(value.begin(PACKED_ZSET_KIND));
  if (kind === RDB.zset || kind === RDB.zset2) {
    for (let left = reader.count(2); left > 0; left--) {
      reader.string(member);
      add(value, kind === RDB.zset ? reader.textDouble() : reader.double());
    }
  } else {
    reader.string(pack);
    const source = kind === RDB.zsetZiplist ? new ZiplistSource(pack) : new ListpackSource(pack);
    while (source.next(member)) {
      nextOf(source, score);
      add(value, parseScore(score.bytes, score.start, score.end));
    }
  }
  expectFormat(zset.length > 0, 'a sorted set is empty');
}

/** Adds `member`. */
function add({ db }: LoadedValue, points: number): void {
  expectFormat(!Number.isNaN(points), 'a score is no number');
  const { bytes, start, end } = member;
  const hash = keyHash(bytes, start, end, db.arena.hashSeed);
  expectFormat(!zset.find(hash, bytes, start, end), 'a sorted set has a member twice');
  zset.reserve(end - start, db.shard.limits);
  zset.add(hash, bytes, start, end, points);
}
