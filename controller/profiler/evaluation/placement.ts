/**
 * What predictions are for: choosing where something runs. Each subject under each load is put where it is predicted to be fastest; what that costs is
 * known, because it was measured everywhere.
 *
 *     regret = measured there ÷ measured at the best place − 1        hit: regret 0
 */
import { median, ranked } from '../../../mesh/ranked.ts';
import type { Judged } from './metrics.ts';

export interface Placed extends Judged {
  /** What is to be placed: a subject under a load. */
  readonly what: string;
  readonly place: string;
}

export interface Placement {
  /** Things that were placed: those that were measured and predicted at two places at least. */
  readonly count: number;
  readonly hitRate: number;
  readonly regretMean: number;
  readonly regretP95: number;
  /** When the place is drawn by lot. */
  readonly regretOfChance: number;
}

/** Null: nothing was measured at two places. Repeats count as their median, predictions of one thing at one place as theirs. */
export function placementOf(points: readonly Placed[]): Placement | null {
  const choices = [...Map.groupBy(points, ({ what }) => what).values()].flatMap((own) => {
    const places = [...Map.groupBy(own, ({ place }) => place).values()].map((same) => ({
      measured: median(same.map(({ measured }) => measured)),
      predicted: median(same.map(({ predicted }) => predicted)),
    }));
    if (places.length < 2) return [];
    const best = Math.min(...places.map(({ measured }) => measured));
    const regrets = places.map(({ measured }) => measured / best - 1);
    const least = Math.min(...places.map(({ predicted }) => predicted));
    // Where several are said to be equally fast, any of them may be chosen.
    const chosen = regrets.filter((_, index) => places[index]!.predicted === least);
    return [{ regret: mean(chosen), hit: mean(chosen.map((regret) => (regret === 0 ? 1 : 0))), chance: mean(regrets) }];
  });
  if (choices.length === 0) return null;
  const regrets = choices.map(({ regret }) => regret);
  return {
    count: choices.length,
    hitRate: mean(choices.map(({ hit }) => hit)),
    regretMean: mean(regrets),
    regretP95: ranked(regrets, 0.95),
    regretOfChance: mean(choices.map(({ chance }) => chance)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
