/**
 * `sparse`: zeros are left out, for what a ReLU leaves of activations. Lossless to the bit: -0 and NaN payloads survive.
 *
 * Elements of 1, 2 or 4 bytes; others, and chunks with too few zeros, go to the other codec. Format: wasm/activations-sparse.ts.
 */
import { activations } from '../../wasm/activations-node.ts';
import { type Codec, notEncoded } from '../codec.ts';
import { dtypes } from '../tensor.ts';
import { decoding, orElse } from './fallback.ts';

export function sparseCodec(other: Codec): Codec {
  const name = 'sparse';
  return {
    name,
    lossless: true,
    fidelity: 'lossless',
    encode(raw, layout) {
      if (raw.byteLength === 0) return notEncoded(raw);
      const elementBytes = dtypes[layout.dtype].bytes;
      if (elementBytes === 8) return other.encode(raw, layout);
      return orElse({ codec: name, bytes: activations().encodeSparse(raw, elementBytes), errorMax: 0 }, other, raw, layout);
    },
    decode(encoded, into) {
      decoding(name, into.byteLength, () => activations().decodeSparse(encoded, into));
    },
  };
}
