const argv = fc.array(fc.stringMatching(/^[^\0]{1,9}$/), { minLength: 1 });
const server = fc.record({
  argv,
  probe: fc.oneof(
    fc.record({
      kind: fc.constant('http' as const),
      url: fc.constantFrom('http://127.0.0.1:80/', 'http://localhost/a', 'http://[::1]:8/'),
    }),
    fc.record({ kind: fc.constant('tcp' as const), port: fc.integer({ min: 1, max: 65_535 }) }),
    fc.record({ kind: fc.constant('command' as const), argv }),
  ),
  readyMsMax: fc.integer({ min: 1, max: 1e9 }),
});

/** Orders, events and records of benchmark runs, of all kinds. */
import fc from 'fast-check';
import type { BenchEvent } from '../../../mesh/bench/event.ts';
import type { BenchOrder } from '../../../mesh/bench/order.ts';
import type { BenchRecord } from '../../../mesh/bench/record.ts';
import type { UseSample } from '../../../mesh/bench/series.ts';
import { useNames } from '../../../mesh/bench/use.ts';
import type { Device } from '../../../mesh/device.ts';
import type { LoadSettings } from '../../../mesh/loadgen/scenario.ts';
import type { EpochFigures, GoalFigures, TrainingFigures } from '../../../mesh/training/figures.ts';
import type { LearningRateSchedule } from '../../../mesh/training/learning-rate.ts';
import type { TrainingWorkload } from '../../../mesh/training/workload.ts';
import { blob, blobs, count, finite, name, partly, session, size, text } from './basic-arbitraries.ts';
import { backgroundLoad, timed, timing } from './timing-arbitraries.ts';

const load: fc.Arbitrary<LoadSettings> = fc.record({
  scenario: fc.oneof(
    fc.constant({ kind: 'single-stream' } as const),
    fc.record({ kind: fc.constant('multi-stream' as const), samplesPerQuery: fc.integer({ min: 1, max: 99 }) }),
    fc.record({
      kind: fc.constant('server' as const),
      queriesPerS: fc.integer({ min: 1, max: 99 }),
      boundMs: fc.integer({ min: 1, max: 99 }),
    }),
    fc.record({ kind: fc.constant('offline' as const), samplesPerCall: fc.integer({ min: 1, max: 99 }) }),
  ),
  percentile: fc.constantFrom(0.5, 0.9, 0.99),
  durationMsMin: fc.integer({ min: 0, max: 1000 }),
  durationMsMax: fc.integer({ min: 1000, max: 100_000 }),
  queriesMin: count,
});

const limits = fc
  .record(
    {
      cpuQuotaCores: fc.constantFrom(0.1, 0.5, 2),
      memoryLimitBytes: size,
      memoryHighBytes: size,
      swapBytes: fc.integer({ min: 0, max: 2 ** 40 }),
      cpus: fc.constantFrom('0', '0-1,3'),
      pids: fc.integer({ min: 1, max: 1000 }),
    },
    { requiredKeys: [] },
  )
  .map(({ swapBytes, ...rest }) => (rest.memoryLimitBytes === undefined || swapBytes === undefined ? rest : { ...rest, swapBytes }));

const gamma = fc.constantFrom(0.1, 0.5);
const schedule: fc.Arbitrary<LearningRateSchedule> = fc.oneof(
  fc.constant({ kind: 'fix' as const }),
  fc.record({ kind: fc.constant('exp' as const), gamma }),
  fc.record({ kind: fc.constant('step' as const), gamma, steps: fc.array(fc.integer({ min: 1, max: 99 })) }),
  fc.record({ kind: fc.constant('stepLR' as const), gamma, every: fc.integer({ min: 1, max: 99 }) }),
);

const training: fc.Arbitrary<TrainingWorkload> = fc.record({
  kind: fc.constant('training' as const),
  training: name,
  stages: fc.array(
    fc.record({
      ...{ name, step: blob, forward: blob, output: name, schedule },
      goal: fc.constantFrom('classify' as const, 'reconstruct' as const),
      input: fc.constant({ name: 'x', dtype: 'float32' as const, dims: [64, 1, 1024] }),
      epochs: fc.integer({ min: 1, max: 100 }),
      learningRate: fc.constantFrom(0.001, 1),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  ...{ data: blob, start: blob, best: fc.option(blob, { nil: undefined }), session },
  augment: fc.boolean(),
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
});

/** Whatever can be asked for. */
export const order: fc.Arbitrary<BenchOrder> = fc
  .record({
    run: name,
    workload: fc.oneof(
      fc.record({
        kind: fc.constant('inference' as const),
        model: blob,
        externalData: blobs,
        inputs: fc.constant([{ name: 'x', dtype: 'float32' as const, dims: [-1, 3, 224, 224] }]),
        outputs: fc.constant(['y']),
        session,
        load,
        findPeak: fc.boolean(),
        seed: fc.integer({ min: 0, max: 2 ** 31 }),
      }),
      training,
      timing,
      fc.record(
        { kind: fc.constant('command' as const), argv, env: fc.dictionary(name, text), files: blobs, server },
        { requiredKeys: ['kind', 'argv', 'env', 'files'] },
      ),
    ),
    limits,
    pageCache: fc.constantFrom('as-is' as const, 'warm' as const, 'cold' as const),
    deadlineMs: fc.integer({ min: 1, max: 1e9 }),
    whenBusy: fc.constantFrom('wait' as const, 'refuse' as const),
    besideStages: fc.boolean(),
    enforce: fc.boolean(),
    load: fc.option(backgroundLoad, { nil: undefined }),
  })
  .map(({ load: beside, ...found }) => (beside === undefined ? found : { ...found, backgroundLoad: beside }))
  .map((found) => ({ ...found, limits: found.enforce ? found.limits : {} }))
  .map((found) =>
    found.workload.kind === 'inference' && found.workload.load.scenario.kind !== 'server'
      ? { ...found, workload: { ...found.workload, findPeak: false } }
      : found,
  )
  .filter(({ workload }) => workload.kind !== 'command' || !Object.values(workload.env).some((value) => value.includes('\0')));

const device: Device = {
  name: 'pi',
  address: 'pi:7070',
  arch: 'arm64',
  os: 'Debian',
  cores: 4,
  cpuModel: 'Cortex-A76',
  memoryBytes: 2 ** 33,
  diskBytes: 2 ** 36,
  nodeVersion: '24.1.0',
  runtimeVersion: '1.30.0',
  cgroup: 'v2',
};

const metric = fc.record({
  name,
  value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  unit: text,
  labels: fc.dictionary(name, text),
  atMs: finite,
});

const samples: fc.Arbitrary<UseSample[]> = fc.array(
  fc.record({ atMs: count, memoryBytes: size, totalBytes: size, swapBytes: size, cpuMs: count, throttledMs: count, majorFaults: count }),
  { maxLength: 5 },
);

const environment: fc.Arbitrary<BenchRecord['environment']> = fc
  .tuple(
    partly<Omit<BenchRecord['environment'], 'device' | 'kernel' | 'pageCache' | 'stages' | 'env' | 'workingFolder'>>({
      cgroup: fc.constantFrom('v1', 'v2'),
      intraOpThreads: count,
      heapMiBMax: count,
      temperatureCelsius: finite,
      cpuBusyCores: finite,
      loadAverage: finite,
      memoryFreeBytes: size,
      swapTotalBytes: size,
      frequencyMHz: finite,
      governor: text,
      diskUsedPercent: finite,
    } as never),
    fc.record({
      kernel: text,
      pageCache: fc.constantFrom('as-is' as const, 'cold' as const),
      stages: count,
      env: fc.dictionary(name, text),
      workingFolder: text,
    }),
  )
  .map(([some, all]) => ({ ...some, ...all, device }));

const figures = fc
  .tuple(
    fc.record({
      settings: load,
      warmUp: fc.record({ calls: count, elapsedMs: finite, steady: fc.boolean(), variation: finite, callMs: finite }),
      ...{
        sessionMs: finite,
        firstMs: finite,
        batch: count,
        sampleCount: count,
        queries: count,
        samples: count,
        durationMs: finite,
        samplesPerS: finite,
      },
      invalid: fc.array(text),
    }),
    partly<Pick<NonNullable<BenchRecord['load']>, 'latencyMs' | 'estimateMs' | 'overlatency' | 'peak'>>({
      latencyMs: fc.record({ mean: finite, percentiles: fc.array(finite, { minLength: 101, maxLength: 101 }), p999: finite }),
      estimateMs: finite,
      overlatency: count,
      peak: fc.record({ queriesPerS: finite, failedPerS: finite, attempts: count }, { requiredKeys: ['attempts'] }),
    } as never),
  )
  .map(([all, some]) => ({ ...all, ...some }) as NonNullable<BenchRecord['load']>);

const share = fc.double({ noNaN: true, min: 0, max: 1 });

const goal: fc.Arbitrary<GoalFigures> = fc.record({ loss: finite, accuracy: share }, { requiredKeys: ['loss'] }) as never;

const epoch: fc.Arbitrary<EpochFigures> = fc.record(
  {
    ...{ stage: name, epoch: count, learningRate: finite, train: goal, validation: goal, steps: count },
    ...{ batchesMs: finite, stepsMs: finite, validateMs: finite, checkpointMs: finite },
  },
  { requiredKeys: ['stage', 'epoch', 'learningRate', 'train', 'validation', 'steps', 'batchesMs', 'stepsMs', 'validateMs'] },
) as never;

const trainingFigures: fc.Arbitrary<TrainingFigures> = fc
  .tuple(
    fc.record({
      ...{ batch: count, trainExamples: count, validationExamples: count, sessionMs: finite, resumedAt: count },
      epochs: fc.array(epoch, { maxLength: 3 }),
    }),
    fc.option(fc.nat(2), { nil: undefined }),
  )
  .map(([figures, bestEpoch]) => (bestEpoch === undefined || bestEpoch >= figures.epochs.length ? figures : { ...figures, bestEpoch }));

/** Whatever is kept of a run. */
export const record: fc.Arbitrary<BenchRecord> = fc
  .record(
    {
      run: name,
      outcome: fc.oneof(
        ...(['ok', 'out-of-memory', 'thrashing', 'timed-out', 'cancelled'] as const).map((kind) => fc.constant({ kind })),
        fc.constant({ kind: 'crashed' as const, signal: 'SIGSEGV' }),
        fc.constant({ kind: 'crashed' as const, code: 3 }),
        fc.record({ kind: fc.constant('refused' as const), why: text }),
      ),
      limits,
      warnings: fc.array(text),
      environment,
      startedMs: count,
      exit: fc.constantFrom({ code: 0 }, { signal: 'SIGKILL' }, {}),
      phases: fc.array(fc.record({ name, startMs: finite, endMs: finite })),
      use: fc.record(Object.fromEntries(useNames.map((each) => [each, finite])), { requiredKeys: [] }),
      series: samples,
      load: figures,
      training: trainingFigures,
      backgroundLoad,
      metrics: fc.array(metric, { maxLength: 3 }),
      metricsLost: count,
      lastWords: text,
    },
    {
      requiredKeys: [
        'run',
        'outcome',
        'limits',
        'warnings',
        'environment',
        'startedMs',
        'exit',
        'phases',
        'use',
        'series',
        'metrics',
        'metricsLost',
        'lastWords',
      ],
    },
  )
  .map((found) => found as BenchRecord);

/** Whatever a run tells. */
export const event: fc.Arbitrary<BenchEvent> = fc.oneof(
  fc.record({ kind: fc.constant('queued' as const), ahead: count, why: text }),
  fc.record({ kind: fc.constant('started' as const), environment }),
  fc.record({ kind: fc.constant('phase' as const), name, atMs: finite }),
  fc.record({ kind: fc.constant('progress' as const), queries: count, elapsedMs: finite }),
  fc.record({ kind: fc.constant('metric' as const), metric }),
  fc.record({ kind: fc.constant('epoch' as const), epoch }),
  fc.record({ kind: fc.constant('timed' as const), item: timed }),
  fc.record({ kind: fc.constant('log' as const), stream: fc.constantFrom('stdout' as const, 'agent' as const), line: text }),
  fc.record({ kind: fc.constant('live' as const), cpuPercent: finite, memoryBytes: size, processes: count }),
  fc.record({ kind: fc.constant('ended' as const), record }),
);
