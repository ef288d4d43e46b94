import test from 'ava';
import fc from 'fast-check';
import { MeshError } from '../../../mesh/error.ts';
import { benchOrderFromWire, benchOrderToWire } from '../../../mesh/wire-bench-order.ts';
import { benchEventFromWire, benchEventToWire } from '../../../mesh/wire-bench-record.ts';
import {
  type ServerProgram,
  type TimingWorkload,
  type TrainingStage,
  type TrainingWorkload,
  BenchEvent as WireEvent,
  BenchRequest as WireRequest,
} from '../../../proto/gen/mesh/v1/bench.ts';
import { event, order } from './arbitraries.ts';

/** Objects without a prototype, and buffers for arrays, are no difference. */
const plain = (value: unknown): unknown =>
  value instanceof Map
    ? [...value].map(plain)
    : value instanceof Uint8Array
      ? [...value]
      : Array.isArray(value)
        ? value.map(plain)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
          : value;

test('an order comes out of the wire as it went in', (t) => {
  fc.assert(
    fc.property(order, (sent) => {
      const bytes = WireRequest.encode(benchOrderToWire(sent)).finish();
      t.deepEqual(plain(benchOrderFromWire(WireRequest.decode(bytes))), plain(sent));
    }),
  );
  t.pass();
});

test('an event, and a record in it, comes out of the wire as it went in', (t) => {
  fc.assert(
    fc.property(event, (sent) => {
      const bytes = WireEvent.encode(benchEventToWire(sent)).finish();
      t.deepEqual(plain(benchEventFromWire(WireEvent.decode(bytes))), plain(sent));
    }),
  );
  t.pass();
});

const good = (): WireRequest =>
  benchOrderToWire({
    run: 'r',
    workload: { kind: 'command', argv: ['true'], env: {}, files: new Map() },
    limits: {},
    enforce: true,
    pageCache: 'as-is',
    deadlineMs: 1000,
    whenBusy: 'wait',
    besideStages: false,
  });

const blob = { sha256: Buffer.alloc(32), bytes: 1n };
const stage = (changes: Partial<TrainingStage>): TrainingStage => ({
  ...{ name: 's', goal: 'classify', output: 'y', epochs: 1, learningRate: 0.1, step: blob, forward: blob },
  input: { name: 'x', dtype: 1, dims: [4n, 8n] },
  schedule: { kind: 'fix', gamma: 0, steps: [], every: 0 },
  ...changes,
});
const training = (changes: Partial<TrainingWorkload>): WireRequest['workload'] => ({
  $case: 'training',
  value: {
    ...{ training: 't', stages: [stage({})], data: blob, start: blob, best: undefined, augment: false, seed: 0 },
    session: { intraOpThreads: 1, spinning: false, graphOptimization: 'all' },
    ...changes,
  },
});

const timing = (changes: Partial<TimingWorkload>): WireRequest['workload'] => ({
  $case: 'timing',
  value: {
    items: [{ model: blob, externalData: {}, inputs: [{ name: 'x', dtype: 1, dims: [1n] }], outputs: ['y'], feeds: undefined }],
    session: { intraOpThreads: 1, spinning: false, graphOptimization: 'all' },
    ...{ warmUpMs: 0, batches: 1, batchMs: 0, kernelRuns: 0, seed: 0, speedProbe: undefined },
    ...changes,
  },
});

const served = (changes: Partial<ServerProgram>): WireRequest['workload'] => ({
  $case: 'command',
  value: {
    ...{ argv: ['a'], env: {}, files: {} },
    server: { argv: ['s'], probe: { $case: 'tcpPort', value: 80 }, readyMsMax: 1n, ...changes },
  },
});

const wrong: readonly (readonly [what: string, change: (request: WireRequest) => void, message: RegExp])[] = [
  ['no workload', (request) => (request.workload = undefined), /no workload/],
  [
    'no program',
    (request) => (request.workload = { $case: 'command', value: { argv: [''], env: {}, files: {}, server: undefined } }),
    /needs a program/,
  ],
  [
    'a NUL in an argument',
    (request) => (request.workload = { $case: 'command', value: { argv: ['a\0b'], env: {}, files: {}, server: undefined } }),
    /without NUL/,
  ],
  [
    'a variable with =',
    (request) => (request.workload = { $case: 'command', value: { argv: ['a'], env: { 'A=B': '' }, files: {}, server: undefined } }),
    /no name of an environment variable/,
  ],
  ['a server without a program', (request) => (request.workload = served({ argv: [] })), /needs a program/],
  ['a server that nobody asks', (request) => (request.workload = served({ probe: undefined })), /needs a probe/],
  ['a server on no port', (request) => (request.workload = served({ probe: { $case: 'tcpPort', value: 0 } })), /tcp_port is 0/],
  ['a server with no time', (request) => (request.workload = served({ readyMsMax: 0n })), /ready_ms_max is 0/],
  ...['http://192.0.2.1/', 'https://127.0.0.1/', 'file:///etc/passwd', 'x'].map(
    (url) =>
      [
        `a probe of ${url}`,
        (request: WireRequest) => (request.workload = served({ probe: { $case: 'httpUrl', value: url } })),
        /no http URL of the device itself/,
      ] as const,
  ),
  ['a training of nothing', (request) => (request.workload = training({ stages: [] })), /training of 0 stages/],
  [
    'a training without end',
    (request) => (request.workload = training({ stages: [stage({ epochs: 10_001 })] })),
    /10001 epochs.*at most 10000/,
  ],
  ['a stage of no epoch', (request) => (request.workload = training({ stages: [stage({ epochs: 0 })] })), /no epoch/],
  [
    'a learning rate that is none',
    (request) => (request.workload = training({ stages: [stage({ learningRate: Number.NaN })] })),
    /learning_rate is NaN/,
  ],
  [
    'a batch of unknown size',
    (request) => (request.workload = training({ stages: [stage({ input: { name: 'x', dtype: 1, dims: [-1n, 8n] } })] })),
    /input of a stage is \[-1,8\]/,
  ],
  [
    'a schedule that does nothing',
    (request) => (request.workload = training({ stages: [stage({ schedule: { kind: 'stepLR', gamma: 0.5, steps: [], every: 0 } })] })),
    /every 0 epochs/,
  ],
  ['a training whose name is a path', (request) => (request.workload = training({ training: '../x' })), /training/],
  ['a timing of nothing', (request) => (request.workload = timing({ items: [] })), /timing of 0 items/],
  ['a timing without a batch', (request) => (request.workload = timing({ batches: 0 })), /batches is 0/],
  ['a batch that never ends', (request) => (request.workload = timing({ batchMs: Number.POSITIVE_INFINITY })), /batch_ms is Infinity/],
  [
    'a model that makes nothing',
    (request) => (request.workload = timing({ items: [{ model: blob, externalData: {}, inputs: [], outputs: [], feeds: undefined }] })),
    /at least one input and one output/,
  ],
  ['load on no core', (request) => (request.backgroundLoad = { cores: 0, duty: 1 }), /on 0 cores/],
  ['more load than time', (request) => (request.backgroundLoad = { cores: 1, duty: 1.1 }), /duty 1\.1/],
  ['no deadline', (request) => (request.deadlineMs = 0n), /deadline_ms/],
  ['a deadline that no timer keeps', (request) => (request.deadlineMs = 2n ** 31n), /deadline_ms is 2147483648.*24 days/],
  [
    'megabytes of words',
    (request) =>
      (request.workload = {
        $case: 'command',
        value: { argv: Array(20).fill('x'.repeat(100_000)), env: {}, files: {}, server: undefined },
      }),
    /together 1048576 bytes.*has 20 of 2000000/,
  ],
  ['an unknown state of the cache', (request) => (request.pageCache = 'hot'), /page_cache is "hot"/],
  ['what to do when busy', (request) => (request.whenBusy = ''), /when_busy/],
  ['no memory', (request) => (request.limits = { ...request.limits!, memoryLimitBytes: 0n }), /memory_limit_bytes is 0/],
  ['swap alone', (request) => (request.limits = { ...request.limits!, swapBytes: 1n }), /swap/],
  ['CPUs that are a path', (request) => (request.limits = { ...request.limits!, cpus: '../0' }), /no list of CPUs/],
  ['a quota that is no number', (request) => (request.limits = { ...request.limits!, cpuQuotaCores: Number.NaN }), /cpu_quota_cores/],
  [
    'limits that are not enforced',
    (request) => Object.assign(request, { unlimited: true, limits: { ...request.limits!, pids: 3 } }),
    /not to be enforced/,
  ],
];
for (const [what, change, message] of wrong) {
  test(`an order is refused: ${what}`, (t) => {
    const request = good();
    change(request);
    const error = t.throws(() => benchOrderFromWire(WireRequest.decode(WireRequest.encode(request).finish())), { instanceOf: MeshError })!;
    t.is(error.code, 'invalid');
    t.regex(error.message, message);
  });
}
