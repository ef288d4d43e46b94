import test from 'ava';
import fc from 'fast-check';
import { inTurns, periodsFor, scheduled } from '../../../controller/codec/codec-schedule.ts';
import { ShadowFrames } from '../../../controller/codec/shadow-frames.ts';
import { CODEC_CYCLE_MAX, codecAt } from '../../../mesh/codec-cycle.ts';
import { greatestDivisor } from '../../../mesh/turns.ts';

const others = fc.integer({ min: 0, max: 14 }).map((count) => Array.from({ length: count }, (_, index) => `other${index}`));
const turns = fc
  .integer({ min: 1, max: 12 })
  .chain((of) => fc.record({ turnsOf: fc.constant(of), at: fc.integer({ min: 0, max: of - 1 }) }));
const every = fc.option(fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 31, max: 1000 })), { nil: undefined });

test('on every route, whatever its turns, each other codec comes by, seldom; shadows are lossless, and what they are compared with is as chosen', (t) => {
  fc.assert(
    fc.property(others, turns, every, (tried, { turnsOf, at }, shadowEvery) => {
      const shadows = shadowEvery === undefined ? undefined : new ShadowFrames(shadowEvery, turnsOf);
      const shadow = shadows === undefined ? undefined : { period: shadows.period, codec: 'lossless' };
      const cycle = scheduled({ codec: 'used', others: tried, shadow, turnsOf });
      t.true(cycle.length >= 1 && cycle.length <= CODEC_CYCLE_MAX, `${cycle.length} codecs`);
      const carried = Array.from({ length: cycle.length }, (_, index) => BigInt(at + index * turnsOf));
      const counts = Map.groupBy(carried, (id) => codecAt(cycle, id));
      const room = shadows === undefined || shadows.period >= 3;
      for (const other of tried) t.is(counts.get(other)?.length ?? 0, room ? 1 : 0, other);
      // Where periods are long a cycle has few of them, and less choice.
      if (room && (shadows?.period ?? 1) <= 64 && tried.length <= 12) t.true(cycle.length >= tried.length * 48, 'one in 64, about');
      if (shadows === undefined) return;
      for (let id = 0n; id < 2n * BigInt(cycle.length); id += 1n) {
        if (shadows.isShadow(id)) t.is(codecAt(cycle, id), 'lossless');
        if (shadows.isShadow(id + 1n)) t.is(codecAt(cycle, id), 'used');
      }
    }),
    { numRuns: 300 },
  );
});

test('a cycle of one codec is as short as that', (t) => {
  t.deepEqual(scheduled({ codec: 'none', others: [], shadow: { period: 21, codec: 'none' }, turnsOf: 1 }), ['none']);
});

test('codecs in turns come by on every route', (t) => {
  t.deepEqual(inTurns(['a', 'b', 'c'], 1), ['a', 'b', 'c']);
  t.deepEqual(inTurns(['a', 'b'], 2), ['a', 'b', 'a']);
  t.deepEqual(inTurns(['a', 'b', 'c'], 6), ['a', 'b', 'c', 'a', 'a']);
});

test('shadows come by on every route, at least as often as asked where that is possible', (t) => {
  t.like(new ShadowFrames(20), { every: 20, period: 21 });
  t.like(new ShadowFrames(20, 3), { every: 19, period: 20 });
  t.like(new ShadowFrames(1, 2), { every: 2, period: 3 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 5000 }), (wanted, period) => {
      const shadows = new ShadowFrames(wanted, period);
      return shadows.period >= 2 && shadows.period <= CODEC_CYCLE_MAX && greatestDivisor(shadows.period, period) === 1;
    }),
  );
});

test('a number without a common divisor is the next above, below where that is too much', (t) => {
  t.deepEqual(
    [periodsFor(6, 10, 1), periodsFor(6, 10, 2), periodsFor(6, 6, 2), periodsFor(0, 10, 4), periodsFor(20, 10, 3), periodsFor(2, 2, 2)],
    [6, 7, 5, 1, 10, 1],
  );
});
