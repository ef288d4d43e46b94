/**
 * How many frames the source may have on their way (`--window auto`): from the latency of an empty pipeline and the rate of what comes out.
 *
 *     acknowledgements ──▶ shortest latency of each way, rate of the last few ──▶ autoWindow
 *
 * The first frames of a closed loop travel alone, so that the latency of an empty pipeline is known.
 */
import type { FrameId } from '../../mesh/frame.ts';
import type { Flow } from '../../partition/flow/flow.ts';
import { autoWindow, RATE_FRAMES } from '../../partition/flow/window.ts';

export class Pace {
  #flow: Flow;
  readonly #closedLoop: boolean;
  /** Frames that are still to travel alone. */
  #probes: number;
  #recent: { readonly next: FrameId; readonly atMs: number }[] = [];
  /** Way → the shortest latency of its frames, milliseconds. */
  readonly #baseLatencyMs = new Map<number, number>();

  constructor(flow: Flow, closedLoop: boolean) {
    this.#flow = flow;
    this.#closedLoop = closedLoop;
    this.#probes = closedLoop ? flow.probeFrames : 0;
  }

  /** Frames flow otherwise from now on. What was learned holds as long as the pipeline is as deep. */
  set flow(flow: Flow) {
    if (flow.depth !== this.#flow.depth) {
      this.#baseLatencyMs.clear();
      this.#recent = [];
    }
    this.#flow = flow;
  }

  /** Frames are acknowledged, all below `next` are now. */
  acknowledged(frames: readonly { readonly id: FrameId; readonly startMs: number }[], next: FrameId, nowMs: number): void {
    const alone = this.#probes > 0;
    this.#probes = Math.max(0, this.#probes - frames.length);
    for (const { id, startMs } of frames) {
      const way = this.#flow.ways(id);
      this.#baseLatencyMs.set(way, Math.min(this.#baseLatencyMs.get(way) ?? Number.POSITIVE_INFINITY, nowMs - startMs));
    }
    // Frames that travel alone say nothing about the rate.
    if (!alone) this.#recent = [...this.#recent, { next, atMs: nowMs }].slice(-RATE_FRAMES);
  }

  get window(): number {
    if (this.#closedLoop && this.#probes > 0) return this.#flow.probesAtOnce;
    // Outputs leave in order: those of the slowest way hold up the others.
    const baseLatencyMs = this.#baseLatencyMs.size === 0 ? undefined : Math.max(...this.#baseLatencyMs.values());
    return autoWindow({ stages: this.#flow.depth, baseLatencyMs, rateFps: this.#rateFps });
  }

  get #rateFps(): number | undefined {
    const first = this.#recent[0];
    const last = this.#recent.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
    return (Number(last.next - first.next) * 1000) / (last.atMs - first.atMs);
  }
}
