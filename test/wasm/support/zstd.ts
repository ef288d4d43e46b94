/**
 * The Zstandard decoder of both builds, called with guarded buffers.
 */
import { readFileSync } from 'node:fs';
import { GuardedMemory } from '../../../bench/support/fuzz/guarded-memory.ts';

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly heapBase: WebAssembly.Global;
  readonly zstdScratchBytes: WebAssembly.Global;
  zstdDecompress(src: number, srcLength: number, dst: number, dstCapacity: number, scratch: number): number;
}

export const builds = ['blosc2', 'blosc2-simd'] as const;

/** Decodes a frame to at most `capacity` bytes; a negative status when it can't be. Throws when a byte outside of the buffers changed. */
export type DecodeZstd = (frame: Uint8Array, capacity: number) => Uint8Array | number;

export function zstdOf(build: (typeof builds)[number]): DecodeZstd {
  const module = new WebAssembly.Module(readFileSync(new URL(`../../../wasm/build/${build}.wasm`, import.meta.url)));
  const instance = new WebAssembly.Instance(module, { host: { zstdCompress: () => -3 } });
  const wasm = instance.exports as unknown as Exports;
  const memory = new GuardedMemory(wasm.memory, Number(wasm.heapBase.value));
  let guard = 0;
  return (frame, capacity) => {
    guard = (guard + 37) & 255;
    const [src, dst, scratch] = memory.layOut([frame.length, capacity, Number(wasm.zstdScratchBytes.value)], guard);
    memory.bytes(src!.at, src!.length).set(frame);
    const result = wasm.zstdDecompress(src!.at, src!.length, dst!.at, capacity, scratch!.at);
    const damage = memory.damage();
    if (damage !== undefined) throw new Error(`wrote to ${damage}; dst is at ${dst!.at}, ${capacity} bytes, scratch at ${scratch!.at}`);
    return result < 0 ? result : memory.bytes(dst!.at, result).slice();
  };
}
