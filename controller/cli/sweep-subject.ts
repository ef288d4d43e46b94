/**
 * What a sweep measures, ready for its rows.
 *
 *     infer    a model's own file, or the best model of a training
 *     train    one training, begun anew in each row; of all rows the best model is kept
 */
import { existsSync } from 'node:fs';
import type { Workload } from '../../mesh/bench/order.ts';
import type { BenchRecord } from '../../mesh/bench/record.ts';
import { MeshError } from '../../mesh/error.ts';
import { type Blob, hexOf } from '../../mesh/files/blob.ts';
import { inferWorkload } from '../bench/infer-workload.ts';
import type { InferSweep, Sweep, SweepRow, TrainSweep } from '../bench/sweep.ts';
import type { BenchClient } from '../deploy/bench-client.ts';
import type { Subject } from '../profiler/sample.ts';
import { collectCheckpoints, forgetCheckpoints } from '../training/collect-checkpoints.ts';
import { prepareTraining } from '../training/prepare-training.ts';
import { TrainingFolder } from '../training/training-folder.ts';
import type { Io } from './command.ts';
import { watched } from './live-view.ts';
import { loadModel } from './load-model.ts';
import { asked } from './usage.ts';

export interface SweepSubject {
  /** For a person. */
  readonly name: string;
  readonly paths: ReadonlyMap<Blob, string>;
  /** See PreparedWorkload. */
  readonly subject?: Subject | undefined;
  /** See SweepWorkload. */
  readonly sha256: string;
  workloadOf(row: SweepRow): Workload;
  /** Around the run of a row. */
  measured(client: BenchClient, run: string, row: SweepRow, measure: () => Promise<BenchRecord>): Promise<BenchRecord>;
}

/** What an interrupted row left on its device may take so long to be cleared away. */
const CLEAR_MS = 20_000;

/** `rows`: with what was measured before. `data`: the folder of runs. Error `usage` for what can't be measured. */
export async function sweepSubject({ sweep, spec }: Sweep, rows: readonly SweepRow[], data: string, io: Io): Promise<SweepSubject> {
  const { workload } = spec;
  const subject = workload.mode === 'infer' ? await inferred(workload, data, io) : await trained(sweep, workload, rows, data, io);
  if (workload.sha256 !== '' && workload.sha256 !== subject.sha256)
    throw new MeshError('conflict', `${workload.model} is not what the sweep began with`, { hint: 'begin a new sweep' });
  return subject;
}

async function inferred({ model, trained: training, load, threads, seed }: InferSweep, data: string, io: Io): Promise<SweepSubject> {
  const path = training === undefined ? model : TrainingFolder.of(data, training).file('best.onnx');
  if (training !== undefined && !existsSync(path))
    throw new MeshError('not-found', `no run of sweep ${training} trained ${model} to the end of an epoch`, {
      hint: 'give it more memory or CPU',
    });
  const resolved = await watched(io, (watch) => asked(() => loadModel(path, io, watch)));
  const session = { intraOpThreads: threads, spinning: false, graphOptimization: 'all' } as const;
  const prepared = await inferWorkload(resolved, { session, load, findPeak: false, seed }, io.signal);
  return {
    name: training === undefined ? resolved.name : model,
    paths: prepared.paths,
    subject: prepared.subject,
    sha256: hexOf(prepared.workload.model.sha256),
    workloadOf: () => prepared.workload,
    measured: (_client, _run, _row, measure) => measure(),
  };
}

async function trained(
  sweep: string,
  { training: spec }: TrainSweep,
  rows: readonly SweepRow[],
  data: string,
  io: Io,
): Promise<SweepSubject> {
  const folder = TrainingFolder.of(data, sweep);
  const prepared = await asked(() => prepareTraining(spec, folder, undefined, io.signal));
  let best = Math.max(Number.NEGATIVE_INFINITY, ...rows.map(({ record }) => bestOf(record)));
  return {
    name: `${spec.model} (training)`,
    paths: prepared.paths,
    sha256: prepared.progress.fingerprint,
    workloadOf: ({ row }) => ({ ...prepared.workload, training: `${sweep}-${row}` }),
    measured: async (client, run, { row }, measure) => {
      const training = `${sweep}-${row}`;
      let reached = Number.NEGATIVE_INFINITY;
      try {
        const record = await measure();
        reached = bestOf(record);
        return record;
      } finally {
        // The person may have stopped it; the device is cleared all the same.
        const signal = AbortSignal.timeout(CLEAR_MS);
        if (reached > best) await collectCheckpoints(client, { run, training, folder, signal });
        else await forgetCheckpoints(client, { run, training, signal });
        best = Math.max(best, reached);
      }
    },
  };
}

/** The more the better. */
function bestOf(record: BenchRecord | undefined): number {
  const { epochs, bestEpoch } = record?.training ?? { epochs: [], bestEpoch: undefined };
  if (bestEpoch === undefined) return Number.NEGATIVE_INFINITY;
  const { accuracy, loss } = epochs[bestEpoch]!.validation;
  return accuracy ?? -loss;
}
