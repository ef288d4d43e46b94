/**
 * A run of a plan in virtual time: the parts of a mesh, connected as the plan says, and a queue of timers that moves them.
 *
 *     source ─▶ lane ─▶ stage ─▶ lane ─▶ … ─▶ sink            threads on processors, lanes through media
 *       ▲───────────── acknowledged after ackMs ───────┘
 *
 * Deterministic: the same scenario and seed give the same frames. No clock is read, nothing is awaited.
 */
import { SINK, SOURCE } from '../../../mesh/frame.ts';
import type { FrameMeasurement } from '../../../mesh/measurement.ts';
import { Random } from '../../../mesh/random.ts';
import { flowOf } from '../../../partition/flow/flow.ts';
import { connect } from './connect.ts';
import { Delay } from './delay.ts';
import { EventQueue } from './event-queue.ts';
import { befall } from './happen.ts';
import type { Loss } from './happenings.ts';
import { drawOf } from './samples.ts';
import { type Arrivals, checkScenario, type Scenario } from './scenario.ts';
import type { Simulated } from './simulated.ts';
import { Sink } from './sink.ts';
import { Source } from './source.ts';
import { Stage } from './stage.ts';

/** Error `invalid` when the scenario contradicts itself. */
export function simulate(scenario: Scenario): Simulated {
  checkScenario(scenario);
  const { plan, frames } = scenario;
  const queue = new EventQueue();
  const flow = flowOf(plan);
  // What a frame meets is drawn by streams of random numbers of their own: a change in one place leaves the others as they were.
  const seeds = new Random(scenario.seed);
  const random = (): Random => new Random(seeds.bits() >>> 0);
  const mesh = connect(scenario, { queue, random });

  const stages = new Map<string, Stage>();
  for (const { id } of plan.stages) {
    const { computeMs, handoverMs = 0 } = scenario.stages.find(({ stage }) => stage === id)!;
    const parts = {
      session: mesh.sessions.get(id)!,
      computeMs: drawOf(computeMs, random()),
      handoverMs: drawOf(handoverMs, random()),
      frames,
    };
    stages.set(id, new Stage(queue, parts, mesh.into(id), mesh.outOf(id)));
  }
  const source = new Source(
    queue,
    {
      frames,
      window: scenario.window,
      dueMs: dueTimes(scenario.arrivals, frames, random()),
      flow,
      thread: mesh.threads.get(SOURCE)!,
      prepareMs: drawOf(scenario.prepareMs ?? 0, random()),
    },
    mesh.outOf(SOURCE),
  );
  const acknowledge = new Delay(queue, (next) => source.acknowledge(next));
  const sink = new Sink(queue, mesh.into(SINK), frames, acknowledge, scenario.ackMs ?? 0);
  const losses = befall(scenario.happenings ?? [], queue, mesh);
  source.start();
  const first = losses[0];
  while (sink.arrivedFrames < frames && queue.step(first?.noticedMs)) {
    // One timer after the other.
  }
  const loss = sink.arrivedFrames < frames ? first?.loss : undefined;
  return report(scenario, { queue, mesh, stages, source, sink, loss });
}

/** Undefined: closed loop. */
function dueTimes(arrivals: Arrivals, frames: number, random: Random): Float64Array | undefined {
  if (arrivals.kind === 'closed') return undefined;
  const { kind, fps } = arrivals;
  const meanMs = 1000 / fps;
  let atMs = 0;
  return Float64Array.from({ length: frames }, (_, frame) => {
    if (kind === 'rate') return frame * meanMs;
    // Exponential distances (inversion); the first frame comes at once.
    if (frame > 0) atMs -= Math.log(1 - random.next()) * meanMs;
    return atMs;
  });
}

interface Finished {
  readonly queue: EventQueue;
  readonly mesh: ReturnType<typeof connect>;
  readonly stages: ReadonlyMap<string, Stage>;
  readonly source: Source;
  readonly sink: Sink;
  readonly loss: Loss | undefined;
}

function report({ plan }: Scenario, { queue, mesh, stages, source, sink, loss }: Finished): Simulated {
  const frames = measurementsOf(source, sink);
  const elapsedMs = frames.reduce((last, { startMs, latencyMs }) => Math.max(last, startMs + latencyMs), 0);
  const share = (ms: number): number => (elapsedMs > 0 ? Math.min(1, ms / elapsedMs) : 0);
  const mean = (sum: number, count: number): number => (count > 0 ? sum / count : 0);
  return {
    frames,
    sent: source.sent,
    lost: source.sent - frames.length,
    loss,
    elapsedMs,
    window: source.window,
    stages: plan.stages.map(({ id, device }) => {
      const stage = stages.get(id)!;
      return {
        id,
        device,
        frames: stage.frames,
        busyShare: share(stage.busyMs),
        computeMs: mean(stage.busyMs, stage.frames),
        queueMs: mean(stage.queueMs, stage.frames),
        queuedMax: stage.queuedMax,
      };
    }),
    routes: mesh.lanes.map((lane) => ({
      from: lane.options.from,
      to: lane.options.to,
      frames: lane.frames,
      wireBytes: lane.frames * lane.options.wireBytes,
      transferMs: lane.transferMs,
      creditWaitMs: mean(lane.creditWaitMs, lane.frames),
      outstandingMax: lane.outstandingMax,
    })),
    devices: [...mesh.processors].map(([name, processor]) => ({
      name,
      busyShare: share(processor.busyMs),
      throttledShare: share(processor.throttledMs),
      cpuMs: processor.cpuMs,
    })),
    media: [...mesh.media].map(([name, medium]) => ({ name, bytes: medium.bytes, busyShare: share(medium.busyMs) })),
    events: queue.events,
  };
}

function measurementsOf({ sent, startMs }: Source, { arrivalMs }: Sink): FrameMeasurement[] {
  const frames: FrameMeasurement[] = [];
  for (let frame = 0; frame < sent; frame += 1) {
    const latencyMs = arrivalMs[frame]! - startMs[frame]!;
    if (!Number.isNaN(latencyMs)) frames.push({ frame: BigInt(frame), startMs: startMs[frame]! - startMs[0]!, latencyMs });
  }
  return frames;
}
