/**
 * The thorough LZ4 compressor of both builds, called with guarded buffers, and what its blocks are made of.
 */
import { readFileSync } from 'node:fs';
import { GuardedMemory } from '../../../bench/support/fuzz/guarded-memory.ts';

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly heapBase: WebAssembly.Global;
  readonly LZ4HC_TABLE_BYTES: WebAssembly.Global;
  lz4hcCompress(src: number, length: number, dst: number, capacity: number, level: number, tables: number): number;
}

/** Compresses to at most `capacity` bytes; none when they do not suffice. Throws when a byte outside of the buffers changed. */
export type CompressLz4hc = (bytes: Uint8Array, level: number, capacity: number) => Uint8Array;

export function lz4hcOf(build: 'blosc2' | 'blosc2-simd'): CompressLz4hc {
  const module = new WebAssembly.Module(readFileSync(new URL(`../../../wasm/build/${build}.wasm`, import.meta.url)));
  const instance = new WebAssembly.Instance(module, { host: { zstdCompress: () => -3 } });
  const wasm = instance.exports as unknown as Exports;
  const memory = new GuardedMemory(wasm.memory, Number(wasm.heapBase.value));
  let guard = 0;
  return (bytes, level, capacity) => {
    guard = (guard + 37) & 255;
    // The tables first: they are aligned, and nobody clears them.
    const [tables, src, dst] = memory.layOut([Number(wasm.LZ4HC_TABLE_BYTES.value), bytes.length, capacity], guard);
    memory.bytes(src!.at, src!.length).set(bytes);
    const result = wasm.lz4hcCompress(src!.at, src!.length, dst!.at, capacity, level, tables!.at);
    const damage = memory.damage();
    if (damage !== undefined) throw new Error(`wrote to ${damage}; dst is at ${dst!.at}, ${capacity} bytes, tables at ${tables!.at}`);
    return memory.bytes(dst!.at, result).slice();
  };
}

export interface Sequence {
  readonly literals: number;
  /** Where the match starts in what is decoded; undefined in the last sequence, which has none. */
  readonly matchAt: number | undefined;
  readonly matchBytes: number;
}

/** The sequences of a block that is known to be whole. */
export function sequencesOf(block: Uint8Array): readonly Sequence[] {
  const sequences: Sequence[] = [];
  let at = 0;
  let written = 0;
  const length = (nibble: number): number => {
    let sum = nibble;
    for (let more = nibble === 15 ? 255 : 0; more === 255; sum += more) more = block[at++]!;
    return sum;
  };
  for (;;) {
    const token = block[at++]!;
    const literals = length(token >> 4);
    at += literals;
    written += literals;
    if (at >= block.length) return [...sequences, { literals, matchAt: undefined, matchBytes: 0 }];
    at += 2;
    const matchBytes = length(token & 15) + 4;
    sequences.push({ literals, matchAt: written, matchBytes });
    written += matchBytes;
  }
}
