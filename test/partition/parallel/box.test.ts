import test from 'ava';
import fc from 'fast-check';
import { type Box, isSameBox, reshaped, sizesOf, wholeBox } from '../../../partition/parallel/box.ts';
import { byShare, type Interval } from '../../../partition/parallel/interval.ts';

test('entries are shared out in order, without gaps, close to the shares', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { minLength: 1, maxLength: 6 }),
      (units, unit, shares) => {
        const size = units * unit;
        const given = byShare(size, shares, unit);
        const intervals = given.filter((each): each is Interval => each !== undefined);
        t.deepEqual(
          intervals.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
          Array.from({ length: size }, (_, i) => i),
        );
        const total = shares.reduce((sum, share) => sum + share, 0);
        for (const [i, each] of given.entries()) {
          const count = each === undefined ? 0 : each.last - each.first + 1;
          t.is(count % unit, 0);
          t.true(Math.abs(count - (size * shares[i]!) / total) <= unit + 1e-9);
        }
      },
    ),
    { numRuns: 300 },
  );
});

/** Row-major numbers of the elements of a box. */
function elements(box: Box, sizes: readonly number[]): readonly number[] {
  return box.reduce<readonly number[]>(
    (numbers, { first, last }, axis) =>
      numbers.flatMap((number) => Array.from({ length: last - first + 1 }, (_, i) => number * sizes[axis]! + first + i)),
    [0],
  );
}

/** Shapes with the same elements: the factors of one are put together differently in the other. */
const shapes = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 5 })
  .map((factors) => {
    const grouped = (side: 1 | 2): readonly number[] => {
      const sizes: number[] = [];
      for (const factor of factors) {
        if (factor[side] || sizes.length === 0) sizes.push(factor[0]);
        else sizes.push(sizes.pop()! * factor[0]);
      }
      return sizes;
    };
    return { from: grouped(1), to: grouped(2) };
  });

test('a box under another shape has the same elements, at least those that were asked for, and no more than it must', (t) => {
  fc.assert(
    fc.property(shapes, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), ({ from, to }, numbers) => {
      const draw = (below: number): number => Math.min(below - 1, Math.floor(numbers.next().value * below));
      const box = from.map((size): Interval => {
        const first = draw(size);
        return { first, last: first + draw(size - first) };
      });
      const grown = reshaped(box, from, to);
      const [there, back] = [elements(grown.to, to), elements(grown.from, from)];
      t.deepEqual(there, back);
      const set = new Set(back);
      t.true(elements(box, from).every((element) => set.has(element)));
      const again = reshaped(grown.from, from, to);
      t.true(isSameBox(again.from, grown.from), 'what fits does not grow');
    }),
    { numRuns: 500 },
  );
});

test('heads are consecutive features', (t) => {
  const heads: Box = [...wholeBox([1, 5]), { first: 1, last: 2 }, ...wholeBox([64])];
  const { from, to } = reshaped(heads, [1, 5, 3, 64], [1, 5, 192]);
  t.true(isSameBox(from, heads));
  t.deepEqual(to[2], { first: 64, last: 191 });
  // Half a head can't be had alone.
  t.deepEqual(sizesOf(reshaped([...wholeBox([1, 5]), { first: 0, last: 31 }], [1, 5, 192], [1, 5, 3, 64]).from), [1, 5, 32]);
});
