/**
 * What is simulated: the plan that the runtime carries out, and what everything costs where it runs.
 *
 *     plan ── stages, routes ──┐
 *     devices ── cores, quota ─┼──▶ simulate(scenario) ──▶ frames, and how busy everything was
 *     links ── media, latency ─┘
 *
 * Plain data in milliseconds, bytes and cores. The source and the sink are on the device `controller` and share its main thread.
 */
import { MeshError } from '../../../mesh/error.ts';
import type { Plan } from '../../../partition/plan.ts';
import type { Happening } from './happenings.ts';
import type { KernelQuotaSpec } from './kernel-quota.ts';
import type { MediumSpec } from './network.ts';
import type { QuotaSpec } from './quota.ts';
import { type Duration, wrongDuration } from './samples.ts';

export interface DeviceSpec {
  readonly name: string;
  /** Default 1. */
  readonly cores?: number;
  readonly quota?: QuotaSpec | KernelQuotaSpec;
  /** What others of this device take all the time (its agent), cores. Default 0. */
  readonly usedCores?: number;
}

export interface StageCost {
  readonly stage: string;
  /** CPU time of the session for one frame. */
  readonly computeMs: Duration;
  /** Cores a session uses at once. Default 1. */
  readonly cores?: number;
  /** From a frame's end in the session until the main thread goes on with it, without CPU. Default 0. */
  readonly handoverMs?: Duration;
}

/** What a frame costs on its way over a route; what is absent costs nothing. */
export interface RouteCost {
  readonly from: string;
  readonly to: string;
  /** Default: as the plan's tensors say. */
  readonly rawBytes?: number;
  /** Default: raw bytes. */
  readonly wireBytes?: number;
  /** CPU time of the producer's main thread: encoding, serialization, handing over to the network. */
  readonly sendMs?: Duration;
  /** CPU time of the consumer's main thread: receiving, decoding. */
  readonly receiveMs?: Duration;
}

/** From one device to another, one way. Credit goes the other way and takes that link's latency. */
export interface LinkSpec {
  readonly from: string;
  readonly to: string;
  readonly latencyMs: number;
  /** Each message takes up to so much longer, uniformly distributed; order is kept. Default 0. */
  readonly jitterMs?: number;
  /** Names of what it passes; none: bytes take no time. */
  readonly media: readonly string[];
  /** What the sender's side takes in of one stream before it is sent (socket buffers). Default 1 MiB. */
  readonly bufferBytes?: number;
}

export type Arrivals =
  | { readonly kind: 'closed' }
  /** Frame i is due at i ÷ fps. */
  | { readonly kind: 'rate'; readonly fps: number }
  /** Frames are due at random times, `fps` in the mean, independent of each other. */
  | { readonly kind: 'poisson'; readonly fps: number };

export interface Scenario {
  readonly plan: Plan;
  readonly devices: readonly DeviceSpec[];
  readonly stages: readonly StageCost[];
  readonly routes?: readonly RouteCost[];
  readonly media?: readonly MediumSpec[];
  /** Pairs that exchange frames and are not listed have a link without limits. */
  readonly links?: readonly LinkSpec[];
  /** The device of source and sink; its default has 1 core and no quota. Default `controller`. */
  readonly controller?: string;
  /** CPU time of the controller's main thread to make a frame. Default 0. */
  readonly prepareMs?: Duration;
  /** From the sink's word that a frame is safe to the source. Default 0. */
  readonly ackMs?: number;
  readonly frames: number;
  readonly window: number | 'auto';
  readonly arrivals: Arrivals;
  readonly happenings?: readonly Happening[];
  readonly seed: number;
}

export const CONTROLLER = 'controller';

/** Error `invalid` with what is wrong. That the plan itself can be carried out says `checkPlan`. */
export function checkScenario(scenario: Scenario): void {
  const { plan, devices, stages, routes = [], media = [], links = [] } = scenario;
  const names = uniqueNames(
    'device',
    devices.map(({ name }) => name),
  );
  names.add(scenario.controller ?? CONTROLLER);
  for (const { id, device } of plan.stages) {
    if (!names.has(device)) throw wrong(`stage ${id} is on "${device}", which is no device of it`);
    if (!stages.some(({ stage }) => stage === id)) throw wrong(`it does not say what stage ${id} costs`);
  }
  const known = uniqueNames(
    'medium',
    media.map(({ name }) => name),
  );
  for (const { from, to, media: passed, latencyMs } of links) {
    const missing = passed.find((name) => !known.has(name));
    if (missing !== undefined) throw wrong(`the link from ${from} to ${to} passes "${missing}", which is no medium of it`);
    atLeast(0, latencyMs, `the latency of the link from ${from} to ${to}`);
  }
  for (const { name, bytesPerS } of media) above(0, bytesPerS, `the bandwidth of ${name}`);
  for (const { name, cores = 1, quota, usedCores = 0 } of devices) {
    above(usedCores, cores, `the cores of ${name}, of which ${usedCores} are used by others,`);
    if (quota !== undefined) above(usedCores, quota.cores, `the quota of ${name}, of which ${usedCores} cores are used by others,`);
  }
  for (const { stage, computeMs, cores = 1 } of stages) {
    duration(computeMs, `the compute time of ${stage}`);
    above(0, cores, `the number of cores that ${stage} uses`);
  }
  for (const { from, to, sendMs = 0, receiveMs = 0 } of routes) {
    duration(sendMs, `sending from ${from} to ${to}`);
    duration(receiveMs, `receiving from ${from} at ${to}`);
  }
  atLeast(1, scenario.frames, 'the number of frames');
  if (scenario.window !== 'auto') atLeast(1, scenario.window, 'the window');
  if (scenario.arrivals.kind !== 'closed') above(0, scenario.arrivals.fps, 'the rate');
}

function uniqueNames(what: string, list: readonly string[]): Set<string> {
  const names = new Set<string>();
  for (const name of list) {
    if (names.has(name)) throw wrong(`it has two times the ${what} "${name}"`);
    names.add(name);
  }
  return names;
}

function duration(value: Duration, what: string): void {
  const found = wrongDuration(value);
  if (found !== undefined) throw wrong(`${what} ${found}`);
}

function above(limit: number, value: number, what: string): void {
  if (!(value > limit)) throw wrong(`${what} is ${value}: expected more than ${limit}`);
}

function atLeast(limit: number, value: number, what: string): void {
  if (!(value >= limit)) throw wrong(`${what} is ${value}: expected ${limit} or more`);
}

function wrong(what: string): MeshError {
  return new MeshError('invalid', `the scenario can't be simulated: ${what}`);
}
