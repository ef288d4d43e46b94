/** Situations by hand that seeds bring about only now and then: each is played with several seeds, and must end well. */
import test from 'ava';
import type { TimedFault } from './faults.ts';
import type { RunScenario } from './run-scenario.ts';
import { type Scenario, scenarioOf } from './scenario.ts';
import { formatOutcome, type Outcome, simulate } from './simulate.ts';

const SEEDS = 20;

/** One long run in a mesh where nothing goes wrong but this. */
function situation(seed: number, run: Partial<RunScenario>, faults: (run: RunScenario) => readonly TimedFault[]): Scenario {
  const scenario = scenarioOf(seed);
  const only = {
    ...scenario.runs[0]!,
    rateFps: 12,
    frames: 100,
    window: 6,
    poison: [],
    spares: [],
    successor: undefined,
    startMs: 0,
    ...run,
  };
  return { ...scenario, memoryBytes: undefined, runs: [only], faults: faults(only), calmMs: 10_000 };
}

async function play(
  t: { fail(message: string): void },
  run: Partial<RunScenario>,
  faults: (run: RunScenario) => readonly TimedFault[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const outcome = await simulate(situation(seed, run, faults));
    if (outcome.violations.length > 0) t.fail(formatOutcome(outcome));
    outcomes.push(outcome);
  }
  return outcomes;
}

const crash = { kind: 'controller-crash', run: 'r', atMs: 4_000 } as const;

test.serial('a drain in the first moment of a run is followed like any other', async (t) => {
  const outcomes = await play(t, {}, ({ plan }) => [{ kind: 'drain', host: plan.stages[0]!.device, forMs: 9_000, atMs: 200 }]);
  t.true(outcomes.every(({ ended: [run] }) => run?.kind === 'complete' && run.epochs === 2));
});

test.serial('a drain while the run is being brought up is followed as soon as it is, or the device refuses a stage', async (t) => {
  const outcomes: Outcome[] = [];
  for (const atMs of [40, 70, 100])
    outcomes.push(...(await play(t, {}, ({ plan }) => [{ kind: 'drain', host: plan.stages.at(-1)!.device, forMs: 9_000, atMs }])));
  const failures = outcomes.flatMap(({ ended: [run] }) => (run?.kind === 'failed' ? [run.error.message] : []));
  t.true(failures.length > 0 && failures.length < outcomes.length);
  t.true(failures.every((message) => /is draining and takes no new stages/.test(message)));
});

for (const successor of ['same host', 'other host'] as const) {
  test.serial(
    `a detached run whose controller dies goes on with the first frame that is not in its outputs, on the ${successor}`,
    async (t) => {
      const outcomes = await play(t, { successor }, () => [crash]);
      t.true(outcomes.every(({ ended: [run], checks }) => run?.kind === 'complete' && checks.run('r').terms === 2));
      // Stages on several devices, where routes join and wait for the frames before.
      t.true(outcomes.some(({ scenario }) => scenario.runs[0]!.plan.stages.some(({ replicaOf }) => replicaOf !== undefined)));
    },
  );
}

test.serial('a process that has only stood still while another took over finds out, and nothing comes out twice', async (t) => {
  const outcomes = await play(t, { successor: 'other host' }, () => [
    { kind: 'pause', host: 'c', what: 'host', forMs: 14_000, atMs: 3_000 },
  ]);
  t.true(outcomes.every(({ ended: [run], checks }) => run?.kind === 'complete' && checks.run('r').terms === 2));
});

test.serial('a controller that dies leaves nothing behind, and its run has no more frames', async (t) => {
  const outcomes = await play(t, {}, () => [crash]);
  t.true(outcomes.every(({ ended: [run], checks }) => run?.kind === 'crashed' && checks.run('r').delivered < 100));
});

test.serial('exactly the frames that kill their stage are given up', async (t) => {
  const poison = [10n, 11n, 60n].map((frame) => ({ stage: 's0', frame }));
  const outcomes = await play(t, { poison }, () => []);
  t.true(outcomes.every(({ ended: [run], checks }) => run?.kind === 'complete' && checks.run('r').skipped === 3));
});

test.serial('a stage process that stood still while its epoch was retired computes and sends nothing of it when it goes on', async (t) => {
  const outcomes = await play(t, { window: 12, rateFps: undefined }, ({ plan }) => {
    const hosts = [...new Set(plan.stages.map(({ device }) => device))];
    return [
      ...hosts.map((host): TimedFault => ({ kind: 'pause', host, what: 'retiring', forMs: 3_000, atMs: 600 })),
      { kind: 'kill', host: plan.stages.at(-1)!.device, what: 'stage', atMs: 700 },
    ];
  });
  t.true(outcomes.every(({ ended: [run] }) => run?.kind === 'complete'));
  t.true(outcomes.some(({ checks }) => checks.continued > 0));
});
