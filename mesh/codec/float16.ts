/**
 * `fp16`, `bf16`: half the bits of a float32, rounded to nearest even; zeros are left out and LZ4 follows where they pay. Lossy.
 *
 * Error of a value x: fp16 at most 2^-11 |x|, and 2^-25 below 2^-14; bf16 at most 2^-8 |x|. NaN, infinities, magnitudes that the type can't say
 * (fp16: above 65504), and tensors of other types: lossless, by the other codec. Format: wasm/activations-float16.ts.
 */
import { activations } from '../../wasm/activations-node.ts';
import { type Codec, notEncoded } from '../codec.ts';
import { decoding, orElse } from './fallback.ts';

export function float16Codec(name: 'fp16' | 'bf16', lossless: Codec): Codec {
  const type = name === 'fp16' ? 'float16' : 'bfloat16';
  return {
    name,
    lossless: false,
    fidelity: name === 'fp16' ? 'relative error <= 2^-11; absolute error <= 2^-25 below 2^-14' : 'relative error <= 2^-8',
    encode(raw, layout) {
      if (raw.byteLength === 0) return notEncoded(raw);
      if (layout.dtype !== 'float32') return lossless.encode(raw, layout);
      const encoded = activations().encodeFloat16(raw, type);
      return orElse(encoded && { codec: name, ...encoded }, lossless, raw, layout);
    },
    decode(encoded, into) {
      decoding(name, into.byteLength, () => activations().decodeFloat16(encoded, type, into));
    },
  };
}
