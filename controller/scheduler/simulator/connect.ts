/**
 * The parts of a mesh and how they hang together: a processor per device, two threads per stage (one moves tensors, one computes), a lane per
 * route through the media of its link.
 */
import { CHUNK_BYTES, SINK, SOURCE } from '../../../mesh/frame.ts';
import type { Random } from '../../../mesh/random.ts';
import { stageWindowOf } from '../../../partition/flow/flow.ts';
import { bytesOf } from '../../../partition/flow/plan-shape.ts';
import { SINK_WINDOW } from '../../../partition/flow/window.ts';
import type { Route } from '../../../partition/plan.ts';
import { NoQuota } from './cpu-limit.ts';
import type { EventQueue } from './event-queue.ts';
import { KernelQuota } from './kernel-quota.ts';
import { Lane } from './lane.ts';
import { Medium, Network } from './network.ts';
import { Processor } from './processor.ts';
import { Quota } from './quota.ts';
import { drawOf } from './samples.ts';
import { CONTROLLER, type DeviceSpec, type Scenario } from './scenario.ts';
import { Thread } from './thread.ts';

const BUFFER_BYTES = 1024 * 1024;

export interface Connecting {
  readonly queue: EventQueue;
  /** A new stream of random numbers. */
  readonly random: () => Random;
}

export interface Mesh {
  readonly network: Network;
  readonly processors: ReadonlyMap<string, Processor>;
  readonly media: ReadonlyMap<string, Medium>;
  /** The main thread of each stage, of the source and of the sink. */
  readonly threads: ReadonlyMap<string, Thread>;
  readonly sessions: ReadonlyMap<string, Thread>;
  readonly lanes: readonly Lane[];
  /** Stage, `source` or `sink` → its device. */
  readonly deviceOf: ReadonlyMap<string, string>;
  into(consumer: string): readonly Lane[];
  outOf(producer: string): readonly Lane[];
}

export function connect(scenario: Scenario, connecting: Connecting): Mesh {
  const { queue } = connecting;
  const { plan, controller = CONTROLLER } = scenario;
  const network = new Network(queue);
  const media = new Map((scenario.media ?? []).map((spec) => [spec.name, new Medium(spec)]));
  const devices = scenario.devices.some(({ name }) => name === controller) ? scenario.devices : [...scenario.devices, { name: controller }];
  const processors = new Map(devices.map((device) => [device.name, processorOf(device, connecting)]));
  const deviceOf = new Map([...plan.stages.map(({ id, device }) => [id, device] as const), [SOURCE, controller], [SINK, controller]]);
  const ofController = new Thread(processors.get(controller)!, queue);
  const threads = new Map([
    [SOURCE, ofController],
    [SINK, ofController],
  ]);
  const sessions = new Map<string, Thread>();
  for (const { id, device } of plan.stages) {
    const processor = processors.get(device)!;
    threads.set(id, new Thread(processor, queue));
    sessions.set(id, new Thread(processor, queue, scenario.stages.find(({ stage }) => stage === id)!.cores));
  }
  const lanes = plan.routes.map((route) => laneOf(route, scenario, connecting, { network, media, threads, deviceOf }));
  const into = Map.groupBy(lanes, ({ options }) => options.to);
  const outOf = Map.groupBy(lanes, ({ options }) => options.from);
  return {
    ...{ network, processors, media, threads, sessions, lanes, deviceOf },
    into: (consumer) => into.get(consumer) ?? [],
    outOf: (producer) => outOf.get(producer) ?? [],
  };
}

function processorOf({ cores = 1, quota, usedCores = 0 }: DeviceSpec, { queue, random }: Connecting): Processor {
  const phase = random();
  if (quota === undefined) return new Processor(queue, cores - usedCores, new NoQuota());
  // What others use comes out of the quota: most of the time a core is free for both.
  const limit =
    quota.kind === 'kernel' ? new KernelQuota(quota, usedCores, [phase.next(), phase.next()]) : new Quota(quota, usedCores, phase.next());
  return new Processor(queue, cores, limit);
}

type Around = Pick<Mesh, 'network' | 'media' | 'threads' | 'deviceOf'>;

function laneOf(route: Route, scenario: Scenario, { queue, random }: Connecting, around: Around): Lane {
  const { from, to } = route;
  const cost = scenario.routes?.find((entry) => entry.from === from && entry.to === to);
  const [here, there] = [around.deviceOf.get(from)!, around.deviceOf.get(to)!];
  const link = (scenario.links ?? []).find((entry) => entry.from === here && entry.to === there);
  const back = (scenario.links ?? []).find((entry) => entry.from === there && entry.to === here);
  const tensors = tensorsOf(route, scenario);
  const rawBytes = cost?.rawBytes ?? tensors.reduce((sum, bytes) => sum + bytes, 0);
  const jitterMs = link?.jitterMs ?? 0;
  const jitter = random();
  const window = to === SINK ? SINK_WINDOW : windowOf(scenario, to);
  return new Lane(queue, around.network, {
    ...{ from, to, rawBytes },
    turns: route.turns,
    wireBytes: cost?.wireBytes ?? rawBytes,
    messages: tensors.reduce((sum, bytes) => sum + Math.max(1, Math.ceil(bytes / CHUNK_BYTES)), 0),
    windowFrames: window.frames,
    windowBytes: window.bytes,
    bufferBytes: link?.bufferBytes ?? BUFFER_BYTES,
    producer: around.threads.get(from)!,
    consumer: around.threads.get(to)!,
    sendMs: drawOf(cost?.sendMs ?? 0, random()),
    receiveMs: drawOf(cost?.receiveMs ?? 0, random()),
    latencyMs: link?.latencyMs ?? 0,
    backLatencyMs: back?.latencyMs ?? 0,
    jitterMs: jitterMs === 0 ? () => 0 : () => jitter.next() * jitterMs,
    media: (link?.media ?? []).map((name) => around.media.get(name)!),
  });
}

function tensorsOf({ from, to, tensors }: Route, { plan }: Scenario): number[] {
  const stage = plan.stages.find(({ id }) => id === to) ?? plan.stages.find(({ id }) => id === from)!;
  const specs = [...stage.inputs, ...stage.outputs];
  return tensors.map((name) => bytesOf([specs.find((spec) => spec.name === name)!]));
}

/** What the runtime orders a stage to hold: of each route so many frames, in bytes those of all its inputs. */
function windowOf({ plan }: Scenario, consumer: string): { frames: number; bytes: number } {
  const frames = stageWindowOf(plan, consumer);
  const { inputs } = plan.stages.find(({ id }) => id === consumer)!;
  return { frames, bytes: frames * bytesOf(inputs) };
}
