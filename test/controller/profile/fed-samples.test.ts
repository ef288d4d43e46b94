/** What runs and benchmarks leave. */
import test from 'ava';
import { benchSamples } from '../../../controller/profile/bench-samples.ts';
import { type RunFacts, runSamples } from '../../../controller/profile/run-samples.ts';
import { MeasureSummary } from '../../../controller/run/measure-summary.ts';
import type { Device } from '../../../mesh/device.ts';
import type { Plan, Stage } from '../../../partition/plan.ts';
import { recordOf } from '../report/sweep-fixture.ts';
import { sample } from './samples-fixture.ts';

const device: Device = {
  ...{ name: 'a', address: 'a:1', arch: 'x64', os: 'test', cores: 4, memoryBytes: 2 ** 33, diskBytes: 2 ** 36 },
  ...{ nodeVersion: '24.0.0', runtimeVersion: '1.30.0', cpuQuotaCores: 0.5 },
};
const stage = (id: string, layers: string): Stage => ({
  ...{ id, device: 'a', layers, sha256: '' },
  inputs: [{ name: 'x', dtype: 'float32', dims: [-1, 4] }],
  outputs: [{ name: 'y', dtype: 'float32', dims: [1, 2] }],
});
const route = (from: string, to: string) => ({ from, to, tensors: ['x'], codec: 'blosc2' });
const plan = {
  epoch: 1n,
  stages: [stage('stage1', '1-2'), stage('stage2', '3-7')],
  routes: [route('source', 'stage1'), route('stage1', 'stage2'), route('stage2', 'sink')],
} as unknown as Plan;

function factsOf(changes: Partial<RunFacts> = {}): RunFacts {
  const measured = new MeasureSummary();
  for (const [index, computeUs] of [4000, 1000, 2000].entries()) {
    const probeUs = 300 + index;
    const frame = BigInt(index);
    const times = { device: 'a', frame, queueUs: 1, decodeUs: 300, computeUs, encodeUs: 500, probeUs };
    const link = { frame, rawBytes: 100, wireBytes: 40, transferUs: 9, occupiedUs: 9, encodeUs: 500 };
    measured.add({
      frames: [],
      stages: [{ stage: 'stage1', ...times }],
      links: [
        { from: 'source', to: 'stage1', codec: 'none', ...link },
        { from: 'stage1', to: 'stage2', codec: 'blosc2', ...link },
      ],
    });
  }
  return {
    ...{ run: 'r', atMs: 7, model: './some/mine.onnx', plan, sharing: 1, activations: new Map([['k', 'Clip']]) },
    sha256Of: ({ id }) => (id === 'stage1' ? 'cd'.repeat(32) : undefined),
    timesOf: ({ id, device: where }) => measured.stage(id, where),
    linkOf: (from, to) => measured.link(from, to),
    loadedOf: () => ({ threads: 2, kernels: [{ name: 'k', operator: 'Gemm', inputs: [], outputs: [] }] }),
    deviceOf: () => device,
    ...changes,
  };
}

test('a stage leaves the median of its frames and its kernels; a codec that encodes leaves what it made of how much', (t) => {
  const samples = runSamples(factsOf());
  t.is(samples.length, 2, 'nothing was measured of the second stage, and nothing is encoded on the way into the first');
  const [computed, encoded] = samples;
  t.like(computed, {
    ...{ run: 'r', source: 'run', atMs: 7, state: { probeMs: 0.301 } },
    subject: { kind: 'stage', model: 'mine', family: 'mine', part: '1-2', sha256: 'cd'.repeat(32), inputBytes: 16, outputBytes: 8 },
    circumstance: { device: 'a', threads: 2, cores: 4, quotaCores: 0.5, load: { cores: 0, duty: 0 } },
    time: { ms: 2, medianMs: 2, p90Ms: 4, minMs: 1, count: 3 },
  });
  t.is(computed!.kernelsSeen!.length, 1);
  t.like(encoded, { subject: { kind: 'codec', model: 'blosc2', part: 'encode', inputBytes: 100, outputBytes: 40 }, time: { ms: 0.5 } });
  t.false('kernelsSeen' in encoded!);
});

test('agents that share one machine are not like devices of their own', (t) => {
  const keyOf = (sharing: number): string => runSamples(factsOf({ sharing }))[0]!.circumstance.deviceKey;
  t.not(keyOf(1), keyOf(2));
});

test('a device that does not answer, or a codec on several routes at once, leaves nothing', (t) => {
  t.deepEqual(runSamples(factsOf({ deviceOf: () => undefined })), []);
  const fork = { ...plan, routes: [...plan.routes, route('stage1', 'sink')] };
  t.deepEqual(
    runSamples(factsOf({ plan: fork })).map(({ subject }) => subject.kind),
    ['stage'],
  );
});

test('a benchmark of one inference after the other leaves its mean, under the limits that were set', (t) => {
  const record = recordOf({ timeMs: 20, limits: { cpuQuotaCores: 0.5 } });
  const [found] = benchSamples(sample.subject, record);
  t.is(found!.time.ms, record.load!.latencyMs!.mean);
  t.is(found!.time.minMs, record.load!.latencyMs!.percentiles[0]!);
  t.like(found, { source: 'bench', run: record.run, circumstance: { quotaCores: 0.5, load: { cores: 0 } } });
  const loaded = benchSamples(sample.subject, { ...record, backgroundLoad: { cores: 2, duty: 0.3 } });
  t.deepEqual(loaded[0]!.circumstance.load, { cores: 2, duty: 0.3 });
});

test('a benchmark that failed, or measures something else, leaves nothing', (t) => {
  t.deepEqual(benchSamples(sample.subject, recordOf({ timeMs: 20, outcome: { kind: 'out-of-memory' } })), []);
  const record = recordOf({ timeMs: 20 });
  const offline = {
    ...record,
    load: { ...record.load!, settings: { ...record.load!.settings, scenario: { kind: 'offline', samplesPerCall: 8 } as const } },
  };
  t.deepEqual(benchSamples(sample.subject, offline), []);
  t.deepEqual(benchSamples(sample.subject, { ...record, load: { ...record.load!, batch: 4 } }), []);
});
