/**
 * The runtime's flow control, as numbers: how many frames may be on their way, and how many a stage may hold of each route. What
 * controller/run does with a real mesh; a test holds the two together.
 *
 *     frames in flight = rate × latency of an empty pipeline (Little's law), half as many more, and one
 *     span             frames that pass while a stage gets one: 1, or more for a replica; depths add up spans
 *     ahead            frames a producer may have waiting at its routes at once: as many as bring each of its consumers one
 */
import { MeshError } from '../../../mesh/error.ts';
import { SOURCE } from '../../../mesh/frame.ts';
import { byteLength, type TensorSpec } from '../../../mesh/tensor.ts';
import { maskOf, periodOf, portionOf } from '../../../mesh/turns.ts';
import type { Plan } from '../../../partition/plan.ts';

/** So many frames of a closed loop travel alone to every stage. */
export const PROBE_FRAMES = 2;
/** Commits whose spacing tells the present rate. */
export const RATE_FRAMES = 16;
/** What may be on its way to the sink at once, per route. */
export const SINK_WINDOW = { frames: 1024, bytes: 256 * 1024 * 1024 } as const;
/** Raw bytes per message of a stream. */
export const CHUNK_BYTES = 512 * 1024;

const HEADROOM = 1.5;
const FRAMES_PER_STAGE_MAX = 4;
const SPAN_MAX = 16;
const PROBE_FRAMES_MAX = 16;
const UNKNOWN_TENSOR_BYTES = 16 * 1024 * 1024;

export interface FlowControl {
  /** Frames on their way when each stage of the longest way has one. */
  readonly depth: number;
  /** Frames that may wait at the source's routes at once. */
  readonly ahead: number;
  readonly probeFrames: number;
  readonly probesAtOnce: number;
  /** Number of the way of each frame of a period: frames of one way pass the same stages. */
  readonly ways: readonly number[];
  /** Frames that a stage may hold of each route. */
  readonly windowOf: ReadonlyMap<string, number>;
}

export function autoWindow(stages: number, baseLatencyMs: number | undefined, rateFps: number | undefined): number {
  if (baseLatencyMs === undefined || rateFps === undefined) return 2 * stages + 1;
  const inFlight = Math.ceil((HEADROOM * rateFps * baseLatencyMs) / 1000) + 1;
  return Math.min(Math.max(inFlight, stages + 1), FRAMES_PER_STAGE_MAX * stages + 1);
}

/** Error `invalid` for stages that wait for each other, and for turns that can't be combined. */
export function flowControlOf(plan: Plan): FlowControl {
  const period = periodOf(plan.routes.map(({ turns }) => turns));
  const masks = new Map(plan.stages.map(({ id }) => [id, framesAt(plan, id, period)]));
  const portions = new Map([...masks].map(([id, mask]) => [id, count(mask) / period]));
  const depths = depthsOf(plan, portions);
  const frames = [...masks.values()];
  return {
    depth: roundUp(Math.max(1, ...depths.values())),
    ahead: aheadFrom(plan, SOURCE, 1),
    probeFrames: probeFrames(frames, period),
    probesAtOnce: Math.min(...frames.map((mask) => Math.floor(period / count(mask)))),
    ways: waysOf(frames, period),
    windowOf: new Map(plan.stages.map(({ id }) => [id, stageWindow(plan, id, depths, portions.get(id)!)])),
  };
}

/** The frames of a period that a stage gets: 1 where it does. */
function framesAt(plan: Plan, stage: string, period: number): Uint8Array {
  const frames = new Uint8Array(period);
  for (const { to, turns } of plan.routes) {
    if (to === stage) for (const [frame, carried] of maskOf(turns, period).entries()) frames[frame]! |= carried;
  }
  return frames;
}

function stageWindow(plan: Plan, id: string, depths: ReadonlyMap<string, number>, portion: number): number {
  const before = plan.routes.filter(({ to }) => to === id).map(({ from }) => depths.get(from)!);
  const detour = roundUp((Math.max(...before) - Math.min(...before)) * portion);
  return 2 + detour + aheadFrom(plan, id, portion);
}

function aheadFrom(plan: Plan, producer: string, portion: number): number {
  const spans = plan.routes.filter(({ from }) => from === producer).map((route) => Math.min(SPAN_MAX, portion / portionOf(route.turns)));
  return roundUp(Math.max(1, ...spans));
}

/** Source and stages → the spans on the longest way to them together, their own included. */
function depthsOf(plan: Plan, portions: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const depths = new Map<string, number>([[SOURCE, 0]]);
  const into = Map.groupBy(plan.routes, ({ to }) => to);
  const waiting = new Set(plan.stages.map(({ id }) => id));
  while (waiting.size > 0) {
    const ready = [...waiting].filter((id) => (into.get(id) ?? []).every(({ from }) => depths.has(from)));
    if (ready.length === 0)
      throw new MeshError('invalid', `stages ${[...waiting].join(', ')} wait for each other or for none of the plan's`);
    for (const id of ready) {
      const span = Math.min(SPAN_MAX, 1 / portions.get(id)!);
      depths.set(id, span + Math.max(0, ...(into.get(id) ?? []).map(({ from }) => depths.get(from)!)));
      waiting.delete(id);
    }
  }
  return depths;
}

function waysOf(frames: readonly Uint8Array[], period: number): number[] {
  const ways = new Map<string, number>();
  return Array.from({ length: period }, (_, frame) => {
    const passed = frames.map((mask) => mask[frame]).join('');
    const way = ways.get(passed) ?? ways.size;
    ways.set(passed, way);
    return way;
  });
}

/** So many that each stage gets PROBE_FRAMES. */
function probeFrames(frames: readonly Uint8Array[], period: number): number {
  const got = frames.map(() => 0);
  let probes = 0;
  while (probes < PROBE_FRAMES_MAX && got.some((each) => each < PROBE_FRAMES)) {
    for (const [index, mask] of frames.entries()) got[index]! += mask[probes % period]!;
    probes += 1;
  }
  return probes;
}

export function tensorBytes({ dtype, dims }: TensorSpec): number {
  return dims.some((dim) => dim < 0) ? UNKNOWN_TENSOR_BYTES : byteLength(dtype, dims);
}

function count(mask: Uint8Array): number {
  return mask.reduce((sum, each) => sum + each, 0);
}

/** What is a whole number but for the rounding of fractions stays one. */
function roundUp(frames: number): number {
  return Math.max(0, Math.ceil(frames - 1e-9));
}
