/**
 * `int8`, `int6`, `int4`: integers on a grid for each channel, bit planes, LZ4. Lossy.
 *
 *     float32 ──round to the channel's grid──▶ codes of 8, 6, 4 bits ──zeros left out──▶ bit planes ──LZ4──▶ payload
 *
 * Error: half a step for values within the clip, more for those beyond; each chunk says the largest one, measured by decoding it. Zero stays zero,
 * channels of one value are exact. NaN, infinities, magnitudes without a normal step, and types other than float32: lossless, by the
 * other codec. Format: wasm/activations-affine.ts.
 */
import { activations } from '../../wasm/activations-node.ts';
import { type Codec, notEncoded } from '../codec.ts';
import { decoding, orElse } from './fallback.ts';
import { groupsOf } from './groups.ts';

export function affineCodec(bits: 8 | 6 | 4, lossless: Codec): Codec {
  const name = `int${bits}`;
  return {
    name,
    lossless: false,
    fidelity: `${bits} bits per value and a scale per channel; each chunk says its largest error, at least half a step`,
    encode(raw, layout) {
      if (raw.byteLength === 0) return notEncoded(raw);
      if (layout.dtype !== 'float32') return lossless.encode(raw, layout);
      const encoded = activations().encodeAffine(raw, { bits, ...groupsOf(layout, raw.byteLength / 4) });
      return orElse(encoded && { codec: name, ...encoded }, lossless, raw, layout);
    },
    decode(encoded, into) {
      decoding(name, into.byteLength, () => activations().decodeAffine(encoded, into));
    },
  };
}
