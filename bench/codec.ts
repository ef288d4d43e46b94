/**
 * Codecs: blosc2-wasm against c-blosc2 and numcodecs, its filters against memcpy, the codecs of the mesh, and what they do to a model's result.
 *
 *     node bench/codec.ts [--rounds 5] [--ms 50] [--images 100] [--cuts 9] [--only native,numcodecs,filters,mesh,sizes,fidelity] [--json]
 *
 * Data: what crosses cuts of ResNet-50, MobileNetV2 and ViT for a picture like a photograph (bench/support), and random bytes. A ratio is
 * taken between samples that lie next to each other in time, its median over the rounds; the rows give the median of the data sets and
 * their range. c-blosc2 takes part when SPLITMESH_C_BLOSC2 names its source folder (bench/codec/native.ts).
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CHUNK_BYTES } from '../mesh/frame.ts';
import { activationData, cutName, type DataSet, incompressibleData } from './codec/data.ts';
import { measureFidelity } from './codec/fidelity.ts';
import { filterRows } from './codec/kernels.ts';
import { againstNative, againstNumcodecs, type Setting } from './codec/lossless.ts';
import { meshCodecs } from './codec/mesh-codecs.ts';
import { Native } from './codec/native.ts';
import { sizeRows } from './codec/sizes.ts';
import { CutModel, cutPoints } from './support/activations.ts';
import { print, type Row, type Table } from './support/report.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '50' },
    images: { type: 'string', default: '100' },
    cuts: { type: 'string', default: `${cutPoints.length}` },
    only: { type: 'string', default: 'native,numcodecs,filters,mesh,sizes,fidelity' },
    json: { type: 'boolean', default: false },
  },
});
const sampling = { rounds: Number(values.rounds), ms: Number(values.ms) };
const images = Number(values.images);
const wanted = new Set(values.only.split(','));
const cacheDir = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'splitmesh');
// As everywhere in the mesh: ONNX Runtime reports to nobody.
process.env.ORT_DISABLE_TELEMETRY = '1';

const settings: readonly Setting[] = [
  { codec: 'lz4', level: 1, filter: 'shuffle' },
  { codec: 'lz4', level: 5, filter: 'shuffle' },
  { codec: 'lz4', level: 5, filter: 'bitshuffle' },
  { codec: 'lz4', level: 9, filter: 'shuffle' },
  { codec: 'lz4', level: 5, filter: undefined },
  { codec: 'lz4hc', level: 5, filter: 'shuffle' },
  { codec: 'blosclz', level: 5, filter: 'shuffle' },
  { codec: 'blosclz', level: 5, filter: 'bitshuffle' },
  { codec: 'zstd', level: 3, filter: 'shuffle' },
];

const rows: Row[] = [];
const tables: Table[] = [];
const add = (part: { readonly tables: readonly Table[]; readonly rows: readonly Row[] }): void => {
  tables.push(...part.tables);
  rows.push(...part.rows);
};

const data: DataSet[] = [];
const fidelityLines: (readonly (string | number)[])[] = [];
// Evenly through the list, so that a few cuts are of all models.
const count = Math.min(Number(values.cuts), cutPoints.length);
for (const point of Array.from({ length: count }, (_, at) => cutPoints[Math.floor((at * cutPoints.length) / count)]!)) {
  const cut = await CutModel.open(point, cacheDir);
  data.push(await activationData(point, cut));
  if (wanted.has('fidelity')) {
    const { variety, codecs } = await measureFidelity(cut, images);
    for (const { codec, ratio, top1, top1Centred, maxAbs, relative } of codecs) {
      const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
      const worth = `${variety.classes} / ${variety.classesCentred}`;
      fidelityLines.push([cutName(point), codec, ratio, percent(top1), percent(top1Centred), worth, maxAbs, relative.toExponential(1)]);
    }
  }
  await cut.release();
}
const random = incompressibleData();
data.push(random);

const { SPLITMESH_C_BLOSC2: blosc2, SPLITMESH_LZ4: lz4, SPLITMESH_ZSTD: zstd } = process.env;
using native = blosc2 === undefined ? undefined : Native.build({ blosc2, lz4, zstd });
if (native === undefined) console.error('codec: c-blosc2 is left out: SPLITMESH_C_BLOSC2 does not name its source folder');

if (native !== undefined && wanted.has('native')) add(await againstNative(native, settings, data, sampling));
if (wanted.has('numcodecs')) add(await againstNumcodecs(data, sampling));
if (wanted.has('filters')) rows.push(...(await filterRows(native, sampling)));
if (wanted.has('mesh')) add(meshCodecs(data, sampling));
if (wanted.has('sizes')) rows.push(...sizeRows(random, settings));
if (wanted.has('fidelity')) {
  const columns = ['cut after layer', 'codec', 'ratio', 'top-1', 'centred', 'best classes', 'max-abs', 'relative'];
  tables.push({ title: `fidelity: scores with and without the codec, ${images} pictures`, columns, lines: fidelityLines });
}

print(
  {
    benchmark: 'Codecs',
    method: `chunks of ${CHUNK_BYTES / 1024} KiB, one thread, CPU time, ${sampling.rounds} interleaved rounds of ${sampling.ms} ms; rows: median and range of the data sets`,
    tables,
    rows,
  },
  values.json,
);
