/**
 * The worker thread of a stage: owns the ONNX Runtime session and does nothing else, because a run stops its thread's event loop until it
 * is done. Frames wait in the thread's message queue, so the next one begins the moment the last has ended.
 */
import { dirname, join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { MeshError } from '../../../mesh/error.ts';
import type { SessionFacts } from '../../../mesh/session-facts.ts';
import { byteLength, type DType, dtypes, type TensorSpec } from '../../../mesh/tensor.ts';
import { optional } from '../../../mesh/wire-number.ts';
import { EndFlag } from '../end-flag.ts';
import { kernelsOfProfile, takeProfile } from './kernels.ts';
import { openSession } from './open-session.ts';
import { fromOrt, toOrt } from './ort-tensor.ts';
import type { SessionLoad, SessionOrder, SessionReport, SessionRun, ThreadTensor } from './protocol.ts';
import { refusalOf } from './refusal.ts';
import { SpeedLooks } from './speed-looks.ts';

const port = parentPort!;
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

let loaded: { session: InferenceSession; outputs: readonly string[]; looks: SpeedLooks | undefined } | undefined;
let turn: Promise<void> = Promise.resolve();

port.on('message', (order: SessionOrder) => {
  turn = turn
    .then(() => (order.kind === 'load' ? load(order) : run(order)))
    .catch((error: unknown) => {
      const said = MeshError.from(error).message;
      report({ kind: 'failed', ...(order.kind === 'load' ? refusalOf(said, order.modelPath) : { code: 'failed', reason: said }) });
    });
});

async function load(order: SessionLoad): Promise<void> {
  const startMs = nowMs();
  const profile = join(dirname(order.modelPath), 'profile');
  const session = await openSession(order.modelPath, order.session, order.warmupRuns > 0 ? { profile } : {});
  const loadMs = nowMs() - startMs;
  const warm = await warmUp(session, order, profile);
  // Before the other thread has anything to do.
  const looks = await SpeedLooks.open(order, { open: openSession, now: nowMs });
  loaded = { session, outputs: order.outputs, looks };
  report({ kind: 'loaded', loadMs, ...warm });
}

/** The profile ends with the warm-up: later runs are not slowed down by it. */
async function warmUp(session: InferenceSession, order: SessionLoad, profile: string): Promise<Omit<SessionFacts, 'loadMs'>> {
  const startMs = nowMs();
  let results: InferenceSession.ReturnType = {};
  for (let i = 0; i < order.warmupRuns; i++) results = await session.run(zeros(order.inputs), order.outputs as string[]);
  const warmupMs = nowMs() - startMs;
  if (order.warmupRuns === 0) return { warmupMs, outputs: [], kernels: [] };
  session.endProfiling();
  return {
    warmupMs,
    outputs: order.outputs.flatMap((name) => specOf(name, results[name]!)),
    kernels: await takeProfile(profile, kernelsOfProfile),
  };
}

/** Empty for what can't travel. */
function specOf(name: string, { type, dims }: OrtTensor): TensorSpec[] {
  return type in dtypes ? [{ name, dtype: type as DType, dims }] : [];
}

async function run({ inputs, ended }: SessionRun): Promise<void> {
  if (new EndFlag(ended).isSet) {
    report({ kind: 'dropped' });
    return;
  }
  const { session, outputs: names, looks } = loaded!;
  const feeds = Object.fromEntries(inputs.map((tensor) => [tensor.name, toOrt(tensor)]));
  const probeMs = looks?.ms;
  const startMs = nowMs();
  // Buffers for the outputs could be given along, but the native half would fill them and then return copies all the same.
  const results = await session.run(feeds, names as string[]);
  const endMs = nowMs();
  const produced = names.map((name): ThreadTensor => fromOrt(name, results[name]!));
  const spent = inputs.map(({ buffer }) => buffer);
  const transfer = [...produced.map(({ buffer }) => buffer), ...spent];
  port.postMessage(
    { kind: 'ran', outputs: produced, spent, startMs, endMs, ...optional('probeMs', probeMs) } satisfies SessionReport,
    transfer,
  );
  await looks?.look();
}

/** Zeros of the announced shapes; an unknown dimension counts as 1. */
function zeros(inputs: readonly TensorSpec[]): Record<string, OrtTensor> {
  return Object.fromEntries(
    inputs.map(({ name, dtype, dims }) => {
      const shape = dims.map((dim) => (dim < 0 ? 1 : dim));
      return [name, toOrt({ dtype, dims: shape, buffer: new ArrayBuffer(byteLength(dtype, shape)) })];
    }),
  );
}

function report(message: SessionReport): void {
  port.postMessage(message);
}
