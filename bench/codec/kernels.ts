/**
 * The two filters alone, within wasm memory, against copying the same bytes: with memory.copy in the same memory, and with memcpy in the native
 * driver where there is one. The filters go block by block, as in a chunk.
 */
import { CHUNK_BYTES } from '../../mesh/frame.ts';
import { divide } from '../../wasm/blocksize.ts';
import { pipelineOf } from '../../wasm/filters.ts';
import { loadModuleSync } from '../../wasm/module.ts';
import type { Row } from '../support/report.ts';
import { median } from '../support/statistics.ts';
import type { Sampling } from './lossless.ts';
import type { Native } from './native.ts';
import { megabytesPerSecond, sampleNs } from './sampling.ts';

type FilterKernel = (typesize: number, length: number, src: number, dst: number) => void;

interface FilterExports {
  readonly memory: WebAssembly.Memory;
  readonly heapBase: { readonly value: number };
  readonly shuffle: FilterKernel;
  readonly unshuffle: FilterKernel;
  readonly bitshuffle: FilterKernel;
  readonly unbitshuffle: FilterKernel;
}

/** As LZ4 at level 5 divides a chunk of the mesh; a filter never sees more than a block. */
const { blocksize } = divide({
  ...{ bytes: CHUNK_BYTES, typesize: 4, codec: 'lz4', level: 5, blocksize: 0, splitMode: 'auto' },
  filters: pipelineOf(['bitshuffle'], 4).numbers,
});
const names = ['shuffle', 'unshuffle', 'bitshuffle', 'unbitshuffle'] as const;
const TYPESIZE = 4;
const PAGE_BYTES = 65_536;
/** V8 runs wasm code from a quick compiler until the good one is ready. */
const WARM_UP_MS = 50;

type Copy = (dst: number, src: number, length: number) => void;

/** (module (import "e" "m" (memory 0)) (func (export "c") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))) */
const copyModule = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 7, 1, 96, 3, 127, 127, 127, 0],
  ...[2, 8, 1, 1, 101, 1, 109, 2, 0, 0],
  ...[3, 2, 1, 0],
  ...[7, 5, 1, 1, 99, 0, 0],
  ...[10, 14, 1, 12, 0, 32, 0, 32, 1, 32, 2, 252, 10, 0, 0, 11],
);

/** Two sizes: one that caches hold, and one that they do not, where memory decides. Whole blocks. */
const sizes = [
  { what: '512 KiB', bytes: CHUNK_BYTES },
  { what: '32 MiB', bytes: 64 * CHUNK_BYTES },
] as const;

export async function filterRows(native: Native | undefined, sampling: Sampling): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { what, bytes } of sizes) rows.push(...(await rowsOf(what, bytes, native, sampling)));
  return rows;
}

async function rowsOf(size: string, bytes: number, native: Native | undefined, { rounds, ms }: Sampling): Promise<readonly Row[]> {
  // No Zstd here, and nobody asks for it.
  const host = { zstdCompress: () => -1 };
  const kernels = new WebAssembly.Instance(loadModuleSync(), { host }).exports as unknown as FilterExports;
  const { memory } = kernels;
  const src = Math.ceil(kernels.heapBase.value / PAGE_BYTES) * PAGE_BYTES;
  const dst = src + bytes;
  memory.grow(Math.ceil((dst + bytes + PAGE_BYTES - memory.buffer.byteLength) / PAGE_BYTES));
  const floats = new Float32Array(memory.buffer, src, bytes / 4);
  for (let at = 0; at < floats.length; at += 1) floats[at] = Math.sqrt(at);
  const copy = new WebAssembly.Instance(new WebAssembly.Module(copyModule), { e: { m: memory } }).exports.c as Copy;
  await native?.loadBytes(new Uint8Array(memory.buffer, src, bytes));

  const filters = names.map((name) => (): void => {
    for (let at = 0; at < bytes; at += blocksize) kernels[name](TYPESIZE, blocksize, src + at, dst + at);
  });
  for (const filter of filters) sampleNs(WARM_UP_MS, filter);
  const samples: { readonly copyNs: number; readonly nativeNs: number | undefined; readonly filterNs: readonly number[] }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    samples.push({
      copyNs: sampleNs(ms, () => copy(dst, src, bytes)),
      nativeNs: await native?.copy(bytes, ms),
      filterNs: filters.map((filter) => sampleNs(ms, filter)),
    });
  }
  const row = (what: string, unit: string, values: readonly number[], bar: Row['bar']): Row => {
    return { what: `${what}, ${size}`, value: median(values), unit, rounds: values, ...(bar && { bar }) };
  };
  const rates = (pick: (sample: (typeof samples)[number]) => number) => samples.map((sample) => megabytesPerSecond(bytes, pick(sample)));
  const bar = { atLeast: 0.5 };
  const rows = [
    row(
      'memory.copy',
      'MB/s',
      rates(({ copyNs }) => copyNs),
      undefined,
    ),
  ];
  names.forEach((name, at) => {
    const ratio = samples.map(({ copyNs, filterNs }) => copyNs / filterNs[at]!);
    rows.push(row(`${name} ÷ memory.copy`, '×', ratio, bar));
  });
  if (native === undefined) return rows;
  rows.push(
    row(
      'native memcpy',
      'MB/s',
      rates(({ nativeNs }) => nativeNs!),
      undefined,
    ),
  );
  names.forEach((name, at) => {
    const ratio = samples.map(({ nativeNs, filterNs }) => nativeNs! / filterNs[at]!);
    rows.push(row(`${name} ÷ native memcpy`, '×', ratio, bar));
  });
  return rows;
}
