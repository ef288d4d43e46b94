/**
 * Both builds of the activation codecs, to be compared with each other and with the references.
 */
import { readFileSync } from 'node:fs';
import { Activations } from '../../../wasm/activations.ts';

export const simd = instance('activations-simd');
export const plain = instance('activations');

function instance(name: string): Activations {
  return new Activations([new Uint8Array(readFileSync(new URL(`../../../wasm/build/${name}.wasm`, import.meta.url)))]);
}

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
