/**
 * The runtime's flow control, as numbers: how many frames may be on their way, and how many a stage may hold of each route. What
 * controller/run does with a real mesh; a test holds the two together.
 *
 *     frames in flight = rate × latency of an empty pipeline (Little's law), half as many more, and one
 */
import { MeshError } from '../../../mesh/error.ts';
import { SINK, SOURCE } from '../../../mesh/frame.ts';
import { byteLength, type TensorSpec } from '../../../mesh/tensor.ts';
import type { Plan } from '../../../partition/plan.ts';

/** The first frames of a closed loop travel alone. */
export const PROBE_FRAMES = 2;
/** Commits whose spacing tells the present rate. */
export const RATE_FRAMES = 16;
/** What may be on its way to the sink at once, per route. */
export const SINK_WINDOW = { frames: 1024, bytes: 256 * 1024 * 1024 } as const;
/** Raw bytes per message of a stream. */
export const CHUNK_BYTES = 512 * 1024;

const HEADROOM = 1.5;
const FRAMES_PER_STAGE_MAX = 4;
const UNKNOWN_TENSOR_BYTES = 16 * 1024 * 1024;

export function autoWindow(stages: number, baseLatencyMs: number | undefined, rateFps: number | undefined): number {
  if (baseLatencyMs === undefined || rateFps === undefined) return 2 * stages + 1;
  const inFlight = Math.ceil((HEADROOM * rateFps * baseLatencyMs) / 1000) + 1;
  return Math.min(Math.max(inFlight, stages + 1), FRAMES_PER_STAGE_MAX * stages + 1);
}

/** Frames that a stage may hold of each route. `depths`: see {@link depthsOf}. */
export function stageWindow(plan: Plan, consumer: string, depths: ReadonlyMap<string, number>): number {
  const before = plan.routes.filter(({ to }) => to === consumer).map(({ from }) => depths.get(from)!);
  return 3 + (before.length === 0 ? 0 : Math.max(...before) - Math.min(...before));
}

/** Source, stages and sink → stages on the longest way to them, themselves included. */
export function depthsOf(plan: Plan): ReadonlyMap<string, number> {
  const depths = new Map<string, number>([[SOURCE, 0]]);
  const into = Map.groupBy(plan.routes, ({ to }) => to);
  const waiting = new Set(plan.stages.map(({ id }) => id));
  while (waiting.size > 0) {
    const ready = [...waiting].filter((id) => (into.get(id) ?? []).every(({ from }) => depths.has(from)));
    if (ready.length === 0)
      throw new MeshError('invalid', `stages ${[...waiting].join(', ')} wait for each other or for none of the plan's`);
    for (const id of ready) {
      depths.set(id, 1 + Math.max(0, ...(into.get(id) ?? []).map(({ from }) => depths.get(from)!)));
      waiting.delete(id);
    }
  }
  depths.set(SINK, Math.max(1, ...depths.values()));
  return depths;
}

export function tensorBytes({ dtype, dims }: TensorSpec): number {
  return dims.some((dim) => dim < 0) ? UNKNOWN_TENSOR_BYTES : byteLength(dtype, dims);
}
