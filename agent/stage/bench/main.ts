/**
 * The process of an inference benchmark: opens one session, loads it as it was told, says what it measured, and exits. One thread computes and
 * measures, so that nothing lies between the load generator and the session; what it says goes out between two queries.
 */
import process from 'node:process';
import type { InferenceSession } from 'onnxruntime-node';
import { MeshError } from '../../../mesh/error.ts';
import type { LoadProgress } from '../../../mesh/loadgen/scenario.ts';
import { encodeLoadFigures } from '../../../mesh/wire-load.ts';
import { Channel } from '../channel.ts';
import { openSession } from '../session/open-session.ts';
import { refusalOf } from '../session/refusal.ts';
import { measure } from './measure.ts';
import type { BenchProcessOrder, BenchProcessReport } from './protocol.ts';
import { makeSamples } from './samples.ts';
import { waitUntil } from './wait-until.ts';

const PROGRESS_MS = 200;

const now = (): number => performance.now();
const channel = Channel.toAgent({
  message: (order) => void obey(order as BenchProcessOrder),
  // The agent is gone: nobody wants to know any more.
  closed: () => process.exit(1),
});
// Ctrl-C in a terminal reaches the whole process group; the agent decides when a run ends.
process.on('SIGINT', () => {});

async function obey(order: BenchProcessOrder): Promise<void> {
  const result = await benchmark(order).catch(
    (error: unknown): BenchProcessReport => ({ kind: 'failed', reason: MeshError.from(error).message }),
  );
  channel.send(result, () => process.exit(result.kind === 'failed' ? 1 : 0));
}

async function benchmark({
  modelPath,
  inputs,
  outputs,
  session: settings,
  load,
  findPeak,
  seed,
}: BenchProcessOrder): Promise<BenchProcessReport> {
  say({ kind: 'phase', name: 'load' });
  const startMs = now();
  let session: InferenceSession;
  try {
    session = await openSession(modelPath, settings);
  } catch (error) {
    return { kind: 'failed', reason: refusalOf(MeshError.from(error).message, modelPath).reason };
  }
  const sessionMs = now() - startMs;
  const samples = makeSamples(inputs, samplesOf(load.scenario), seed);
  let toldMs = 0;
  const onProgress = ({ queries, elapsedMs }: LoadProgress): void => {
    if (elapsedMs - toldMs < PROGRESS_MS && elapsedMs >= toldMs) return;
    toldMs = elapsedMs;
    say({ kind: 'progress', queries, elapsedMs });
  };
  const figures = await measure({
    settings: load,
    ...{ findPeak, seed, samples, sessionMs, now, onProgress },
    compute: (index) => session.run(samples.feeds[index]!, outputs as string[]),
    waitUntil: (ms) => waitUntil(ms, now),
    onPhase: (name) => say({ kind: 'phase', name }),
  });
  return { kind: 'figures', figures: encodeLoadFigures(figures) };
}

function samplesOf(scenario: BenchProcessOrder['load']['scenario']): number {
  if (scenario.kind === 'multi-stream') return scenario.samplesPerQuery;
  return scenario.kind === 'offline' ? scenario.samplesPerCall : 1;
}

function say(report: BenchProcessReport): void {
  channel.send(report);
}
