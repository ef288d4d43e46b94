/** Compresses with Zstd, which this package only decodes: a frame with its content size, at a level of 1 to 22. */
export type ZstdCompress = (raw: Uint8Array, level: number) => Uint8Array;

interface NodeZlib {
  zstdCompressSync?: (raw: Uint8Array, options: { params: Record<number, number> }) => Uint8Array;
  constants: Record<string, number>;
}

/** Node's own, from version 22.15 on; undefined elsewhere. */
export function nodeZstd(): ZstdCompress | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const zlib = process?.getBuiltinModule?.('node:zlib') as NodeZlib | undefined;
  const compress = zlib?.zstdCompressSync;
  const levelParameter = zlib?.constants.ZSTD_c_compressionLevel;
  if (compress === undefined || levelParameter === undefined) return undefined;
  return (raw, level) => compress(raw, { params: { [levelParameter]: level } });
}
