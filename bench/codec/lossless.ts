/**
 * Blosc2 chunks: ours against c-blosc2 with one thread and against numcodecs (Blosc in wasm without SIMD), same data, codec, level, filter,
 * and typesize. Samples of all of them lie between each other. Ours and c-blosc2 write into buffers that are there; numcodecs makes new
 * ones, and so do we against it.
 */
import Blosc from 'numcodecs/blosc';
import { CHUNK_BYTES } from '../../mesh/frame.ts';
import { Blosc2 } from '../../wasm/blosc2.ts';
import { type CodecName, codecNumbers } from '../../wasm/codec.ts';
import type { Row, Table } from '../support/report.ts';
import { median } from '../support/statistics.ts';
import type { DataSet } from './data.ts';
import type { Native } from './native.ts';
import { megabytesPerSecond, piecesOf, sampleAsyncNs, sampleNs } from './sampling.ts';

export interface Setting {
  readonly codec: CodecName;
  readonly level: number;
  readonly filter: 'shuffle' | 'bitshuffle' | undefined;
}

export interface Sampling {
  readonly rounds: number;
  /** Of one sample. */
  readonly ms: number;
}

const TYPESIZE = 4;
const CHUNK_OVERHEAD = 32;
const WARM_UP_MS = 20;
const filterNumbers = { shuffle: 1, bitshuffle: 2 } as const;

/** Ratios to the peer, ours ÷ theirs, medians over the rounds. */
interface Compared {
  readonly compress: number;
  readonly decompress: number;
  /** Bytes, ours ÷ theirs. */
  readonly size: number;
}

const title = ({ codec, level, filter }: Setting): string => `${codec} ${level} ${filter ?? 'no filter'}`;

export async function againstNative(
  native: Native,
  settings: readonly Setting[],
  data: readonly DataSet[],
  sampling: Sampling,
): Promise<{ readonly tables: readonly Table[]; readonly rows: readonly Row[] }> {
  const tables: Table[] = [];
  const rows: Row[] = [];
  for (const setting of settings) {
    const lines: (readonly (string | number)[])[] = [];
    const judged: Compared[] = [];
    for (const set of data) {
      await native.loadBytes(set.bytes);
      const { line, compared } = await compareNative(native, setting, set, sampling);
      lines.push([set.name, ...line]);
      if (!set.incompressible) judged.push(compared);
    }
    const columns = ['data', 'ratio', 'size ÷ native', 'compress MB/s', 'native', '÷ native', 'decompress MB/s', 'native', '÷ native'];
    tables.push({ title: title(setting), columns, lines });
    rows.push(...judge(setting, judged));
  }
  return { tables, rows };
}

/** Rows give the median of the data sets, rounds each of them. */
function judge(setting: Setting, judged: readonly Compared[]): Row[] {
  const row = (what: string, values: readonly number[], bar: Row['bar']): Row => ({
    what: `${title(setting)}: ${what}`,
    value: median(values),
    unit: '×',
    rounds: values,
    ...(bar && { bar }),
  });
  const compress = judged.map((each) => each.compress);
  const decompress = judged.map((each) => each.decompress);
  const size = judged.map((each) => each.size);
  return [
    row('compress ÷ native', compress, { atLeast: 0.5 }),
    row('decompress ÷ native', decompress, { atLeast: 0.5 }),
    { ...row('largest size ÷ native', size, { atMost: 1.02 }), value: Math.max(...size) },
  ];
}

async function compareNative(native: Native, { codec, level, filter }: Setting, { bytes }: DataSet, { rounds, ms }: Sampling) {
  const job = {
    codec: codecNumbers[codec].codec,
    level,
    filter: filter === undefined ? 0 : filterNumbers[filter],
    typesize: TYPESIZE,
    chunkBytes: CHUNK_BYTES,
    ms,
  };
  const ours = new Ours({ codec, level, filter }, bytes);
  const samples: { compressNs: number; decompressNs: number; native: Awaited<ReturnType<Native['time']>> }[] = [];
  ours.compress();
  ours.verify();
  // V8 runs wasm code from a quick compiler until the good one is ready.
  sampleNs(WARM_UP_MS, () => ours.compress());
  sampleNs(WARM_UP_MS, () => ours.decompress());
  for (let round = 0; round < rounds; round += 1) {
    const theirs = await native.time(job);
    samples.push({ compressNs: sampleNs(ms, () => ours.compress()), decompressNs: sampleNs(ms, () => ours.decompress()), native: theirs });
  }
  const of = (pick: (sample: (typeof samples)[number]) => number): number => median(samples.map(pick));
  const compared: Compared = {
    compress: of((sample) => sample.native.compressNs / sample.compressNs),
    decompress: of((sample) => sample.native.decompressNs / sample.decompressNs),
    size: ours.packedBytes / samples[0]!.native.bytes,
  };
  const rate = (ns: number): number => megabytesPerSecond(bytes.byteLength, ns);
  const line = [
    bytes.byteLength / ours.packedBytes,
    compared.size,
    rate(of((sample) => sample.compressNs)),
    rate(of((sample) => sample.native.compressNs)),
    compared.compress,
    rate(of((sample) => sample.decompressNs)),
    rate(of((sample) => sample.native.decompressNs)),
    compared.decompress,
  ];
  return { line, compared };
}

/** Our context with its buffers: each piece has a place for its chunk. */
class Ours {
  readonly #context = new Blosc2();
  readonly #options: Parameters<Blosc2['compress']>[1];
  readonly #pieces: readonly Uint8Array<ArrayBuffer>[];
  readonly #places: readonly Uint8Array<ArrayBuffer>[];
  readonly #lengths: number[];
  readonly #raw: Uint8Array<ArrayBuffer>;

  constructor({ codec, level, filter }: Setting, bytes: Uint8Array<ArrayBuffer>) {
    this.#options = { typesize: TYPESIZE, codec, level, filters: filter === undefined ? [] : [filter] };
    this.#pieces = piecesOf(bytes, CHUNK_BYTES);
    this.#places = this.#pieces.map((piece) => new Uint8Array(piece.byteLength + CHUNK_OVERHEAD));
    this.#lengths = this.#pieces.map(() => 0);
    this.#raw = new Uint8Array(bytes.byteLength);
  }

  get packedBytes(): number {
    return this.#lengths.reduce((sum, length) => sum + length, 0);
  }

  compress(): void {
    this.#pieces.forEach((piece, at) => {
      this.#lengths[at] = this.#context.compressInto(piece, this.#places[at]!, this.#options);
    });
  }

  decompress(): void {
    this.#places.forEach((place, at) => {
      this.#context.decompressInto(place.subarray(0, this.#lengths[at]), this.#raw.subarray(at * CHUNK_BYTES));
    });
  }

  verify(): void {
    this.decompress();
    const same = this.#pieces.every(
      (piece, at) => Buffer.compare(piece, this.#raw.subarray(at * CHUNK_BYTES).subarray(0, piece.length)) === 0,
    );
    if (!same) throw new Error('decompressed to something else');
  }
}

const numcodecs = Blosc.fromConfig({ id: 'blosc', clevel: 5, cname: 'lz4', shuffle: 1, blocksize: 0 });

/** Level 5, shuffle, LZ4. numcodecs takes 4 bytes for an element, as we do. */
export async function againstNumcodecs(
  data: readonly DataSet[],
  { rounds, ms }: Sampling,
): Promise<{ readonly tables: readonly Table[]; readonly rows: readonly Row[] }> {
  const context = new Blosc2();
  const options = { typesize: TYPESIZE, codec: 'lz4', level: 5, filters: ['shuffle'] } as const;
  const lines: (readonly (string | number)[])[] = [];
  const faster: { readonly encode: number; readonly decode: number }[] = [];
  for (const { name, bytes, incompressible } of data) {
    const pieces = piecesOf(bytes, CHUNK_BYTES);
    const theirs: readonly Uint8Array[] = await Promise.all(pieces.map((piece) => numcodecs.encode(piece)));
    const ours = pieces.map((piece) => context.compress(piece, options));
    sampleNs(WARM_UP_MS, () => context.compress(pieces[0]!, options));
    await sampleAsyncNs(WARM_UP_MS, async () => void (await numcodecs.encode(pieces[0]!)));
    const samples: number[][] = [];
    for (let round = 0; round < rounds; round += 1) {
      samples.push([
        sampleNs(ms, () => {
          for (const piece of pieces) context.compress(piece, options);
        }),
        await sampleAsyncNs(ms, async () => {
          for (const piece of pieces) await numcodecs.encode(piece);
        }),
        sampleNs(ms, () => {
          for (const chunk of ours) context.decompress(chunk);
        }),
        await sampleAsyncNs(ms, async () => {
          for (const chunk of theirs) await numcodecs.decode(chunk);
        }),
      ]);
    }
    const rates = [0, 1, 2, 3].map((at) => megabytesPerSecond(bytes.byteLength, median(samples.map((sample) => sample[at]!))));
    const encode = median(samples.map(([us, them]) => them! / us!));
    const decode = median(samples.map(([, , us, them]) => them! / us!));
    const size = ours.reduce((sum, chunk) => sum + chunk.byteLength, 0) / theirs.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    lines.push([name, size, rates[0]!, rates[1]!, encode, rates[2]!, rates[3]!, decode]);
    if (!incompressible) faster.push({ encode, decode });
  }
  const columns = ['data', 'size ÷ theirs', 'compress MB/s', 'numcodecs', '×', 'decompress MB/s', 'numcodecs', '×'];
  const row = (what: string, values: readonly number[]): Row => {
    return { what: `lz4 5 shuffle: ${what} ÷ numcodecs`, value: median(values), unit: '×', rounds: values, bar: { atLeast: 4 } };
  };
  return {
    tables: [{ title: 'lz4 5 shuffle against numcodecs', columns, lines }],
    rows: [
      row(
        'compress',
        faster.map(({ encode }) => encode),
      ),
      row(
        'decompress',
        faster.map(({ decode }) => decode),
      ),
    ],
  };
}
