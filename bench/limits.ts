/**
 * Whether limits of benchmark runs are in force, and what measuring costs the program that is measured.
 *
 *     quota        a program that only computes, under shares of a core: CPU time ÷ wall time ÷ share
 *     memory       a program that takes ever more: what it had when it was killed ÷ its limit
 *     runner       a second of computing, by the program's own clock: under an agent ÷ started directly, interleaved
 *     generator    a session that computes next to nothing: time per query under each scenario − time per call in a plain loop
 *
 *     node bench/limits.ts [--rounds 9] [--json]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { BenchClient } from '../controller/deploy/bench-client.ts';
import { LoneAgent } from '../controller/deploy/lone-agent.ts';
import type { BenchLimits } from '../mesh/bench/order.ts';
import type { BenchRecord } from '../mesh/bench/record.ts';
import { runLoad } from '../mesh/loadgen/run-load.ts';
import type { LoadSettings, Scenario } from '../mesh/loadgen/scenario.ts';
import { Random } from '../mesh/random.ts';
import { ModelProto } from '../proto/gen/onnx/onnx.ts';
import { print, type Row } from './support/report.ts';
import { median } from './support/statistics.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' }, json: { type: 'boolean', default: false } } });
const rounds = Number(values.rounds);

/** Two threads: one alone can't use up a whole core of a machine that does other things as well. */
const LOOP = 'const end = Date.now() + 3000; while (Date.now() < end);';
const BUSY = `new (require('node:worker_threads').Worker)('${LOOP}', { eval: true }); ${LOOP}`;
/** Buffers that are filled: 1 MiB at a time, until it is killed. */
const GREEDY = 'const all = []; for (;;) all.push(Buffer.alloc(2 ** 20, all.length));';
/** The same amount of computing each time, about a second; says what it took by its own clock. */
const SECOND = `const start = process.hrtime.bigint(); let x = 1;
for (let i = 0; i < 1.4e8; i += 1) x = (Math.imul(x, 1664525) + 1013904223) | 0;
const ms = Number(process.hrtime.bigint() - start) / 1e6;
console.log(JSON.stringify({ metric: 'work', value: ms, unit: 'ms', labels: { x: String(x) } }));`;

const signal = new AbortController().signal;
await using agent = await LoneAgent.start({ name: 'bench', flags: ['--allow-commands'], env: process.env, signal });
using client = new BenchClient(agent.name, agent.address);
let runs = 0;

function run(script: string, limits: BenchLimits, enforce = true): Promise<BenchRecord> {
  runs += 1;
  const argv = [process.execPath, '-e', script];
  const workload = { kind: 'command', argv, env: {}, files: new Map() } as const;
  const order = {
    run: `limits-${runs}`,
    workload,
    limits,
    enforce,
    pageCache: 'as-is',
    deadlineMs: 60_000,
    whenBusy: 'wait',
    besideStages: false,
  } as const;
  return client.run(order, () => {}, signal);
}

function workOf({ metrics }: Pick<BenchRecord, 'metrics'>): number {
  return metrics.find(({ name }) => name === 'work')!.value;
}

/** By the program's own clock, and from its start to its end. */
async function directly(script: string): Promise<{ readonly workMs: number; readonly wallMs: number }> {
  const startMs = performance.now();
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(child, 'exit');
  const wallMs = performance.now() - startMs;
  if (child.stdout.readable) await once(child.stdout, 'close');
  return { workMs: (JSON.parse(said) as { readonly value: number }).value, wallMs };
}

async function quotas(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const cpuQuotaCores of [0.1, 0.25, 0.5, 0.75, 1]) {
    const shares: number[] = [];
    for (let round = 0; round < Math.min(3, rounds); round += 1) {
      const { use } = await run(BUSY, { cpuQuotaCores });
      shares.push(Math.abs(use.cpuMs! / use.wallMs! / cpuQuotaCores - 1) * 100);
    }
    rows.push({
      what: `CPU time differs from a quota of ${cpuQuotaCores} cores by`,
      value: median(shares),
      unit: '%',
      rounds: shares,
      bar: { atMost: 5 },
    });
  }
  return rows;
}

async function memory(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const mebibytes of [64, 128, 256]) {
    const { outcome, use } = await run(GREEDY, { memoryLimitBytes: mebibytes * 2 ** 20 });
    if (outcome.kind !== 'out-of-memory') throw new Error(`a program that takes all memory ended ${outcome.kind} at ${mebibytes} MiB`);
    rows.push({
      what: `peak ÷ limit of ${mebibytes} MiB, then killed`,
      value: use.peakMemoryBytes! / 2 ** 20 / mebibytes,
      unit: '×',
      rounds: [],
      bar: { atMost: 1 },
    });
  }
  return rows;
}

async function runner(): Promise<Row[]> {
  const work: number[] = [];
  const wall: number[] = [];
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const plain = await directly(SECOND);
    const record = await run(SECOND, { memoryLimitBytes: 2 ** 30, cpuQuotaCores: 2 });
    seconds.push(plain.workMs);
    work.push(workOf(record) / plain.workMs);
    wall.push(record.use.wallMs! / plain.wallMs);
  }
  return [
    { what: 'computing, started directly', value: median(seconds), unit: 'ms', rounds: seconds },
    { what: 'computing under the runner ÷ started directly', value: median(work), unit: '×', rounds: work, bar: { atMost: 1.01 } },
    { what: 'start to end under the runner ÷ started directly', value: median(wall), unit: '×', rounds: wall, bar: { atMost: 1.01 } },
  ];
}

const scenarios: readonly (Scenario & { readonly title: string })[] = [
  { title: 'single-stream', kind: 'single-stream' },
  { title: 'server', kind: 'server', queriesPerS: 1e6, boundMs: 1e6 },
  { title: 'offline', kind: 'offline', samplesPerCall: 1 },
];

async function generator(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'splitmesh-bench-'));
  try {
    writeFileSync(join(folder, 'next-to-nothing.onnx'), nextToNothing());
    const session = await InferenceSession.create(join(folder, 'next-to-nothing.onnx'), {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    });
    const feeds = { x: new Tensor('float32', Float32Array.of(1), [1]) };
    const compute = async (): Promise<void> => void (await session.run(feeds, ['y']));
    const more = new Map(scenarios.map(({ title }) => [title, [] as number[]]));
    const plain: number[] = [];
    const queries = 20_000;
    for (let i = 0; i < queries; i += 1) await compute();
    for (let round = 0; round < rounds; round += 1) {
      const startMs = performance.now();
      for (let i = 0; i < queries; i += 1) await compute();
      const callUs = ((performance.now() - startMs) * 1000) / queries;
      plain.push(callUs);
      for (const { title, ...scenario } of scenarios) {
        const settings: LoadSettings = { scenario, percentile: 0.99, durationMsMin: 0, queriesMin: queries, durationMsMax: 60_000 };
        const tools = { now: () => performance.now(), waitUntil: () => {}, random: new Random(1), progress: () => {} };
        const { samples, durationMs } = await runLoad(settings, compute, tools);
        more.get(title)!.push((durationMs * 1000) / samples - callUs);
      }
    }
    return [
      { what: 'a call of the session in a plain loop', value: median(plain), unit: 'µs', rounds: plain },
      ...[...more].map(([title, each]) => ({
        what: `${title}: time per query above it`,
        value: median(each),
        unit: 'µs',
        rounds: each,
        bar: { atMost: 20 },
      })),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** y = x + x, of one number. */
function nextToNothing(): Uint8Array {
  const type = {
    value: { $case: 'tensorType' as const, value: { elemType: 1, shape: { dim: [{ value: { $case: 'dimValue' as const, value: 1n } }] } } },
  };
  const model = ModelProto.fromPartial({
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 17n }],
    graph: {
      name: 'next-to-nothing',
      node: [{ opType: 'Add', input: ['x', 'x'], output: ['y'] }],
      input: [{ name: 'x', type }],
      output: [{ name: 'y', type }],
    },
  });
  return ModelProto.encode(model).finish();
}

print(
  {
    benchmark: 'limits of benchmark runs, and what measuring costs',
    method: `medians; runner: ${rounds} interleaved rounds, the program's own clock and that of whoever starts it; generator: ${rounds} rounds of 20000 queries`,
    rows: [...(await quotas()), ...(await memory()), ...(await runner()), ...(await generator())],
  },
  values.json,
);
