/**
 * From frames that travelled one at a time to what everything costs. Measured is CPU time, as the scheduler counts it per thread: what a quota
 * makes of it, and what happens when stages work at the same time, is for the simulator to say.
 *
 *     CPU time of a thread between two looks ÷ frames in between        session → compute, all other threads → moving tensors
 *     latency of a frame alone − the same simulated                     waking threads up, which costs time and no CPU
 */
import type { RunReport } from '../../controller/report/run-report.ts';
import { KernelQuota, type KernelQuotaSpec } from '../../controller/scheduler/simulator/kernel-quota.ts';
import type { DeviceSpec, LinkSpec, RouteCost, Scenario } from '../../controller/scheduler/simulator/scenario.ts';
import { CONTROLLER } from '../../controller/scheduler/simulator/scenario.ts';
import { simulate } from '../../controller/scheduler/simulator/simulate.ts';
import { SINK, SOURCE } from '../../mesh/frame.ts';
import { Random } from '../../mesh/random.ts';
import { randomTensor } from '../../mesh/random-tensor.ts';
import { byteLength } from '../../mesh/tensor.ts';
import { flowOf } from '../../partition/flow/flow.ts';
import type { Plan, Route } from '../../partition/plan.ts';
import type { CpuTimes } from '../helpers/cpu-time.ts';
import { type Observed, STEADY_SHARE } from './emulation.ts';
import { median } from './median.ts';
import { type Topology, windowOf } from './topologies.ts';

/** A message costs as much CPU as so many bytes. */
const MESSAGE_BYTES = 64 * 1024;
/** What is on the wire for 1448 bytes of a TCP segment: Ethernet, IP and TCP headers with timestamps. */
const WIRE_SHARE = 1514 / 1448;
/** As network.ts shapes cables. */
const burstOf = (bitsPerS: number): number => Math.max(16 * 1024, Math.ceil(bitsPerS / 8 / 100));

/** The end of a run, in which stages are retired, is left out. */
const END_MS = 300;
/** How many times as many are simulated as were measured, so that quantiles of the one are smooth. */
const SIMULATED_PER_MEASURED = 11;

export interface StageCosts {
  readonly sessionMs: number;
  readonly mainMs: number;
  /** What the session took for each frame by the clock. */
  readonly tookMs: readonly number[];
}

export interface Costs {
  /** Per frame: CPU milliseconds of the session, and of everything else in the stage. */
  readonly stages: ReadonlyMap<string, StageCosts>;
  /** Cores that the agent uses. */
  readonly agents: ReadonlyMap<string, number>;
  /** Of the controller's main thread, without what making a frame takes. */
  readonly controllerMs: number;
  /** To make a frame; not on any frame's way. */
  readonly prepareMs: number;
  /** Of frames that travelled alone. */
  readonly latencyMs: readonly number[];
  /** Between a frame's arrival and the start of the next. */
  readonly betweenMs: number;
}

export function costsOf({ report, cpu, computeMs, latencyMs, periodMs }: Observed, plan: Plan): Costs {
  const perFrame = (name: string, what: (times: CpuTimes) => number): number => used(cpu.get(name), report, what) * periodMs;
  const prepareMs = timeToPrepare(plan);
  return {
    stages: new Map(
      plan.stages.map(({ id }) => {
        const sessionMs = perFrame(id, (times) => times.busiestMs);
        return [id, { sessionMs, mainMs: perFrame(id, (times) => times.allMs) - sessionMs, tookMs: computeMs.get(id)! }];
      }),
    ),
    agents: new Map(plan.stages.map(({ device }) => [device, used(cpu.get(device), report, (times) => times.allMs)])),
    controllerMs: Math.max(0, perFrame(CONTROLLER, (times) => times.mainMs) - prepareMs),
    prepareMs,
    latencyMs,
    betweenMs: Math.max(0, periodMs - mean(latencyMs)),
  };
}

/** CPU time for the random numbers of a frame, as the controller makes them, milliseconds. */
function timeToPrepare(plan: Plan): number {
  const readers = plan.routes.filter(({ from }) => from === SOURCE);
  const names = new Set(readers.flatMap(({ tensors }) => tensors));
  const specs = plan.stages.flatMap(({ inputs }) => inputs).filter(({ name }) => names.delete(name));
  const times = Array.from({ length: 40 }, (_, frame) => {
    const before = process.cpuUsage();
    for (const [index, spec] of specs.entries()) randomTensor(spec, 1, BigInt(frame), index);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return median(times.slice(20));
}

/** Cores, while frames were flowing. */
function used(times: readonly CpuTimes[] | undefined, { elapsedMs }: RunReport, what: (times: CpuTimes) => number): number {
  const last = times?.at(-1);
  if (times === undefined || last === undefined) throw new Error('nothing was seen of a process that was looked at');
  const endMs = last.atMs - END_MS;
  const steady = times.filter(({ atMs }) => atMs <= endMs && atMs >= endMs - STEADY_SHARE * elapsedMs);
  const [first, end] = [steady[0], steady.at(-1)];
  if (first === undefined || end === undefined || first === end) throw new Error(`a run of ${elapsedMs} ms is too short to be looked at`);
  return (what(end) - what(first)) / (end.atMs - first.atMs);
}

/** What the simulator is told. Variation and handover are found by simulating frames that travel alone. */
export function scenarioOf(topology: Topology, plan: Plan, costs: Costs): Scenario {
  const varied = withVariation(withoutHandover(topology, plan, costs), topology, plan, costs);
  return withHandover(varied, flowOf(plan).depth, costs);
}

/**
 * What a frame alone takes longer than simulated, quantile by quantile: threads that wake up late. It comes to one of the stages that a frame
 * passes one after the other, at random.
 */
function withHandover(scenario: Scenario, depth: number, { latencyMs, betweenMs }: Costs): Scenario {
  const measured = latencyMs.toSorted((a, b) => a - b);
  const { frames } = simulate({ ...scenario, frames: SIMULATED_PER_MEASURED * measured.length, window: 1, ackMs: betweenMs });
  const simulated = quantiles(frames.map((frame) => frame.latencyMs));
  const late = measured.map((ms, index) => Math.max(0, ms - simulated[index]!));
  const handoverMs = { samples: [...late, ...new Array<number>((depth - 1) * late.length).fill(0)] };
  return { ...scenario, stages: scenario.stages.map((stage) => ({ ...stage, handoverMs })) };
}

/** One of so many, each in the middle of its neighbours, ascending. */
function quantiles(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return Array.from(
    { length: sorted.length / SIMULATED_PER_MEASURED },
    (_, index) => sorted[Math.floor((index + 0.5) * SIMULATED_PER_MEASURED)]!,
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The same frame does not always take the same time: caches, other work on the machine. The quota alone explains part of what varies; the rest,
 * quantile by quantile, comes to the CPU time, whose mean is what was counted.
 */
function withVariation(scenario: Scenario, topology: Topology, plan: Plan, costs: Costs): Scenario {
  const stages = scenario.stages.map((cost) => {
    const { sessionMs, tookMs } = costs.stages.get(cost.stage)!;
    const quota = topology.quotas[plan.stages.find(({ id }) => id === cost.stage)!.device]!;
    const took = tookMs.filter((ms) => !Number.isNaN(ms)).sort((a, b) => a - b);
    const explained = quotaAlone(sessionMs, quota, took.length);
    const raw = took.map((ms, index) => sessionMs + (ms - explained[index]!) * quota);
    const shiftMs = sessionMs - mean(raw);
    return { ...cost, computeMs: { samples: raw.map((ms) => Math.max(sessionMs / 2, ms + shiftMs)) } };
  });
  return { ...scenario, stages };
}

/** What work of `workMs` takes by the clock under a quota after a pause, wherever in the period it begins: ascending, `count` of them. */
function quotaAlone(workMs: number, cores: number, count: number): number[] {
  const random = new Random(1);
  const found = Array.from({ length: count * SIMULATED_PER_MEASURED }, () => {
    const limit = new KernelQuota({ kind: 'kernel', cores }, 0, [random.next(), random.next()]);
    const share = { workMs, rate: 1, localMs: 1, throttled: false };
    limit.wake(share);
    return limit.firstDone([share]);
  });
  return quantiles(found);
}

function withoutHandover(topology: Topology, plan: Plan, costs: Costs): Scenario {
  const quota = (device: string): KernelQuotaSpec => ({ kind: 'kernel', cores: topology.quotas[device]! });
  const devices = [...new Set(plan.stages.map(({ device }) => device))].map(
    (name): DeviceSpec => ({ name, cores: 2, quota: quota(name), usedCores: costs.agents.get(name)! }),
  );
  return {
    plan,
    devices: [...devices, { name: CONTROLLER, cores: 2 }],
    stages: plan.stages.map(({ id }) => ({ stage: id, computeMs: costs.stages.get(id)!.sessionMs })),
    routes: plan.routes.map((route) => routeCost(route, plan, costs, topology)),
    media: mediaOf(topology, plan),
    links: plan.routes.flatMap((route) => linksOf(route, plan, topology)),
    prepareMs: costs.prepareMs,
    ackMs: costs.betweenMs,
    frames: topology.frames,
    window: windowOf(topology, flowOf(plan).depth),
    arrivals: { kind: 'closed' },
    seed: 1,
  };
}

function routeCost(route: Route, plan: Plan, costs: Costs, { bitsPerS }: Topology): RouteCost {
  const { from, to } = route;
  const rawBytes = bytesOf(route, plan);
  return {
    from,
    to,
    wireBytes: bitsPerS === undefined ? rawBytes : rawBytes * WIRE_SHARE,
    sendMs: shareOf(route, from, plan, costs),
    receiveMs: shareOf(route, to, plan, costs),
  };
}

/** Of what an end's main thread does per frame, what it does for this route. */
function shareOf(route: Route, end: string, plan: Plan, costs: Costs): number {
  const ours = (id: string): boolean => (end === SOURCE || end === SINK ? id === SOURCE || id === SINK : id === end);
  const totalMs = end === SOURCE || end === SINK ? costs.controllerMs : costs.stages.get(end)!.mainMs;
  const weight = (each: Route): number => bytesOf(each, plan) + MESSAGE_BYTES;
  const all = plan.routes.filter(({ from, to }) => ours(from) || ours(to)).reduce((sum, each) => sum + weight(each), 0);
  return (totalMs * weight(route)) / all;
}

function mediaOf({ bitsPerS }: Topology, plan: Plan): Scenario['media'] & {} {
  if (bitsPerS === undefined) return [];
  const names = [...new Set(plan.stages.map(({ device }) => device))].flatMap((device) => [`${device} out`, `${device} in`]);
  return names.map((name) => ({ name, bytesPerS: bitsPerS / 8, burstBytes: burstOf(bitsPerS) }));
}

/** Credit takes the way of the stream it belongs to: through what is in front of the producer. */
function linksOf({ from, to }: Route, plan: Plan, { far = {}, bitsPerS }: Topology): LinkSpec[] {
  const deviceOf = (id: string): string => plan.stages.find((stage) => stage.id === id)?.device ?? CONTROLLER;
  const [here, there] = [deviceOf(from), deviceOf(to)];
  if (here === there) return [];
  const { delayMs = 0, jitterMs = 0 } = far[here] ?? {};
  const media =
    bitsPerS === undefined ? [] : [...(here === CONTROLLER ? [] : [`${here} out`]), ...(there === CONTROLLER ? [] : [`${there} in`])];
  return [
    { from: here, to: there, latencyMs: delayMs, jitterMs, media },
    { from: there, to: here, latencyMs: delayMs, jitterMs, media: [] },
  ];
}

function bytesOf({ from, to, tensors }: Route, plan: Plan): number {
  const stage = plan.stages.find(({ id }) => id === to) ?? plan.stages.find(({ id }) => id === from)!;
  const specs = [...stage.inputs, ...stage.outputs];
  return tensors.reduce((sum, name) => {
    const { dtype, dims } = specs.find((spec) => spec.name === name)!;
    return sum + byteLength(dtype, dims);
  }, 0);
}
