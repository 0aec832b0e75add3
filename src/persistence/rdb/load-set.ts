// Sets of all versions, member by member into a set of our own.

import { encodingFor, setKind, SetValue } from '../../values/set.js';
import type { LoadedValue } from './loaded-value.js';
import { IntsetSource, ListpackSource, newView, nextOf, PlainSource, type ElementSource } from './packed-sources.js';
import { RDB } from './rdb-format.js';
import { expectFormat, type RdbReader } from './rdb-reader.js';

/** How many members a listpack is said to have: few enough for a packed set. */
const FEW = 1;

const set = new SetValue();
const pack = newView();
const member = newView();

export function loadSet(value: LoadedValue, kind: number, reader: RdbReader): void {
  let count = FEW;
  let source: ElementSource;
  if (kind === RDB.set) {
    count = reader.count(1);
    source = new PlainSource(reader, count);
  } else {
    reader.string(pack);
    if (kind === RDB.setIntset) {
      const ints = new IntsetSource(pack);
      ({ count } = ints);
      source = ints;
    } else {
      source = new ListpackSource(pack);
    }
  }
  const { db } = value;
  const { limits } = db.shard;
  nextOf(source, member);
  const encoding = encodingFor(member.bytes, member.start, member.end, count, limits);
  set.create(db.arena, value.begin(setKind(encoding)));
  do {
    expectFormat(set.add(member.bytes, member.start, member.end, limits), 'a set has a member twice');
  } while (source.next(member));
}
