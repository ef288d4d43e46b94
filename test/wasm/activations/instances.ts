/**
 * Both builds of the activation codecs, to be compared with each other and with the references.
 */
import { loadActivations } from '../../../wasm/activations-node.ts';

export const simd = loadActivations(true);
export const plain = loadActivations(false);

export function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Decodes into floats, with a margin before and behind that must stay as it is. */
export function floatsOf(n: number, decode: (into: Uint8Array) => void): Float32Array {
  const room = new Uint8Array(4 * n + 64).fill(0xa5);
  decode(room.subarray(32, 32 + 4 * n));
  if (room.subarray(0, 32).some((byte) => byte !== 0xa5) || room.subarray(32 + 4 * n).some((byte) => byte !== 0xa5)) {
    throw new Error('decoding wrote outside of its place');
  }
  return new Float32Array(room.buffer.slice(32, 32 + 4 * n));
}
