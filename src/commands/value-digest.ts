// The digest of a value (dataset-digest.ts), type by type: what DEBUG DIGEST and DIGEST-VALUE chain or fold.
//
//   string   mix(content)          list   mix of every element from head to tail
//   set      xor of SHA1(member) over its members
//   zset     xor of SHA1(mix(mix(0, member), score)) over its members, the score as C's %.17g prints it
//   hash     xor of SHA1(d) over its fields, d = mix(field) mix(value), xor SHA1("!!hexpire!!") with a deadline

import { assert } from '../base/assert.js';
import { bytesOf } from '../base/bytes.js';
import { formatDouble17 } from '../base/doubles.js';
import { NO_EXPIRY, type Db, type Ref } from '../shard/db.js';
import { HashValue, NO_DEADLINE } from '../values/hash.js';
import { ListValue } from '../values/list.js';
import { SetValue } from '../values/set.js';
import { TYPE } from '../values/types.js';
import { ZSetValue } from '../values/zset.js';
import { newView } from './arguments.js';
import { bigEndian32, emptyDigest, mixDigest, sha1, xorDigest } from './dataset-digest.js';

/** Continues `digest` by the content of the entry's value. */
type ContentDigest = (db: Db, entry: Ref, digest: Uint8Array) => Uint8Array;

const EXPIRE_MARK = sha1(bytesOf('!!expire!!'));
const FIELD_EXPIRE_MARK = sha1(bytesOf('!!hexpire!!'));

const view = newView();
const list = new ListValue();
const set = new SetValue();
const zset = new ZSetValue();
const hash = new HashValue();

function mixView(digest: Uint8Array): Uint8Array {
  return mixDigest(digest, view.bytes.subarray(view.start, view.end));
}

function digestString(db: Db, entry: Ref, digest: Uint8Array): Uint8Array {
  db.readString(entry, view);
  return mixView(digest);
}

function digestList(db: Db, entry: Ref, digest: Uint8Array): Uint8Array {
  list.open(db.arena, entry, db.shard.limits.listMaxListpackSize);
  list.seek(0);
  let mixed = digest;
  do {
    list.read(view);
    mixed = mixView(mixed);
  } while (list.next());
  return mixed;
}

function digestSet(db: Db, entry: Ref, digest: Uint8Array): Uint8Array {
  set.open(db.arena, entry);
  set.rewind();
  while (set.next(view)) xorDigest(digest, sha1(view.bytes.subarray(view.start, view.end)));
  return digest;
}

function digestZSet(db: Db, entry: Ref, digest: Uint8Array): Uint8Array {
  zset.open(db.arena, entry);
  zset.seek(0);
  do {
    zset.read(view);
    const member = mixDigest(mixView(emptyDigest()), bytesOf(formatDouble17(zset.score)));
    xorDigest(digest, sha1(member));
  } while (zset.next());
  return digest;
}

function digestHash(db: Db, entry: Ref, digest: Uint8Array): Uint8Array {
  hash.open(db.arena, entry, db.shard.limits, db.shard.nowMs);
  hash.each(() => {
    hash.readField(view);
    const field = mixView(new Uint8Array(digest.length));
    hash.readValue(view);
    const mixed = mixView(field);
    if (hash.deadline !== NO_DEADLINE) xorDigest(mixed, FIELD_EXPIRE_MARK);
    xorDigest(digest, sha1(mixed));
  });
  return digest;
}

const DIGESTS: (ContentDigest | undefined)[] = [];
DIGESTS[TYPE.string] = digestString;
DIGESTS[TYPE.list] = digestList;
DIGESTS[TYPE.set] = digestSet;
DIGESTS[TYPE.zset] = digestZSet;
DIGESTS[TYPE.hash] = digestHash;

/** Chains type, content and TTL of a value to `begin`, which is overwritten. */
export function valueDigest(db: Db, entry: Ref, begin: Uint8Array): Uint8Array {
  const type = db.typeOf(entry);
  const digestContent = DIGESTS[type];
  assert(digestContent !== undefined, 'a digest is defined for the type');
  const digest = digestContent(db, entry, mixDigest(begin, bigEndian32(type)));
  if (db.expireAt(entry) !== NO_EXPIRY) xorDigest(digest, EXPIRE_MARK);
  return digest;
}
