import test from 'ava';
import { EndFlag } from '../../../agent/stage/end-flag.ts';
import { SessionThread } from '../../../agent/stage/session-thread.ts';
import type { MeshError } from '../../../mesh/error.ts';
import { loadOrder, relu } from './stage-harness.ts';

test('frames are computed in the order they came; those whose flow has ended before their turn are not', async (t) => {
  const thread = new SessionThread();
  t.teardown(() => thread.close());
  t.false(thread.busy);
  await thread.load(await loadOrder(t, relu));
  const flows = [new EndFlag(), new EndFlag()];
  const run = (value: number, flow: number) => {
    const { buffer } = new Float32Array(6).fill(value);
    return thread.run({ epoch: 1n, inputs: [{ name: 'x', dtype: 'float32', dims: [2, 3], buffer }], ended: flows[flow]! });
  };
  flows[0]!.set();
  const answers = [run(1, 1), run(2, 0), run(3, 1)];
  t.true(thread.busy);
  const [first, dropped, last] = await Promise.allSettled(answers);
  t.deepEqual(
    [first, last].map((ran) => ran?.status === 'fulfilled' && new Float32Array(ran.value.outputs[0]!.buffer)[0]),
    [1, 3],
  );
  t.is(((dropped as PromiseRejectedResult).reason as MeshError).code, 'cancelled');
  t.false(thread.busy);
});
