/**
 * A plan's routes as the choice of codecs sees them: between which devices, for what part of the frames, with which codecs measured so far.
 */
import { SINK, SOURCE } from '../../mesh/frame.ts';
import { portionOf } from '../../mesh/turns.ts';
import { framesAt } from '../../partition/flow/plan-shape.ts';
import { AUTO_CODEC, type Plan } from '../../partition/plan.ts';
import { type CodecProblem, chooseCodecs, costsOf, type DeviceWork, type RouteOptions } from './choose-codecs.ts';
import type { Observations, Occupation } from './observations.ts';

/** Where source and sink are. */
export const HERE = 'controller';

/** Tensors below this are sent as they are: they travel in a packet or a few. */
export const RAW_BYTES_MIN = 8 * 1024;

/** A codec measured on fewer frames is not known yet. */
export const FRAMES_KNOWN = 3;

export interface SteeredRoute {
  readonly from: string;
  readonly to: string;
  /** Whether the codec is chosen; otherwise it is the plan's. */
  readonly chosen: boolean;
  readonly planned: string;
  /** Devices. */
  readonly producer: string;
  readonly consumer: string;
  readonly share: number;
  /** Frames after which its turns repeat. */
  readonly turnsOf: number;
}

export interface Machines {
  /** Processors that a device may use; of `HERE`, too. */
  readonly cores: (device: string) => number;
  /** That a stage computes with; 0: all of its device. */
  readonly threads: number;
}

export function steeredRoutes(plan: Plan): SteeredRoute[] {
  const placeOf = (id: string): string => (id === SOURCE || id === SINK ? HERE : plan.stages.find((stage) => stage.id === id)!.device);
  return plan.routes.map(({ from, to, codec, turns }) => ({
    from,
    to,
    chosen: codec === AUTO_CODEC,
    planned: codec,
    producer: placeOf(from),
    consumer: placeOf(to),
    share: portionOf(turns),
    turnsOf: turns?.of ?? 1,
  }));
}

/** With the codecs that are known; `names` are those of the options. */
export interface KnownProblem extends CodecProblem {
  readonly names: readonly (readonly string[])[];
}

/** Undefined while something of it was not measured yet: each stage, and one codec of each route. */
export function problemOf(
  plan: Plan,
  routes: readonly SteeredRoute[],
  observed: Observations,
  machines: Machines,
  objective: CodecProblem['objective'],
  allowed: (route: SteeredRoute) => readonly string[],
): KnownProblem | undefined {
  const devices = workOf(plan, observed, machines);
  if (devices === undefined) return undefined;
  const known = routes.map((route) => {
    const samples = observed.ofRoute(route.from, route.to);
    return allowed(route).flatMap((codec) => {
      const sample = samples.get(codec);
      return sample === undefined || sample.frames < FRAMES_KNOWN ? [] : [{ codec, sample }];
    });
  });
  if (known.some((options) => options.length === 0)) return undefined;
  const options = routes.map(
    ({ producer, consumer, share }, index): RouteOptions => ({
      producer,
      consumer,
      share,
      options: known[index]!.map(({ codec, sample: { wireBytes, encodeUs, decodeUs } }) => ({
        codec,
        wireBytes,
        encodeUs,
        // At the sink nobody measures it; most codecs decode faster than they encode.
        decodeUs: decodeUs ?? encodeUs,
      })),
    }),
  );
  return {
    objective,
    routes: options,
    devices,
    bandwidth: bandwidths(routes, observed),
    names: known.map((list) => list.map(({ codec }) => codec)),
  };
}

function isLarge(observed: Observations, from: string, to: string): boolean {
  return [...observed.ofRoute(from, to).values()].some(({ rawBytes }) => rawBytes >= RAW_BYTES_MIN);
}

/** The names of what `chooseCodecs` chooses. */
export function chosenNames(problem: KnownProblem): readonly string[] {
  return chooseCodecs(problem).map((option, route) => problem.names[route]![option]!);
}

/** Others are tried where the link takes so much of the period when nothing is encoded. */
const LINK_SHARE_MIN = 0.5;
/** When latency counts: where it takes longer than this, microseconds. */
const LINK_US_MIN = 500;

/** Whether frames wait for the link of this route when nothing is encoded. */
export function linkMatters(problem: KnownProblem, index: number): boolean {
  const { producer, consumer, options } = problem.routes[index]!;
  const largest = Math.max(...options.map(({ wireBytes }) => wireBytes));
  const us = largest / problem.bandwidth(producer, consumer);
  if (problem.objective === 'latency') return us >= LINK_US_MIN;
  const plain = costsOf(
    problem,
    problem.routes.map(() => 0),
  );
  return us >= plain.periodUs * LINK_SHARE_MIN;
}

/** Of `codecs` and those known, the one with which a frame is there first; undefined when none is known. */
export function fastestOf(problem: KnownProblem, index: number, codecs: readonly string[]): string | undefined {
  const { options, producer, consumer } = problem.routes[index]!;
  const perUs = problem.bandwidth(producer, consumer);
  const travels = options
    .filter(({ codec }) => codecs.includes(codec))
    .map(({ codec, wireBytes, encodeUs, decodeUs }) => ({ codec, us: encodeUs + wireBytes / perUs + decodeUs }));
  return travels.sort((a, b) => a.us - b.us)[0]?.codec;
}

/** The codecs as indexes into the options; one that is not known counts as the first. */
export function indexesOf({ names }: KnownProblem, codecs: readonly string[]): readonly number[] {
  return names.map((options, route) => Math.max(0, options.indexOf(codecs[route]!)));
}

function workOf(plan: Plan, observed: Observations, { cores, threads }: Machines): ReadonlyMap<string, DeviceWork> | undefined {
  const works = new Map<string, DeviceWork>([[HERE, { cores: cores(HERE), computeUs: 0, threads: 1 }]]);
  for (const { id, device } of plan.stages) {
    const us = observed.computeUs(id);
    if (us === undefined) return undefined;
    const frames = framesAt(plan, id);
    const portion = frames.reduce((sum, each) => sum + each, 0) / frames.length;
    const before = works.get(device)?.computeUs ?? 0;
    works.set(device, {
      cores: cores(device),
      computeUs: before + us * portion,
      threads: threads === 0 ? Math.ceil(cores(device)) : threads,
    });
  }
  return works;
}

/** Bytes per microsecond; undefined when nothing that is large enough was sent. */
function speedOf(occupations: readonly Occupation[]): number | undefined {
  const [wireBytes, us] = [sum(occupations.map((each) => each.wireBytes)), sum(occupations.map((each) => each.us))];
  return wireBytes > 0 && us > 0 ? wireBytes / us : undefined;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Between two devices, from all frames on all routes between them. What is small is all latency, and keeps nobody waiting. */
function bandwidths(routes: readonly SteeredRoute[], observed: Observations): CodecProblem['bandwidth'] {
  const large = routes.filter(({ from, to }) => isLarge(observed, from, to));
  const pairs = Map.groupBy(large, ({ producer, consumer }) => `${producer} ${consumer}`);
  const speeds = new Map([...pairs].map(([pair, list]) => [pair, speedOf(list.map(({ from, to }) => observed.occupation(from, to)))]));
  return (producer, consumer) => speeds.get(`${producer} ${consumer}`) ?? Number.POSITIVE_INFINITY;
}
