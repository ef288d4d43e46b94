/**
 * The filters by themselves, in both builds, against the layouts written down bit by bit; and that they write nothing beside their output.
 */
import test from 'ava';
import fc from 'fast-check';
import { modules } from './support/builds.ts';
import { raw } from './support/compress-settings.ts';
import { sameBytes } from './support/same-bytes.ts';

interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly heapBase: WebAssembly.Global;
  shuffle(typesize: number, length: number, src: number, dst: number): void;
  unshuffle(typesize: number, length: number, src: number, dst: number): void;
  bitshuffle(typesize: number, length: number, src: number, dst: number): void;
  unbitshuffle(typesize: number, length: number, src: number, dst: number): void;
}

const GUARD = 64;
const BYTES_MAX = 100_000;

/** Runs a filter of a module on bytes that lie at an odd address, between guards. */
function runner(
  module: WebAssembly.Module,
): (name: 'shuffle' | 'unshuffle' | 'bitshuffle' | 'unbitshuffle', typesize: number, bytes: Uint8Array) => Uint8Array {
  const kernels = new WebAssembly.Instance(module, { host: { zstdCompress: () => -3 } }).exports as unknown as Kernels;
  kernels.memory.grow(8);
  const src = (kernels.heapBase.value as number) + 1;
  const dst = src + BYTES_MAX + GUARD;
  return (name, typesize, bytes) => {
    const memory = new Uint8Array(kernels.memory.buffer);
    memory.set(bytes, src);
    const region = memory.subarray(dst - GUARD, dst + bytes.length + GUARD).fill(0xa5);
    kernels[name](typesize, bytes.length, src, dst);
    const guards = [...region.subarray(0, GUARD), ...region.subarray(GUARD + bytes.length)];
    if (guards.some((byte) => byte !== 0xa5)) throw new Error(`${name} wrote beside ${bytes.length} bytes`);
    return region.slice(GUARD, GUARD + bytes.length);
  };
}

function plainShuffle(typesize: number, bytes: Uint8Array): Uint8Array {
  const elements = Math.floor(bytes.length / typesize);
  const result = bytes.slice();
  for (let i = 0; i < elements; i++) for (let j = 0; j < typesize; j++) result[j * elements + i] = bytes[i * typesize + j]!;
  return result;
}

function plainBitshuffle(typesize: number, bytes: Uint8Array): Uint8Array {
  const elements = Math.floor(bytes.length / typesize / 8) * 8;
  const row = elements / 8;
  const result = bytes.slice().fill(0, 0, elements * typesize);
  for (let i = 0; i < elements; i++) {
    for (let bit = 0; bit < 8 * typesize; bit++) {
      const value = (bytes[i * typesize + (bit >> 3)]! >> (bit & 7)) & 1;
      result[bit * row + (i >> 3)]! |= value << (i & 7);
    }
  }
  return result;
}

/** All typesizes, each with element counts around the steps of 8, 16, 128 and 512. */
const lengths = fc
  .tuple(fc.integer({ min: 1, max: 255 }), fc.constantFrom(0, 1, 8, 16, 17, 24, 128, 136, 512, 640), fc.integer({ min: -9, max: 300 }))
  .map(([typesize, elements, more]) => ({ typesize, length: Math.min(BYTES_MAX, Math.max(0, typesize * elements + more)) }));

for (const [build, module] of modules) {
  const run = runner(module);
  for (const [name, back, plain] of [
    ['shuffle', 'unshuffle', plainShuffle],
    ['bitshuffle', 'unbitshuffle', plainBitshuffle],
  ] as const) {
    test(`${name} (${build}) has Blosc's layout for all typesizes and lengths, and can be undone`, (t) => {
      const check = (typesize: number, length: number): void => {
        const bytes = raw(length, typesize, 3, 1 + typesize * 1000 + length);
        const filtered = run(name, typesize, bytes);
        sameBytes(t, filtered, plain(typesize, bytes), `${name}, typesize ${typesize}, ${length} bytes`);
        sameBytes(t, run(back, typesize, filtered), bytes, `${back}, typesize ${typesize}, ${length} bytes`);
      };
      for (let typesize = 1; typesize <= 255; typesize++) check(typesize, typesize * 144 + (typesize % 5));
      fc.assert(fc.property(lengths, ({ typesize, length }) => check(typesize, length)));
    });
  }
}
