/** One topology: measured and predicted, in turns, so that both see the same weather on a shared machine. */
import { throughputOf } from '../../controller/report/run-report.ts';
import { distributionOf } from '../../controller/run/statistics.ts';
import type { Scenario } from '../../controller/scheduler/simulator/scenario.ts';
import { simulate } from '../../controller/scheduler/simulator/simulate.ts';
import type { Scope } from '../helpers/scope.ts';
import { type Costs, costsOf, scenarioOf } from './calibration.ts';
import { emulate } from './emulation.ts';
import { median } from './median.ts';
import type { Topology } from './topologies.ts';

/** Where period and tick of the kernel lie is not known: predictions are medians over so many. */
const SEEDS = 9;

export interface Outcome {
  readonly fps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Comparison {
  readonly title: string;
  readonly measured: Outcome;
  readonly predicted: Outcome;
  /** Predicted ÷ measured − 1. */
  readonly error: { readonly fps: number; readonly p99: number };
  readonly rounds: { readonly measured: readonly Outcome[]; readonly predicted: readonly Outcome[] };
}

export interface Rounds {
  readonly rounds: number;
  /** Frames one at a time. */
  readonly frames: number;
  readonly tickMs: number;
}

export async function compare(
  t: Scope,
  topology: Topology,
  { rounds, frames, tickMs }: Rounds,
  log: (line: string) => void,
): Promise<Comparison> {
  const emulation = await emulate(t, topology);
  const { plan } = emulation;
  const measured: Outcome[] = [];
  const predicted: Outcome[] = [];
  let rateFps: number | undefined;
  for (let round = 0; round < rounds; round += 1) {
    const costs = costsOf(await emulation.calibrate(frames), plan);
    const scenario = scenarioOf(topology, plan, costs, tickMs);
    log(`  ${topology.title}: ${shown(costs)}, handover ${scenario.stages[0]!.handoverMs}`);
    if (topology.load !== undefined) rateFps ??= Math.round(topology.load * predict(scenario, undefined).fps * 10) / 10;
    predicted.push(predict(scenario, rateFps));
    const { throughputFps, latencyMs } = await emulation.run(rateFps);
    measured.push({ fps: throughputFps!, p50Ms: latencyMs!.p50, p99Ms: latencyMs!.p99 });
    log(`    predicted ${text(predicted.at(-1)!)}, measured ${text(measured.at(-1)!)}`);
  }
  const [is, should] = [outcome(predicted), outcome(measured)];
  return {
    title: topology.title,
    measured: should,
    predicted: is,
    error: { fps: is.fps / should.fps - 1, p99: is.p99Ms / should.p99Ms - 1 },
    rounds: { measured, predicted },
  };
}

function predict(scenario: Scenario, rateFps: number | undefined): Outcome {
  return outcome(
    Array.from({ length: SEEDS }, (_, seed) => {
      const { frames } = simulate({
        ...scenario,
        seed,
        arrivals: rateFps === undefined ? { kind: 'closed' } : { kind: 'rate', fps: rateFps },
      });
      const latency = distributionOf(frames.map(({ latencyMs }) => latencyMs))!;
      return { fps: throughputOf(frames, rateFps)!, p50Ms: latency.p50, p99Ms: latency.p99 };
    }),
  );
}

function outcome(each: readonly Outcome[]): Outcome {
  return {
    fps: median(each.map(({ fps }) => fps)),
    p50Ms: median(each.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(each.map(({ p99Ms }) => p99Ms)),
  };
}

function shown({ stages, agents, controllerMs, latencyMs, betweenMs }: Costs): string {
  const each = [...stages].map(([id, { sessionMs, mainMs }]) => `${id} ${sessionMs.toFixed(2)}+${mainMs.toFixed(2)}`);
  const used = [...agents].map(([, cores]) => cores.toFixed(3));
  return `${each.join(' ')} ms, agents ${used.join(' ')}, controller ${controllerMs.toFixed(2)}, alone ${latencyMs.toFixed(1)}+${betweenMs.toFixed(1)}`;
}

function text({ fps, p50Ms, p99Ms }: Outcome): string {
  return `${fps.toFixed(2)} fps ${p50Ms.toFixed(1)} / ${p99Ms.toFixed(1)} ms`;
}
