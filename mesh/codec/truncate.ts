/**
 * `trunc:1` … `trunc:22`: so many of the 23 mantissa bits of a float32 are kept, the others become 0, as by Blosc2's filter TRUNC_PREC; then the
 * lossless codec finds less to do. Lossy.
 *
 * Error of a value x: less than 2^-N |x|, towards zero (subnormals: less than 2^-(126+N)). NaN (whose payload could be cut to nothing),
 * infinities, and tensors of other types: lossless, by the other codec. The payload is that codec's, and needs no decoder of its own.
 */
import { activations } from '../../wasm/activations-node.ts';
import { type Codec, NO_CODEC, notEncoded } from '../codec.ts';

/** All there are. */
export function truncateCodecs(lossless: Codec): Codec[] {
  return Array.from({ length: 22 }, (_, i) => truncateCodec(i + 1, lossless));
}

function truncateCodec(kept: number, lossless: Codec): Codec {
  const name = `trunc:${kept}`;
  return {
    name,
    lossless: false,
    fidelity: `relative error < 2^-${kept}`,
    encode(raw, layout) {
      if (raw.byteLength === 0) return notEncoded(raw);
      const truncated = layout.dtype === 'float32' ? activations().truncate(raw, kept) : undefined;
      if (truncated === undefined) return lossless.encode(raw, layout);
      const { codec, payload } = lossless.encode(truncated.bytes, layout);
      // What did not shrink is sent as it was: the error would gain nothing.
      if (codec === NO_CODEC) return notEncoded(raw);
      return { codec: codec === lossless.name ? name : codec, payload, errorMax: truncated.errorMax };
    },
    decode(encoded, into) {
      lossless.decode(encoded, into);
    },
  };
}
