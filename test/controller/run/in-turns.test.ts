import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { inTurns } from '../../../controller/run/in-turns.ts';

test('each lane does so many at once, and results are in order', async (t) => {
  const busy = { a: 0, b: 0 };
  const most = { a: 0, b: 0 };
  const items = ['a1', 'a2', 'b1', 'a3', 'a4', 'a5', 'b2'];
  const results = await inTurns(
    items,
    (item) => item[0]!,
    2,
    async (item) => {
      const lane = item[0] as 'a' | 'b';
      busy[lane] += 1;
      most[lane] = Math.max(most[lane], busy[lane]);
      await setImmediate();
      busy[lane] -= 1;
      return item.toUpperCase();
    },
  );
  t.deepEqual(
    results,
    items.map((item) => item.toUpperCase()),
  );
  t.deepEqual(most, { a: 2, b: 2 });
});

test('the first error is that of all, and nothing begins after it', async (t) => {
  const begun: number[] = [];
  const error = await t.throwsAsync(
    inTurns(
      [1, 2, 3, 4],
      () => 'lane',
      1,
      async (item) => {
        begun.push(item);
        await setImmediate();
        if (item === 2) throw new Error('two');
      },
    ),
  );
  t.is(error?.message, 'two');
  await setImmediate();
  t.deepEqual(begun, [1, 2]);
});
