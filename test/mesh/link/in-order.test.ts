import test from 'ava';
import fc from 'fast-check';
import { InOrder } from '../../../mesh/link/in-order.ts';

test('whatever the order of arrival, frames go on in the order of their ids, each once and as soon as it can', (t) => {
  const situation = fc
    .record({
      pattern: fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
      count: fc.integer({ min: 1, max: 20 }),
      first: fc.nat({ max: 20 }),
    })
    .filter(({ pattern }) => pattern.includes(true))
    .chain(({ pattern, count, first }) => {
      const ids = Array.from({ length: count * pattern.length }, (_, index) => first + index).filter((id) => pattern[id % pattern.length]);
      return fc.record({
        pattern: fc.constant(pattern),
        first: fc.constant(first),
        ids: fc.constant(ids),
        arrivals: fc.shuffledSubarray(ids, { minLength: ids.length }),
      });
    });
  fc.assert(
    fc.property(situation, ({ pattern, first, ids, arrivals }) => {
      const order = new InOrder<number>(BigInt(first), (id) => pattern[Number(id) % pattern.length]!);
      const gone: number[] = [];
      const arrived = new Set<number>();
      for (const id of arrivals) {
        arrived.add(id);
        gone.push(...order.add(BigInt(id), id));
        const waiting = ids.findIndex((each) => !arrived.has(each));
        t.deepEqual(gone, waiting < 0 ? ids : ids.slice(0, waiting));
      }
    }),
  );
});
