/**
 * What `controller plan --json` prints; the tables are made of the same value. Durations in milliseconds, energy in millijoules, everything foretold
 * by the planner's prices. docs/schema/plan.schema.json describes it.
 */
import { formatLayers } from '../../partition/layer-ranges.ts';
import { type Evaluation, type Limit, type PipelinePlan, spansOf } from '../scheduler/pipeline/pipeline-plan.ts';
import type { PlannerResult } from '../scheduler/pipeline/planner.ts';
import { CONTROLLER, type PlanFleet } from './plan-fleet.ts';
import { type Compared, objectiveValue, type PlanWish } from './plan-model.ts';
import type { WhatIf } from './what-if.ts';

export interface PlanReport {
  readonly model: string;
  readonly objective: PlanWish['objective'];
  readonly devices: readonly string[];
  /** The best first. */
  readonly plans: readonly PipelineReport[];
  /** No pipeline has less of what is minimized; `optimal`: the first plan has no more. */
  readonly bound: { readonly value: number; readonly gap: number; readonly optimal: boolean };
  readonly compared: readonly ComparedReport[];
  readonly whatIf: readonly WhatIf[];
  readonly solveMs: number;
}

export interface ForetoldReport {
  readonly throughputFps: number;
  readonly periodMs: number;
  /** Of a frame alone. */
  readonly latencyMs: number;
  /** Per frame, above idling. */
  readonly energyMj: number;
  readonly error: number;
}

export interface PipelineReport extends ForetoldReport {
  readonly value: number;
  /** For a person: what keeps it from being faster. */
  readonly limit: string;
  readonly stages: readonly {
    readonly layers: string;
    readonly codec: string;
    readonly devices: readonly {
      readonly device: string;
      readonly share: number;
      readonly computeMs: number;
      /** Computing, encoding, decoding, handing over. */
      readonly workMs: number;
      readonly busyShare: number;
      readonly memoryBytes: number;
    }[];
  }[];
  readonly links: readonly {
    readonly from: string;
    readonly to: string;
    readonly share: number;
    readonly codec: string;
    readonly rawBytes: number;
    readonly wireBytes: number;
    readonly ms: number;
  }[];
}

export interface ComparedReport extends Partial<ForetoldReport> {
  readonly name: string;
  readonly summary: string;
  /** Whether there is memory for it; false also when it has no answer. */
  readonly fits: boolean;
  /** Its value ÷ that of the first plan. */
  readonly ratio: number | null;
}

export interface PlanFacts {
  readonly model: string;
  readonly fleet: PlanFleet;
  readonly wish: PlanWish;
  readonly result: PlannerResult;
  readonly compared: readonly Compared[];
  readonly whatIf: readonly WhatIf[];
  readonly solveMs: number;
}

/** Of the bound and the plan the same sums are taken in another order. */
const SLACK = 1e-9;

export function planReportOf({ model, fleet, wish, result, compared, whatIf, solveMs }: PlanFacts): PlanReport {
  const best = result.plans[0]?.value ?? Number.POSITIVE_INFINITY;
  return {
    model,
    objective: wish.objective,
    devices: fleet.devices.map(({ name }) => name),
    plans: result.plans.map(({ plan, evaluation, value }) => ({ value, ...pipelineReport(plan, evaluation, result, fleet) })),
    bound: { value: result.bound, gap: result.bound === 0 ? 0 : best / result.bound - 1, optimal: best <= result.bound * (1 + SLACK) },
    compared: compared.map(({ name, summary, evaluation }) =>
      evaluation === undefined
        ? { name, summary, fits: false, ratio: null }
        : { name, summary, fits: evaluation.fits, ratio: objectiveValue(wish.objective, evaluation) / best, ...foretold(evaluation) },
    ),
    whatIf,
    solveMs,
  };
}

function foretold({ period, latency, energy, error }: Evaluation): ForetoldReport {
  return { throughputFps: 1000 / period, periodMs: period, latencyMs: latency, energyMj: energy, error };
}

function pipelineReport(
  plan: PipelinePlan,
  evaluation: Evaluation,
  { costs }: PlannerResult,
  fleet: PlanFleet,
): Omit<PipelineReport, 'value'> {
  const { lattice } = costs;
  const nameOf = (place: number | 'source' | 'sink'): string => {
    if (typeof place === 'number') return fleet.devices[place]!.name;
    return (place === 'source' ? fleet.source : fleet.sink) ?? CONTROLLER;
  };
  const spans = spansOf(plan);
  return {
    ...foretold(evaluation),
    limit: limitPhrase(evaluation.limit, evaluation, nameOf),
    stages: evaluation.stages.map(({ devices }, index) => ({
      layers: formatLayers(lattice.layers(spans[index]!.from, spans[index]!.to)),
      codec: costs.fleet.codecs[plan[index]!.codec]!.name,
      devices: devices.map(({ device, share, compute, time, memoryBytes }) => ({
        device: nameOf(device),
        share,
        computeMs: compute,
        workMs: time,
        busyShare: (share * time) / evaluation.period,
        memoryBytes,
      })),
    })),
    links: evaluation.hops.map(({ from, to, codec, share, rawBytes, wireBytes, time }) => ({
      from: nameOf(from),
      to: nameOf(to),
      share,
      codec: costs.fleet.codecs[codec]!.name,
      rawBytes,
      wireBytes,
      ms: time,
    })),
  };
}

function limitPhrase(limit: Limit, { stages }: Evaluation, nameOf: (place: number | 'source' | 'sink') => string): string {
  const team = (stage: number): string => listed(stages[stage]!.devices.map(({ device }) => nameOf(device)));
  if (limit.kind === 'frames') return 'what source and sink do for each frame';
  if (limit.kind === 'device') return `${nameOf(limit.device)}, which computes stage ${limit.stage + 1}`;
  if (limit.kind === 'hop') return `the way from ${team(limit.stage)} to ${team(limit.stage + 1)}`;
  return limit.kind === 'source'
    ? `the way from ${nameOf('source')} to ${team(limit.stage)}`
    : `the way from ${team(limit.stage)} to ${nameOf('sink')}`;
}

/** `a`, `a and b`, `a, b and c`. */
function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), names.at(-1)].filter((part) => part !== '').join(' and ');
}
