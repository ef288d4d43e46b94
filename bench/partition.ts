/**
 * Partitioning: how long it takes to know where a model can be cut, and how much memory it takes to cut a large one.
 *
 *     node bench/partition.ts [--rounds 9] [--json]
 *
 * Each round reads the file, builds the graph, infers shapes, forms layers and enumerates prefix, single-tensor and bridge cuts and ideals, in
 * this process; the first one, with code that was never run, is shown by itself. The peaks of memory are those of processes that do nothing but
 * write the two stages of VGG-16 (a file of 553 MB), and of a model with 2.7 GB of weights in a file beside it (needs as much room twice).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bridgeCuts } from '../partition/cuts/bridge-cuts.ts';
import { prefixCuts } from '../partition/cuts/crossing.ts';
import { listIdeals } from '../partition/cuts/ideals.ts';
import { layerFlow } from '../partition/cuts/layer-flow.ts';
import { singleTensorCuts } from '../partition/cuts/single-tensor-cuts.ts';
import { buildGraph } from '../partition/graph.ts';
import { listLayers } from '../partition/layers.ts';
import { readModelFile } from '../partition/read-model.ts';
import { cachedZooModel } from '../partition/zoo/cache.ts';
import { zooModel } from '../partition/zoo/catalogue.ts';
import { LARGE_TENSOR_BYTES, writeLargeModel } from './support/large-model.ts';
import { print, type Row } from './support/report.ts';
import { median } from './support/statistics.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, json: { type: 'boolean', default: false } },
});

/** Far more than an exact planner wants to look at. */
const IDEALS_MAX = 1_000;
const MIB = 1024 * 1024;
/** Biggest tensor of VGG-16: 25088 × 4096 numbers of 4 bytes. */
const VGG16_TENSOR_BYTES = 25088 * 4096 * 4;

const cacheFolder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'splitmesh');
const bars: Readonly<Record<string, number>> = { resnet50: 150, densenet121: 500 };

/** Milliseconds. */
function lookOnce(path: string): number {
  const startMs = performance.now();
  const flow = layerFlow(listLayers(buildGraph(readModelFile(path))));
  prefixCuts(flow);
  singleTensorCuts(flow);
  bridgeCuts(flow, 1);
  listIdeals(flow, IDEALS_MAX);
  return performance.now() - startMs;
}

const rows: Row[] = [];
for (const [name, atMost] of Object.entries(bars)) {
  const path = await cachedZooModel(zooModel(name), cacheFolder);
  const first = lookOnce(path);
  const rounds = Array.from({ length: Number(values.rounds) }, () => lookOnce(path));
  rows.push({ what: `${name}: read, layers, all cuts`, value: median(rounds), unit: 'ms', rounds, bar: { atMost } });
  rows.push({ what: `${name}: the first time in this process`, value: first, unit: 'ms', rounds: [first] });
}
rows.push(splitPeak('vgg16', `${await cachedZooModel(zooModel('vgg16'), cacheFolder)}@layer10`, VGG16_TENSOR_BYTES));
const large = mkdtempSync(join(tmpdir(), 'splitmesh-bench-'));
try {
  rows.push(splitPeak('2.7 GB of external data', `${writeLargeModel(large)}@layer1`, LARGE_TENSOR_BYTES));
} finally {
  rmSync(large, { recursive: true, force: true });
}
print({ benchmark: 'partition', method: `median of ${values.rounds} rounds; at most ${IDEALS_MAX} ideals listed`, rows }, values.json);

/** What `controller split` needs at its most, as the kernel counted it. */
function splitPeak(what: string, split: string, largestTensorBytes: number): Row {
  const folder = mkdtempSync(join(tmpdir(), 'splitmesh-bench-'));
  try {
    const controller = fileURLToPath(new URL('../controller/main.ts', import.meta.url));
    // Not its resource usage: that begins with the memory of whoever started it.
    const tell = `import { readFileSync } from 'node:fs'; process.on('exit', () => console.error(readFileSync('/proc/self/status', 'utf8')));`;
    const preload = `data:text/javascript,${encodeURIComponent(tell)}`;
    const { stderr, status } = spawnSync(process.execPath, ['--import', preload, controller, 'split', split, '--out', folder], {
      encoding: 'utf8',
    });
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(stderr)?.[1];
    if (status !== 0 || peak === undefined) throw new Error(`controller split failed:\n${stderr}`);
    const mib = Number(peak) / 1024;
    return {
      what: `${what}: peak memory of splitting it`,
      value: mib,
      unit: 'MiB',
      rounds: [mib],
      bar: { atMost: Math.round(200 + largestTensorBytes / MIB) },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
