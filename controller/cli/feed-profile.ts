/** Runs and benchmarks leave what they measured for predictions, without being asked. What can't be left fails nobody. */
import type { BenchRecord } from '../../mesh/bench/record.ts';
import type { Device } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import { hexOf } from '../../mesh/files/blob.ts';
import type { Plan } from '../../partition/plan.ts';
import type { LoadedStage, StageModel } from '../deploy/stage-order.ts';
import { benchSamples } from '../profile/bench-samples.ts';
import type { Activations } from '../profile/fused-activation.ts';
import { runSamples } from '../profile/run-samples.ts';
import type { Subject } from '../profiler/sample.ts';
import type { MeasureSummary } from '../run/measure-summary.ts';
import type { BenchStore } from '../store/bench-store.ts';
import type { RunTools } from './planned-run.ts';

export interface FedRun {
  /** The last. */
  readonly plan: Plan;
  readonly loaded: ReadonlyMap<string, LoadedStage>;
  readonly measured: Pick<MeasureSummary, 'stage' | 'link'>;
}

/** A device that is asked what it is: its run has ended, and nobody waits long for it. */
const ASK_MS = 1_000;

/** Never rejects. `planned`: as the run began. */
export async function feedProfile(
  { plan, loaded, measured }: FedRun,
  planned: { readonly run: string; readonly model: string; readonly plan: Plan; readonly models: ReadonlyMap<string, StageModel> },
  activations: Activations,
  { mesh, recorder, wallClock }: Pick<RunTools, 'mesh' | 'recorder' | 'wallClock'>,
): Promise<void> {
  const names = [...new Set(plan.stages.map(({ device }) => device))];
  const devices = new Map<string, Device>();
  const ask = async (name: string): Promise<void> => {
    const description = await mesh.agents.get(name)?.describe(AbortSignal.timeout(ASK_MS));
    if (description !== undefined) devices.set(name, description.device);
  };
  await Promise.allSettled(names.map(ask));
  const layers = new Map(planned.plan.stages.map((stage) => [stage.id, stage.layers]));
  recorder.addSamples(
    runSamples({
      ...{ run: planned.run, model: planned.model, plan, activations, atMs: wallClock() },
      // Of a plan that took its place the files are not known.
      sha256Of: ({ id, layers: now }) => {
        const model = layers.get(id) === now ? planned.models.get(id)?.model : undefined;
        return model === undefined ? undefined : hexOf(model.sha256);
      },
      timesOf: ({ id, device }) => measured.stage(id, device),
      linkOf: (from, to) => measured.link(from, to),
      loadedOf: ({ id }) => loaded.get(id),
      deviceOf: (name) => devices.get(name),
      sharing: mesh.local === undefined ? 1 : mesh.agents.size,
    }),
  );
}

/** Never rejects. */
export async function feedBench(store: BenchStore, subject: Subject, record: BenchRecord, say: (message: string) => void): Promise<void> {
  try {
    await store.addSamples(benchSamples(subject, record));
  } catch (error) {
    say(`warning: what was measured is not kept for predictions: ${MeshError.from(error).message}`);
  }
}
