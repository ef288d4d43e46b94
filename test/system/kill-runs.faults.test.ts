/** A dozen of what `make chaos` has more than a hundred of, several runs on the mesh at a time: what breaks for one breaks for the others. */
import test from 'ava';
import { type ChaosWorld, startChaos } from '../chaos/chaos-world.ts';
import { FRAMES, randomRun } from '../chaos/random-run.ts';
import { OwnScope } from '../helpers/scope.ts';

const FIRST_SEED = Number(process.env.TEST_SEED ?? 1);
const ROUNDS = 4;
const RUNS_AT_ONCE = 3;

const scope = new OwnScope();
let world!: ChaosWorld;
test.before(async () => {
  world = await startChaos(scope, FRAMES);
});
test.after.always(() => scope.end());

for (let round = 0; round < ROUNDS; round += 1) {
  const seeds = Array.from({ length: RUNS_AT_ONCE }, (_, run) => FIRST_SEED + round * RUNS_AT_ONCE + run);
  test.serial(`runs that are broken at random end as if nobody had touched them (seeds ${seeds.join(', ')})`, async (t) => {
    const outcomes = await Promise.all(seeds.map((seed) => randomRun({ ...world, seed })));
    for (const { wrong } of outcomes) t.is(wrong, undefined, wrong);
    const losses = outcomes.reduce((sum, each) => sum + each.losses, 0);
    t.log(`${losses} losses`);
    t.true(losses > 0, 'nothing was broken');
  });
}
