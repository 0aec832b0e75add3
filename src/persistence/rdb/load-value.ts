// Reads one value in RDB's format: `kind`, the byte before it, says how it is written.

import { assert } from '../../base/assert.js';
import type { Args } from '../../contract/args.js';
import type { Db } from '../../shard/db.js';
import { loadHash } from './load-hash.js';
import { loadList } from './load-list.js';
import { loadSet } from './load-set.js';
import { loadStream } from './load-stream.js';
import { loadZSet } from './load-zset.js';
import { LoadedValue } from './loaded-value.js';
import { RDB } from './rdb-format.js';
import { MalformedRdb, type RdbReader } from './rdb-reader.js';

type Loader = (value: LoadedValue, kind: number, reader: RdbReader) => void;

const LOADERS: (Loader | undefined)[] = [];
LOADERS[RDB.string] = (value, _kind, reader) => {
  reader.string(value.text);
};
for (const kind of [RDB.list, RDB.listZiplist, RDB.quicklist, RDB.quicklist2]) LOADERS[kind] = loadList;
for (const kind of [RDB.set, RDB.setIntset, RDB.setListpack]) LOADERS[kind] = loadSet;
for (const kind of [RDB.zset, RDB.zset2, RDB.zsetZiplist, RDB.zsetListpack]) LOADERS[kind] = loadZSet;
for (const kind of [RDB.hash, RDB.hashZipmap, RDB.hashZiplist, RDB.hashListpack]) LOADERS[kind] = loadHash;
for (const kind of [RDB.hashMetadataPreGa, RDB.hashListpackExPreGa, RDB.hashMetadata, RDB.hashListpackEx]) {
  LOADERS[kind] = loadHash;
}

for (const kind of [RDB.stream, RDB.stream2, RDB.stream3]) LOADERS[kind] = loadStream;

const refuseModule: Loader = () => {
  throw new MalformedRdb('the value belongs to a module, and there are none here');
};
LOADERS[RDB.modulePreGa] = refuseModule;
LOADERS[RDB.module2] = refuseModule;

/**
 * Reads the value of `kind` where `reader` stands, for the key at argument `i`, which may hold something. The caller places or
 * discards it; a string may point into what was read. Throws MalformedRdb, and nothing is left behind then.
 */
export function loadValue(db: Db, args: Args, i: number, kind: number, reader: RdbReader): LoadedValue {
  const loader = LOADERS[kind];
  if (loader === undefined) throw new MalformedRdb('the value is of an unknown kind');
  const value = new LoadedValue(db, args, i);
  try {
    loader(value, kind, reader);
  } catch (problem) {
    value.discard();
    assert(problem instanceof MalformedRdb, 'reading a value fails by its form alone');
    throw problem;
  }
  return value;
}
