import test from 'ava';
import fc from 'fast-check';
import { accuracyOf } from '../../../../controller/profiler/evaluation/metrics.ts';
import { placementOf } from '../../../../controller/profiler/evaluation/placement.ts';

const of = (...pairs: readonly (readonly [measured: number, predicted: number])[]) =>
  accuracyOf(pairs.map(([measured, predicted]) => ({ measured, predicted })))!;
const near = (value: number | null): number => Math.round(value! * 1e6) / 1e6;

test('the figures of four predictions, by hand', (t) => {
  const found = of([10, 10], [20, 21], [40, 44], [50, 35]);
  t.is(found.count, 4);
  t.is(near(found.maeMs), 5);
  t.is(near(found.rmseMs), near(Math.sqrt((0 + 1 + 16 + 225) / 4)));
  t.is(near(found.mape), near((0 + 0.05 + 0.1 + 0.3) / 4));
  t.is(found.within5, 0.5);
  t.is(found.within10, 0.75);
  // ȳ = 30: 400 + 100 + 100 + 400.
  t.is(near(found.r2), near(1 - 242 / 1000));
  // Ranks 1, 2, 3, 4 and 1, 2, 4, 3.
  t.is(near(found.spearman), near(1 - (6 * 2) / (4 * 15)));
});

test('equal values share their rank', (t) => {
  // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 ÷ √(4.5 × 5).
  t.is(near(of([1, 1], [2, 2], [2, 3], [3, 4]).spearman), near(4.5 / Math.sqrt(4.5 * 5)));
  t.is(of([1, 5], [2, 5]).spearman, null);
  t.is(of([2, 1], [2, 3]).r2, null);
  t.is(accuracyOf([]), null);
});

test('only the order matters to Spearman, and shares do not to units', (t) => {
  const times = fc.array(fc.tuple(fc.double({ min: 0.01, max: 1e4, noNaN: true }), fc.double({ min: 0.01, max: 1e4, noNaN: true })), {
    minLength: 2,
    maxLength: 40,
  });
  fc.assert(
    fc.property(times, (pairs) => {
      const plain = of(...pairs);
      const bent = of(...pairs.map(([measured, predicted]) => [measured, predicted ** 3] as const));
      const other = of(...pairs.map(([measured, predicted]) => [measured * 1024, predicted * 1024] as const));
      if (plain.spearman !== null) t.is(near(bent.spearman), near(plain.spearman));
      t.true(plain.spearman === null || Math.abs(plain.spearman) <= 1 + 1e-12);
      t.is(near(other.mape / (1 + plain.mape)), near(plain.mape / (1 + plain.mape)));
      t.true(plain.within5 <= plain.within10);
    }),
    { numRuns: 100 },
  );
});

const at = (what: string, place: string, measured: number, predicted: number) => ({ what, place, measured, predicted });

test('regret is what the predicted choice costs over the best', (t) => {
  const found = placementOf([
    ...[at('a', 'pi', 30, 9), at('a', 'nuc', 10, 10), at('a', 'jetson', 20, 11)],
    ...[at('b', 'pi', 40, 40), at('b', 'nuc', 5, 4)],
    // Nowhere else.
    at('c', 'pi', 1, 1),
  ])!;
  t.is(found.count, 2);
  t.is(found.hitRate, 0.5);
  t.is(found.regretMean, 1);
  t.is(found.regretP95, 2);
  t.is(near(found.regretOfChance), near(((2 + 0 + 1) / 3 + (7 + 0) / 2) / 2));
});

test('repeats count as their median, and places that are said to be equal as their mean', (t) => {
  const repeated = [...[10, 11, 300].map((ms) => at('a', 'nuc', ms, 10)), at('a', 'pi', 22, 12)];
  t.like(placementOf(repeated), { hitRate: 1, regretMean: 0 });
  t.like(placementOf([at('a', 'nuc', 10, 7), at('a', 'pi', 20, 7)]), { hitRate: 0.5, regretMean: 0.5 });
  t.is(placementOf([at('a', 'nuc', 10, 7)]), null);
});

test('who knows the times has no regret, and nobody less', (t) => {
  const points = fc.array(fc.tuple(fc.nat(5), fc.nat(3), fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 })), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(points, (rows) => {
      const unique = new Map(
        rows.map(([what, place, measured, predicted]) => [`${what} ${place}`, at(`${what}`, `${place}`, measured, predicted)]),
      );
      const said = placementOf([...unique.values()]);
      const known = placementOf([...unique.values()].map((point) => ({ ...point, predicted: point.measured })));
      if (said === null) return t.is(known, null);
      t.like(known, { hitRate: 1, regretMean: 0, regretP95: 0, regretOfChance: said.regretOfChance });
      t.true(said.regretMean >= 0);
    }),
    { numRuns: 100 },
  );
});
