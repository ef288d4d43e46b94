/** Runs seeds one after the other, and says what is wrong in a way that can be repeated. */
import { scenarioOf } from './scenario.ts';
import { formatOutcome, type Outcome, simulate } from './simulate.ts';

export interface SeedsRun {
  readonly outcomes: number;
  /** What the seeds brought about. */
  readonly counts: Counts;
  readonly events: number;
  /** For a person: each seed with a violation, its schedule, what was violated, how to replay it. */
  readonly wrong: readonly string[];
}

/** Seeds, but for the last two. */
export interface Counts {
  /** All its runs were complete. */
  complete: number;
  /** And one of them needed more than one epoch. */
  recovered: number;
  /** A run had no successor when its controller died. */
  crashed: number;
  /** A run was gone on with by another process. */
  handedOver: number;
  /** A run was given up or refused for lack of memory. */
  full: number;
  severalRuns: number;
  /** Frames that were given up. */
  skipped: number;
  /** How often a process went on that had stood still while its epoch was retired. */
  continued: number;
}

/** Stops after `wrongMax` seeds with violations. */
export async function runSeeds(first: number, count: number, wrongMax = 5): Promise<SeedsRun> {
  const wrong: string[] = [];
  const counts: Counts = { complete: 0, recovered: 0, crashed: 0, handedOver: 0, full: 0, severalRuns: 0, skipped: 0, continued: 0 };
  let [events, outcomes] = [0, 0];
  for (let seed = first; seed < first + count && wrong.length < wrongMax; seed += 1) {
    const outcome = await simulate(scenarioOf(seed));
    outcomes += 1;
    events += outcome.events;
    add(counts, outcome);
    if (outcome.violations.length > 0) wrong.push(report(outcome));
  }
  return { outcomes, counts, events, wrong };
}

function add(counts: Counts, outcome: Outcome): void {
  const { ended, scenario, checks } = outcome;
  const runs = scenario.runs.map(({ run }) => checks.run(run));
  const seen: Counts = {
    complete: Number(isComplete(outcome)),
    recovered: Number(isComplete(outcome) && ended.some((each) => each.kind === 'complete' && each.epochs > 1)),
    crashed: Number(ended.some(({ kind }) => kind === 'crashed')),
    handedOver: Number(runs.some(({ terms }) => terms > 1)),
    full: Number(ended.some((each) => each.kind === 'failed' && each.error.code === 'exhausted')),
    severalRuns: Number(runs.length > 1),
    skipped: runs.reduce((sum, { skipped }) => sum + skipped, 0),
    continued: checks.continued,
  };
  for (const name of Object.keys(seen) as (keyof Counts)[]) counts[name] += seen[name];
}

/** All its runs are. */
export function isComplete({ ended }: Outcome): boolean {
  return ended.every(({ kind }) => kind === 'complete');
}

export function report(outcome: Outcome): string {
  return `${formatOutcome(outcome)}\n  replay: node test/sim/replay.ts ${outcome.scenario.seed}`;
}
