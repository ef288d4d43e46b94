/**
 * Runs whose mesh is broken at random while they go on, a hundred and more, each from a seed: its output must be that of a run nobody touched.
 *
 *     TEST_SEED=N make chaos     other runs, or again those of a failure: the first of each test is N, N + 1000, …
 */
import test from 'ava';
import { OwnScope } from '../helpers/scope.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { startChaos } from './chaos-world.ts';
import { FRAMES, type Outcome, randomRun } from './random-run.ts';

const FIRST_SEED = Number(process.env.TEST_SEED ?? 1_000);
/** One after the other: tests × runs. Two meshes at a time. */
const TESTS = 10;
const MESHES = 2;
const RUNS_PER_MESH = 6;

async function runsOnOneMesh(seeds: readonly number[]): Promise<readonly Outcome[]> {
  const scope = new OwnScope();
  try {
    const world = await startChaos(scope, FRAMES);
    const outcomes: Outcome[] = [];
    for (const seed of seeds) outcomes.push(await randomRun({ ...world, seed }));
    await waitUntil('no stage is left', () => world.chaos.mesh.agents.every((agent) => agent.stages().length === 0), 30_000);
    return outcomes;
  } finally {
    await scope.end();
  }
}

for (let at = 0; at < TESTS; at += 1) {
  const first = FIRST_SEED + at * 1000;
  const title = `${MESHES * RUNS_PER_MESH} runs that are broken at random end as if nobody had touched them (seeds from ${first})`;
  test.serial(title, async (t) => {
    t.timeout(14 * 60_000);
    const seeds = Array.from({ length: MESHES }, (_, mesh) =>
      Array.from({ length: RUNS_PER_MESH }, (__, run) => first + mesh * RUNS_PER_MESH + run),
    );
    const outcomes = (await Promise.all(seeds.map(runsOnOneMesh))).flat();
    const recovered = outcomes.flatMap(({ recoveredMs }) => recoveredMs).sort((a, b) => a - b);
    const losses = outcomes.reduce((sum, each) => sum + each.losses, 0);
    t.log(
      `${outcomes.length} runs, ${losses} losses; frames came again after ${recovered.map((ms) => (ms / 1000).toFixed(1)).join(', ')} s`,
    );
    for (const { wrong } of outcomes) t.is(wrong, undefined, wrong);
    t.true(losses > 0, 'nothing was broken');
  });
}
