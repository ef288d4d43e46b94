/**
 * How many frames may be on their way at once (`--window auto`).
 *
 *     frames in flight = rate × latency (Little's law), with the latency of an empty pipeline
 *
 * Fewer leave a stage idle, more only wait in line. Both are measured: the first frames travel alone, and the best of them says how long
 * an empty pipeline takes; the rate is that of the frames that came out last. One and a half times their product lets the rate grow until
 * the slowest stage is busy, and one frame on top covers its jitter. Until there is a rate: two frames per stage (one computing, one
 * arriving) and one at the sink. Stages are counted as depthOfPlan does: replicas that take turns hold a frame each.
 */

/** The first one also wakes caches and connections up; the second is what the pipeline really takes. */
export const PROBE_FRAMES = 2;

/** Commits whose spacing tells the present rate. */
export const RATE_FRAMES = 16;
/** What may be on its way to the sink at once, per route. */
export const SINK_WINDOW = { frames: 1024, bytes: 256 * 1024 * 1024 } as const;

const HEADROOM = 1.5;
/** Never less than a frame in every stage and one between them, never more than this many per stage. */
const FRAMES_PER_STAGE_MAX = 4;

export interface WindowFacts {
  /** Frames on their way when each stage has one: the stages on the longest way, without replicas. */
  readonly stages: number;
  /** Latency of a frame that had the pipeline for itself, milliseconds; undefined before one came out. */
  readonly baseLatencyMs: number | undefined;
  /** Recent commits per second; undefined before there are two. */
  readonly rateFps: number | undefined;
}

export function autoWindow({ stages, baseLatencyMs, rateFps }: WindowFacts): number {
  if (baseLatencyMs === undefined || rateFps === undefined) return 2 * stages + 1;
  const inFlight = Math.ceil((HEADROOM * rateFps * baseLatencyMs) / 1000) + 1;
  return Math.min(Math.max(inFlight, stages + 1), FRAMES_PER_STAGE_MAX * stages + 1);
}

/**
 * Frames a stage may hold of each route: one arriving, one computing, one leaving, and more for frames of a shorter way that wait for those
 * of a longer (`detour`), and for frames that wait for one of its consumers while others can take the next (`ahead`: frames leaving at once).
 */
export function stageWindow(detour: number, ahead = 1): number {
  return 2 + detour + ahead;
}
