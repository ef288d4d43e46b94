import test from 'ava';
import { runSeeds } from '../../sim/seeds.ts';

test('runs of a simulated mesh keep their promise while devices, streams and the bus fail (make sim does many more)', async (t) => {
  const { counts, wrong } = await runSeeds(1_000_001, 40);
  const { complete, recovered } = counts;
  t.deepEqual(wrong, [], wrong.join('\n\n'));
  t.true(complete >= 24, `${complete} of 40 were complete`);
  t.true(recovered >= 5, `${recovered} of 40 had to recover`);
});
