/** An inference benchmark: opens one session and loads it as it was told. */
import type { InferenceSession } from 'onnxruntime-node';
import type { LoadProgress } from '../../../mesh/loadgen/scenario.ts';
import type { SessionSettings } from '../../../mesh/session-settings.ts';
import { encodeLoadFigures } from '../../../mesh/wire-load.ts';
import { makeSamples } from '../session/samples.ts';
import { measure } from './measure.ts';
import type { BenchProcessReport, InferenceProcessOrder } from './protocol.ts';
import { waitUntil } from './wait-until.ts';

export interface InferTools {
  readonly say: (report: BenchProcessReport) => void;
  readonly open: (path: string, settings: SessionSettings) => Promise<InferenceSession>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

const PROGRESS_MS = 200;

/** Errors: those of `open`, and the runtime's own. */
export async function infer(
  { modelPath, inputs, outputs, session: settings, load, findPeak, seed }: InferenceProcessOrder,
  { say, open, now }: InferTools,
): Promise<void> {
  say({ kind: 'phase', name: 'load' });
  const startMs = now();
  const session = await open(modelPath, settings);
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
  say({ kind: 'figures', figures: encodeLoadFigures(figures) });
}

function samplesOf(scenario: InferenceProcessOrder['load']['scenario']): number {
  if (scenario.kind === 'multi-stream') return scenario.samplesPerQuery;
  return scenario.kind === 'offline' ? scenario.samplesPerCall : 1;
}
