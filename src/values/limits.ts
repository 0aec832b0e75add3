// The sizes at which collections change their encoding: Redis's options of the same names (config/options-data.ts), live.
// A shard holds one object that its owner keeps up to date (`shard.limits`); commands hand its fields to the values.

export interface StructureLimits {
  hashMaxListpackEntries: number;
  hashMaxListpackValue: number;
  /** Elements of a list node, or -1 to -5 for 4 to 64 KiB. */
  listMaxListpackSize: number;
  setMaxIntsetEntries: number;
  setMaxListpackEntries: number;
  setMaxListpackValue: number;
  zsetMaxListpackEntries: number;
  zsetMaxListpackValue: number;
  /** Bytes of a sparse HyperLogLog. */
  hllSparseMaxBytes: number;
  /** 0: no limit. */
  streamNodeMaxBytes: number;
  streamNodeMaxEntries: number;
}

/** Redis's defaults. */
export function defaultLimits(): StructureLimits {
  return {
    hashMaxListpackEntries: 512,
    hashMaxListpackValue: 64,
    listMaxListpackSize: -2,
    setMaxIntsetEntries: 512,
    setMaxListpackEntries: 128,
    setMaxListpackValue: 64,
    zsetMaxListpackEntries: 128,
    zsetMaxListpackValue: 64,
    hllSparseMaxBytes: 3000,
    streamNodeMaxBytes: 4096,
    streamNodeMaxEntries: 100,
  };
}
