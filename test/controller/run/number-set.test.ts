import test from 'ava';
import fc from 'fast-check';
import { NumberSet } from '../../../controller/run/number-set.ts';

test('it knows what a set knows, and remembers one range per gap', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { maxLength: 60 }), (numbers) => {
      const set = new NumberSet();
      const known = new Set<number>();
      for (const number of numbers) {
        t.is(set.add(number), !known.has(number));
        known.add(number);
        t.is(set.size, known.size);
        t.is(set.ranges, [...known].filter((each) => !known.has(each - 1)).length);
      }
    }),
  );
});

test('a stream of any length is one range, also when its frames overtake each other', (t) => {
  const set = new NumberSet();
  for (let i = 0; i < 100_000; i += 2) t.true(set.add(i + 1) && set.add(i));
  t.deepEqual([set.size, set.ranges], [100_000, 1]);
  t.false(set.add(50_000));
});
