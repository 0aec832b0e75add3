// The numbers of Redis's RDB format (https://rdb.fnordig.de/file_format.html; rdb.h): what kinds of values there are, how
// lengths are written, and which version brought what.
//
//   length    00llllll | 01llllll l | 0x80 l:u32 | 0x81 l:u64            most significant byte first
//   string    length bytes | 11 + one of STRING_ENCODING

/** Kinds of values. Those that only old servers write are read all the same. */
export const RDB = {
  string: 0,
  list: 1,
  set: 2,
  /** Scores as text. */
  zset: 3,
  hash: 4,
  /** Scores as doubles. */
  zset2: 5,
  modulePreGa: 6,
  module2: 7,
  hashZipmap: 9,
  listZiplist: 10,
  setIntset: 11,
  zsetZiplist: 12,
  hashZiplist: 13,
  /** Nodes that are ziplists. */
  quicklist: 14,
  stream: 15,
  hashListpack: 16,
  zsetListpack: 17,
  /** Nodes that are listpacks, or single elements. */
  quicklist2: 18,
  stream2: 19,
  setListpack: 20,
  stream3: 21,
  /** Fields with deadlines, of the release candidates of 7.4: the first of them is not written in front. */
  hashMetadataPreGa: 22,
  hashListpackExPreGa: 23,
  hashMetadata: 24,
  hashListpackEx: 25,
} as const;

/** The first version of the format with listpacks, with sets in them, with deadlines of fields. */
export const VERSION_LISTPACKS = 10;
export const VERSION_SET_LISTPACK = 11;
export const VERSION_FIELD_TTLS = 12;
/** The newest that is read. */
export const VERSION_MAX = 12;

/** Heads of lengths. */
export const LENGTH_6 = 0;
export const LENGTH_14 = 1;
export const LENGTH_32 = 0x80;
export const LENGTH_64 = 0x81;
export const ENCODED = 3;
/** Bits of the kind of length above the others. */
export const LENGTH_KIND_SHIFT = 6;
export const LENGTH_BITS_MASK = 0x3f;

/** Strings that are not bytes as they are: integers, least significant byte first, and compressed ones. */
export const STRING_INT8 = 0;
export const STRING_INT16 = 1;
export const STRING_INT32 = 2;
export const STRING_LZF = 3;

/** Heads of scores as text: the length of the text, or one of these. */
export const SCORE_NAN = 253;
export const SCORE_INF = 254;
export const SCORE_MINUS_INF = 255;

/** What a node of a quicklist2 is. */
export const NODE_PLAIN = 1;
export const NODE_PACKED = 2;

/** Flags of a stream's entries. */
export const STREAM_DELETED = 1;
export const STREAM_SAME_FIELDS = 2;

/** A listpack: | bytes:u32 | count:u16 | elements (structures/packed-layout.ts) | 0xff | */
export const LISTPACK_HEAD_BYTES = 6;
export const LISTPACK_END = 0xff;
/** A count that says nothing: the elements are to be counted. */
export const LISTPACK_COUNT_UNKNOWN = 0xffff;
