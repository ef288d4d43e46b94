/** One topology: measured and predicted, in turns, so that both see the same weather on a shared machine. */
import { throughputOf } from '../../controller/report/run-report.ts';
import { distributionOf } from '../../controller/run/statistics.ts';
import type { Arrivals, Scenario } from '../../controller/scheduler/simulator/scenario.ts';
import { simulate } from '../../controller/scheduler/simulator/simulate.ts';
import type { FrameMeasurement } from '../../mesh/measurement.ts';
import type { Scope } from '../helpers/scope.ts';
import { type Costs, costsOf, scenarioOf } from './calibration.ts';
import { emulate } from './emulation.ts';
import { median } from './median.ts';
import type { Topology } from './topologies.ts';

/** Where period and tick of the kernel lie is not known: predictions are medians over so many. */
const SEEDS = 9;
/** The first frames, in which the programs are still being compiled, are not compared: neither measured nor predicted. */
const WARMUP_FRAMES = 30;
/** A round during which others used more of the machine than this is made again, a few times. */
export const FOREIGN_CORES_MAX = 0.25;

export interface Outcome {
  readonly fps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Round {
  readonly measured: Outcome;
  readonly predicted: Outcome;
  readonly foreignCores: number;
}

export interface Comparison {
  readonly title: string;
  readonly measured: Outcome;
  readonly predicted: Outcome;
  /** Predicted ÷ measured − 1. */
  readonly error: { readonly fps: number; readonly p99: number };
  /** What others used of this machine, in the noisiest of the rounds that were compared, cores. */
  readonly foreignCores: number;
  /** All that were made; compared are the quietest. */
  readonly rounds: readonly Round[];
}

export interface Rounds {
  readonly rounds: number;
  /** At most, when others are busy. */
  readonly roundsMax: number;
  /** Frames one at a time. */
  readonly frames: number;
}

export async function compare(t: Scope, topology: Topology, wanted: Rounds, log: (line: string) => void): Promise<Comparison> {
  const emulation = await emulate(t, topology);
  const { plan } = emulation;
  const all: Round[] = [];
  let rateFps: number | undefined;
  const quiet = (): Round[] => all.filter((round) => round.foreignCores <= FOREIGN_CORES_MAX);
  while (quiet().length < wanted.rounds && all.length < wanted.roundsMax) {
    const costs = costsOf(await emulation.calibrate(wanted.frames), plan);
    const scenario = scenarioOf(topology, plan, costs);
    if (topology.load !== undefined) rateFps ??= Math.round(topology.load * predict(scenario, undefined).fps * 10) / 10;
    const predicted = predict(scenario, rateFps);
    const { frames, foreignCores } = await emulation.run(rateFps);
    const round = { predicted, measured: outcomeOf(frames, rateFps), foreignCores };
    all.push(round);
    log(shown(costs));
    log(`  predicted ${text(predicted)}, measured ${text(round.measured)}, others ${foreignCores.toFixed(2)} cores`);
  }
  const compared = all.toSorted((a, b) => a.foreignCores - b.foreignCores).slice(0, wanted.rounds);
  const [predicted, measured] = [middle(compared.map((round) => round.predicted)), middle(compared.map((round) => round.measured))];
  return {
    title: topology.title,
    measured,
    predicted,
    error: { fps: predicted.fps / measured.fps - 1, p99: predicted.p99Ms / measured.p99Ms - 1 },
    foreignCores: compared.at(-1)!.foreignCores,
    rounds: all,
  };
}

function predict(scenario: Scenario, rateFps: number | undefined): Outcome {
  const arrivals: Arrivals = rateFps === undefined ? { kind: 'closed' } : { kind: 'rate', fps: rateFps };
  return middle(Array.from({ length: SEEDS }, (_, seed) => outcomeOf(simulate({ ...scenario, seed, arrivals }).frames, rateFps)));
}

function outcomeOf(all: readonly FrameMeasurement[], rateFps: number | undefined): Outcome {
  const frames = all.filter(({ frame }) => frame >= WARMUP_FRAMES);
  const latency = distributionOf(frames.map(({ latencyMs }) => latencyMs))!;
  return { fps: throughputOf(frames, rateFps)!, p50Ms: latency.p50, p99Ms: latency.p99 };
}

function middle(each: readonly Outcome[]): Outcome {
  return {
    fps: median(each.map(({ fps }) => fps)),
    p50Ms: median(each.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(each.map(({ p99Ms }) => p99Ms)),
  };
}

function shown({ stages, agents, controllerMs, prepareMs, latencyMs, betweenMs }: Costs): string {
  const each = [...stages].map(([id, { sessionMs, mainMs }]) => `${id} ${sessionMs.toFixed(2)}+${mainMs.toFixed(2)}`);
  const used = [...agents].map(([, cores]) => cores.toFixed(3));
  return `${each.join(' ')} ms, agents ${used.join(' ')}, controller ${controllerMs.toFixed(2)}+${prepareMs.toFixed(2)}, alone ${median(latencyMs).toFixed(1)}+${betweenMs.toFixed(1)}`;
}

function text({ fps, p50Ms, p99Ms }: Outcome): string {
  return `${fps.toFixed(2)} fps ${p50Ms.toFixed(1)} / ${p99Ms.toFixed(1)} ms`;
}
