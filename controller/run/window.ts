/**
 * How many frames may be on their way at once (`--window auto`).
 *
 *     frames in flight = rate × latency (Little's law), with the latency of an empty pipeline
 *
 * Fewer leave a stage idle, more only wait in line. Both are measured: the latency of the first frame, which met nobody on its way, and
 * the rate of the frames that came out last. One and a half times their product lets the rate grow until the slowest stage is busy, and
 * one frame on top covers its jitter. Until something is measured: two frames per stage (one computing, one arriving) and one at the sink.
 */
const HEADROOM = 1.5;
/** Never less than a frame in every stage, never more than this many per stage. */
const FRAMES_PER_STAGE_MAX = 4;

export interface WindowFacts {
  readonly stages: number;
  /** Latency of a frame that had the pipeline for itself, milliseconds; undefined before the first frame came out. */
  readonly baseLatencyMs: number | undefined;
  /** Recent commits per second; undefined before there are two. */
  readonly rateFps: number | undefined;
}

export function autoWindow({ stages, baseLatencyMs, rateFps }: WindowFacts): number {
  const initial = 2 * stages + 1;
  if (baseLatencyMs === undefined || rateFps === undefined) return initial;
  const inFlight = Math.ceil((HEADROOM * rateFps * baseLatencyMs) / 1000) + 1;
  return Math.min(Math.max(inFlight, stages + 1), FRAMES_PER_STAGE_MAX * stages + 1);
}

/**
 * Frames a stage may hold of each route: one arriving, one computing, one leaving, and one more for each stage that a longer way to it
 * passes, because frames of the shorter way wait for those of the longer.
 */
export function stageWindow(detour: number): number {
  return 3 + detour;
}
