/** The codecs of the mesh, chunk by chunk as a stage sends them: speed of one core there and back, and what they make of the bytes. */

import { tensorCodecs } from '../../mesh/codec/registry.ts';
import { type Codec, type EncodedChunk, NO_CODEC } from '../../mesh/codec.ts';
import { CHUNK_BYTES } from '../../mesh/frame.ts';
import type { Row, Table } from '../support/report.ts';
import { median } from '../support/statistics.ts';
import type { DataSet } from './data.ts';
import type { Sampling } from './lossless.ts';
import { megabytesPerSecond, piecesOf, sampleNs } from './sampling.ts';

/** Of `trunc:1` to `trunc:22` two are shown. */
export const shown = ['lz4', 'blosc2', 'sparse', 'fp16', 'bf16', 'int8', 'int6', 'int4', 'trunc:7', 'trunc:12'] as const;

/** V8 runs wasm code from a quick compiler until the good one is ready. */
const WARM_UP_MS = 20;

/** MB/s of raw bytes. */
const bars: Readonly<Record<string, { readonly encode?: number; readonly decode?: number }>> = {
  fp16: { encode: 1500 },
  int8: { encode: 500, decode: 1000 },
  int6: { decode: 1000 },
  int4: { decode: 1000 },
};

export function encodeAll({ dims, bytes }: Pick<DataSet, 'dims' | 'bytes'>, codec: Codec): readonly EncodedChunk[] {
  return piecesOf(bytes, CHUNK_BYTES).map((raw, at) => codec.encode(raw, { dtype: 'float32', dims, first: (at * CHUNK_BYTES) / 4 }));
}

/** Into the pieces of `into`, which is as long as what was encoded. */
export function decodeAll(chunks: readonly EncodedChunk[], into: readonly Uint8Array[]): void {
  chunks.forEach(({ codec, payload }, at) => {
    if (codec === NO_CODEC) into[at]!.set(payload);
    else tensorCodecs.get(codec)!.decode(payload, into[at]!);
  });
}

export function meshCodecs(
  data: readonly DataSet[],
  { rounds, ms }: Sampling,
): { readonly tables: readonly Table[]; readonly rows: readonly Row[] } {
  const tables: Table[] = [];
  const rows: Row[] = [];
  const expansions: number[] = [];
  for (const name of shown) {
    const codec = tensorCodecs.get(name)!;
    const lines: (readonly (string | number)[])[] = [];
    const rates: { encode: number; decode: number }[] = [];
    for (const set of data) {
      const chunks = encodeAll(set, codec);
      const into = piecesOf(new Uint8Array(set.bytes.byteLength), CHUNK_BYTES);
      sampleNs(WARM_UP_MS, () => encodeAll(set, codec));
      sampleNs(WARM_UP_MS, () => decodeAll(chunks, into));
      const samples: { encodeNs: number; decodeNs: number }[] = [];
      for (let round = 0; round < rounds; round += 1) {
        samples.push({ encodeNs: sampleNs(ms, () => encodeAll(set, codec)), decodeNs: sampleNs(ms, () => decodeAll(chunks, into)) });
      }
      const encode = megabytesPerSecond(set.bytes.byteLength, median(samples.map(({ encodeNs }) => encodeNs)));
      const decode = megabytesPerSecond(set.bytes.byteLength, median(samples.map(({ decodeNs }) => decodeNs)));
      const encodedBytes = chunks.reduce((sum, { payload }) => sum + payload.byteLength, 0);
      const used = [...new Set(chunks.map((chunk) => chunk.codec))].join(', ');
      expansions.push(...piecesOf(set.bytes, CHUNK_BYTES).map((raw, at) => chunks[at]!.payload.byteLength - raw.byteLength));
      lines.push([set.name, set.bytes.byteLength / encodedBytes, encode, decode, used]);
      if (!set.incompressible) rates.push({ encode, decode });
    }
    tables.push({ title: name, columns: ['data', 'ratio', 'encode MB/s', 'decode MB/s', 'travels as'], lines });
    for (const direction of ['encode', 'decode'] as const) {
      const values = rates.map((rate) => rate[direction]);
      const atLeast = bars[name]?.[direction];
      rows.push({
        what: `${name}: ${direction}`,
        value: median(values),
        unit: 'MB/s',
        rounds: values,
        ...(atLeast !== undefined && { bar: { atLeast } }),
      });
    }
  }
  rows.push({
    what: 'a chunk becomes larger by, at most, in all of these codecs',
    value: Math.max(...expansions),
    unit: 'bytes',
    rounds: [Math.max(...expansions)],
    bar: { atMost: 32 },
  });
  return { tables, rows };
}
