/** A pipeline as a plan that the controller can carry out: which layers make up each stage, where it runs, who gets how many frames. */
import { TURNS_OF_MAX } from '../../mesh/turns.ts';
import { formatLayers } from '../../partition/layer-ranges.ts';
import type { Lattice } from '../scheduler/pipeline/lattice.ts';
import { type PipelinePlan, spansOf } from '../scheduler/pipeline/pipeline-plan.ts';

export interface PlacedStage {
  readonly id: string;
  readonly layers: readonly number[];
  readonly devices: readonly string[];
  /** Of each device: its part of the frames, in proportion; small whole numbers. */
  readonly shares: readonly number[];
}

/** Proportions this close are the same. */
const EPSILON = 1e-9;
/** So many turns. Powers of two, so that patterns of neighbouring stages repeat together soon. */
const TURNS: readonly number[] = [2, 4, 8, 16, 32, 64];

export function placedStages(plan: PipelinePlan, lattice: Lattice, devices: readonly string[]): readonly PlacedStage[] {
  const turnsMax = turnsMaxOf(plan);
  return spansOf(plan).map(({ from, to }, index) => {
    const { members, shares } = plan[index]!.group;
    return {
      id: `stage${index + 1}`,
      layers: lattice.layers(from, to),
      devices: members.map((device) => devices[device]!),
      shares: wholeShares(shares, turnsMax),
    };
  });
}

/** The pipeline with the shares that it will really have. */
export function inTurns(plan: PipelinePlan): PipelinePlan {
  const turnsMax = turnsMaxOf(plan);
  return plan.map((stage) => {
    const whole = wholeShares(stage.group.shares, turnsMax);
    const turns = whole.reduce((sum, each) => sum + each, 0);
    return { ...stage, group: { ...stage.group, shares: whole.map((each) => each / turns) } };
  });
}

/** What `controller run --plan` reads. */
export function planFileText(stages: readonly PlacedStage[]): string {
  const entries = stages.map(({ id, layers, devices, shares }) => [
    id,
    { layers: formatLayers(layers), ...(devices.length === 1 ? { device: devices[0] } : { devices, shares }) },
  ]);
  return `${JSON.stringify({ stages: Object.fromEntries(entries) }, undefined, 2)}\n`;
}

/**
 * Whole numbers in about the same proportions, each at least 1: as few turns as do. Their sum is a power of two, or they are all 1. `shares`: above 0,
 * 1 together.
 */
export function wholeShares(shares: readonly number[], turnsMax: number): readonly number[] {
  let best = shares.map(() => 1);
  let least = deviation(shares, best);
  for (const turns of TURNS) {
    if (turns < shares.length || turns > turnsMax) continue;
    const whole = apportioned(shares, turns);
    const apart = deviation(shares, whole);
    if (apart < least * (1 - EPSILON)) [best, least] = [whole, apart];
  }
  return best;
}

/** A stage whose devices are equal repeats after as many frames as it has devices; with any other stage it must do so soon enough. */
function turnsMaxOf(plan: PipelinePlan): number {
  return TURNS_OF_MAX / Math.max(...plan.map(({ group }) => group.members.length));
}

/**
 * One turn for each; every other goes to the device that would be the least overloaded with it. So the most overloaded one is as little so as whole
 * numbers allow (the method of D'Hondt and Jefferson; Balinski, Young, Fair Representation, 1982).
 */
function apportioned(shares: readonly number[], turns: number): number[] {
  const whole = shares.map(() => 1);
  for (let left = turns - whole.length; left > 0; left -= 1) {
    const loads = whole.map((each, index) => (each + 1) / shares[index]!);
    whole[loads.indexOf(Math.min(...loads))]! += 1;
  }
  return whole;
}

/** How many times as long the most overloaded device works as with the exact shares. */
function deviation(shares: readonly number[], whole: readonly number[]): number {
  const total = whole.reduce((sum, each) => sum + each, 0);
  return Math.max(...shares.map((share, index) => whole[index]! / total / share));
}
