/**
 * The reference codec as what a frame needs of a context, so that frames can be tested apart from the wasm code.
 */
import type { FrameCodec } from '../../../wasm/cframe-layout.ts';
import { Blosc2Error } from '../../../wasm/error.ts';
import { decodeChunk } from '../../../wasm/reference/decode.ts';
import { encodeChunk } from '../../../wasm/reference/encode.ts';
import { ChunkFailure } from '../../../wasm/reference/failure.ts';
import { filterId } from '../../../wasm/reference/header.ts';
import { zstdBytes } from './chunks.ts';

export const referenceCodec: FrameCodec = {
  compress: (bytes, { typesize }) =>
    encodeChunk(bytes, {
      ...{ typesize, blocksize: Math.max(bytes.length, 1), codec: 'lz4', split: false, runs: true, extended: true },
      filters: [{ id: filterId.shuffle, meta: 0 }],
    }),
  decompress: (chunk, { maxBytes }) => {
    try {
      return decodeChunk(chunk, { maxBytes, zstd: zstdBytes });
    } catch (thrown) {
      throw thrown instanceof ChunkFailure ? new Blosc2Error(thrown.kind, thrown.message) : thrown;
    }
  },
};
