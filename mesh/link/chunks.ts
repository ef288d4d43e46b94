/** A frame's tensors, cut into the chunks they travel in. */
import type { ChunkLayout } from '../codec.ts';
import { CHUNK_BYTES } from '../frame.ts';
import { dtypes, type Tensor } from '../tensor.ts';
import type { Part } from './link.ts';

export interface Chunk {
  readonly raw: Uint8Array;
  readonly layout: ChunkLayout;
  readonly place: Pick<Part, 'tensor' | 'offset' | 'rawBytes' | 'head'>;
}

/** The chunks of a frame's tensors in order. An empty tensor has one empty chunk, which carries its head. */
export function* chunksOf(tensors: readonly Tensor[]): Generator<Chunk> {
  for (const [index, { dtype, dims, data }] of tensors.entries()) {
    let offset = 0;
    do {
      const raw = data.subarray(offset, offset + CHUNK_BYTES);
      const place = { tensor: index, offset, rawBytes: raw.byteLength };
      const layout = { dtype, dims, first: offset / dtypes[dtype].bytes };
      yield { raw, layout, place: offset === 0 ? { ...place, head: { dtype, dims, bytes: data.byteLength } } : place };
      offset += raw.byteLength;
    } while (offset < data.byteLength);
  }
}
