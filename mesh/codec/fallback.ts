/**
 * A codec that can't do a chunk, or gains nothing by it, hands it to another one; and decoding errors in the mesh's terms.
 */
import { Blosc2Error } from '../../wasm/error.ts';
import type { ChunkLayout, Codec, EncodedChunk } from '../codec.ts';
import { MeshError } from '../error.ts';

/** What was encoded, unless there is none or it is not smaller than `raw`: then what the other codec makes of it. */
export function orElse(
  encoded: { readonly codec: string; readonly bytes: Uint8Array; readonly errorMax: number } | undefined,
  other: Codec,
  raw: Uint8Array,
  layout: ChunkLayout,
): EncodedChunk {
  if (encoded === undefined || encoded.bytes.byteLength >= raw.byteLength) return other.encode(raw, layout);
  return { codec: encoded.codec, payload: encoded.bytes, errorMax: encoded.errorMax };
}

/** Runs a decoder of the wasm package. Error: `unsupported` for another version of the format, `invalid` for everything else it finds. */
export function decoding(codec: string, rawBytes: number, decode: () => void): void {
  try {
    decode();
  } catch (error) {
    if (!(error instanceof Blosc2Error)) throw error;
    const code = error.code === 'unsupported' ? 'unsupported' : 'invalid';
    throw new MeshError(code, `a chunk of ${rawBytes} bytes, encoded as ${codec}, can't be decoded: ${error.message}`, { cause: error });
  }
}
