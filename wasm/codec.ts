/** Codecs by name, by the number that parameters give them, and by the format's number in a chunk's flags (LZ4 and LZ4HC share one). */
export type CodecName = 'blosclz' | 'lz4' | 'lz4hc' | 'zstd';

export interface CodecNumbers {
  readonly codec: number;
  readonly format: number;
}

export const codecNumbers: Readonly<Record<CodecName, CodecNumbers>> = {
  blosclz: { codec: 0, format: 0 },
  lz4: { codec: 1, format: 1 },
  lz4hc: { codec: 2, format: 1 },
  zstd: { codec: 5, format: 4 },
};

/** Meant for high ratios: their blocks are larger. */
export function isThorough(codec: CodecName): boolean {
  return codec === 'lz4hc' || codec === 'zstd';
}

/** What a chunk says it is compressed with; `codec` is the number behind the flags, which Blosc1 chunks do not have. */
export function formatName(format: number, codec: number): string {
  if (format === 0) return 'blosclz';
  if (format === 1) return codec === codecNumbers.lz4hc.codec ? 'lz4hc' : 'lz4';
  if (format === 2) return 'snappy';
  if (format === 3) return 'zlib';
  if (format === 4) return 'zstd';
  if (format === 6) return `user-defined codec ${codec}`;
  return `codec format ${format}`;
}

/** Formats that we decode. */
export function isKnownFormat(format: number): boolean {
  return format === 0 || format === 1 || format === 4;
}
