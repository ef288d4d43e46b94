/** Runs seeds one after the other, and says what is wrong in a way that can be repeated. */
import { scenarioOf } from './scenario.ts';
import { formatOutcome, type Outcome, simulate } from './simulate.ts';

export interface SeedsRun {
  readonly outcomes: number;
  readonly complete: number;
  /** Of runs that were complete: how many needed more than one epoch. */
  readonly recovered: number;
  readonly events: number;
  /** For a person: each seed with a violation, its schedule, what was violated, how to replay it. */
  readonly wrong: readonly string[];
}

/** Stops after `wrongMax` seeds with violations. */
export async function runSeeds(first: number, count: number, wrongMax = 5): Promise<SeedsRun> {
  const wrong: string[] = [];
  let [complete, recovered, events, outcomes] = [0, 0, 0, 0];
  for (let seed = first; seed < first + count && wrong.length < wrongMax; seed += 1) {
    const outcome = await simulate(scenarioOf(seed));
    outcomes += 1;
    events += outcome.events;
    if (outcome.ended.kind === 'complete') {
      complete += 1;
      if (outcome.ended.epochs > 1) recovered += 1;
    }
    if (outcome.violations.length > 0) wrong.push(report(outcome));
  }
  return { outcomes, complete, recovered, events, wrong };
}

export function report(outcome: Outcome): string {
  return `${formatOutcome(outcome)}\n  replay: node test/sim/replay.ts ${outcome.scenario.seed}`;
}
