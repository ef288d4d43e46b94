import test from 'ava';
import fc from 'fast-check';
import { countOutcomes, rowOutcomes } from '../../../controller/bench/row-figures.ts';
import { summaryOf } from '../../../controller/bench/summary.ts';
import type { SweepRow } from '../../../controller/bench/sweep.ts';
import type { Outcome } from '../../../mesh/bench/outcome.ts';
import { cpuSweep, memorySweep, recordOf, spec, sweepOf } from '../report/sweep-fixture.ts';

const MIB = 2 ** 20;
const [warm] = spec.variants;
const outcomes: readonly Outcome[] = [
  { kind: 'ok' },
  { kind: 'out-of-memory' },
  { kind: 'thrashing' },
  { kind: 'timed-out' },
  { kind: 'crashed', code: 1 },
  { kind: 'refused', why: 'busy' },
  { kind: 'cancelled' },
];
const made = (kind: Outcome['kind'] | 'not-tried'): SweepRow['record'] =>
  kind === 'not-tried' ? undefined : recordOf({ outcome: outcomes.find((each) => each.kind === kind)!, timeMs: 10 });

/** A sweep with one variant: for each value what its repeats came to. */
const swept = (values: Readonly<Record<number, readonly (Outcome['kind'] | 'not-tried')[]>>) => {
  let row = 0;
  const rows = Object.entries(values).flatMap(([value, kinds]) =>
    kinds.map((kind, index) => ({ row: row++, value: Number(value), variant: warm!, repeat: index + 1, record: made(kind) })),
  );
  const { variants, ...rest } = summaryOf({ spec: { ...spec, variants: [warm!] } }, rows);
  return { ...variants[0]!, rest, failedAt: variants[0]!.failedBelow?.value, above: variants[0]!.failedAbove.map(({ value }) => value) };
};

test('the smallest with which all repeats were ok, and what failed below', (t) => {
  t.like(swept({ 64: ['out-of-memory', 'out-of-memory'], 128: ['ok', 'out-of-memory'], 192: ['ok', 'ok'], 256: ['ok', 'ok'] }), {
    smallest: { value: 192, repeats: 2 },
    failedAt: 128,
    unknownBetween: [],
    above: [],
  });
});

test('what was not tried, refused or cancelled is neither held nor failed', (t) => {
  const found = swept({
    64: ['out-of-memory'],
    96: ['refused'],
    128: ['not-tried'],
    160: ['cancelled'],
    192: ['ok', 'not-tried'],
    256: ['ok'],
  });
  t.like(found, { smallest: { value: 256, repeats: 1 }, failedAt: 64 });
  t.deepEqual(found.unknownBetween, [96, 128, 160, 192]);
  t.like(swept({ 64: ['not-tried'], 128: ['ok'] }), { smallest: { value: 128, repeats: 1 }, failedAt: undefined, unknownBetween: [64] });
});

test('of a sweep that was stopped: what is ok so far', (t) => {
  const found = swept({
    64: ['out-of-memory', 'not-tried'],
    128: ['not-tried', 'not-tried'],
    192: ['ok', 'not-tried'],
    256: ['ok', 'refused'],
  });
  t.like(found, { smallest: undefined, failedAt: 64, soFar: { value: 192 } });
  t.deepEqual([found.soFar?.outcomes.ok, found.soFar?.outcomes['not-tried']], [1, 1]);
  t.is(swept({ 192: ['ok', 'not-tried', 'crashed'], 256: ['ok'] }).soFar, undefined, 'it failed');
  t.is(swept({ 192: ['ok'], 256: ['ok', 'not-tried'] }).soFar, undefined, 'a smaller one is known to hold');
});

test('nothing held, nothing failed, nothing was tried', (t) => {
  t.like(swept({ 64: ['thrashing'], 128: ['crashed'] }), { smallest: undefined, failedAt: 128, unknownBetween: [] });
  t.like(swept({ 64: ['ok'], 128: ['ok'] }), { smallest: { value: 64, repeats: 1 }, failedAt: undefined });
  t.like(swept({ 64: ['not-tried'] }), { smallest: undefined, failedAt: undefined, unknownBetween: [64] });
  t.like(swept({}), { smallest: undefined, failedAt: undefined, unknownBetween: [], peakAtLargest: undefined });
});

test('a failure above the smallest is not hidden', (t) => {
  t.like(swept({ 64: ['ok'], 128: ['crashed'], 192: ['ok'] }), { smallest: { value: 64, repeats: 1 }, failedAt: undefined, above: [128] });
});

test('whatever came of the rows: each is counted once, and what is said was seen', (t) => {
  const kind = fc.constantFrom(...rowOutcomes);
  const values = fc.dictionary(fc.integer({ min: 1, max: 20 }).map(String), fc.array(kind, { minLength: 1, maxLength: 4 }), { maxKeys: 8 });
  fc.assert(
    fc.property(values, (asked) => {
      const found = swept(asked);
      t.is(
        Object.values(found.outcomes).reduce((sum, count) => sum + count, 0),
        Object.values(asked).flat().length,
      );
      t.deepEqual(found.rest.outcomes, found.outcomes);
      if (found.smallest !== undefined) {
        t.true(asked[found.smallest.value]!.every((each) => each === 'ok'));
        if (found.failedAt !== undefined) t.true(found.failedAt < found.smallest.value);
      }
      if (found.failedAt !== undefined) {
        t.true(asked[found.failedAt]!.some((each) => ['out-of-memory', 'thrashing', 'timed-out', 'crashed'].includes(each)));
      }
      for (const value of found.unknownBetween) t.false(asked[value]!.every((each) => each === 'ok'));
    }),
  );
});

test('a sweep of memory, warm and cold', (t) => {
  const { sweep, rows } = memorySweep();
  const { variants, outcomes: counts, swap, mode, limit } = summaryOf(sweep, rows);
  t.deepEqual([mode, limit, swap], ['infer', 'memory', []]);
  t.deepEqual(counts, countOutcomes(rows));
  t.like(variants[0], { smallest: { value: 256, repeats: 5 }, knee: undefined, peakAtLargest: { value: 1024 } });
  const { bytes, unreclaimableBytes } = variants[0]!.peakAtLargest!;
  t.true(Math.abs(unreclaimableBytes! - bytes / 2) <= 1);
  t.true(variants[0]!.peakAtLargest!.bytes > 318 * MIB && variants[0]!.peakAtLargest!.bytes < 324 * MIB);
  t.is(variants[0]!.failedBelow?.value, 192);
  t.is(variants[1]!.failedBelow?.outcomes.thrashing, 5);
});

test('a sweep of CPU has its knee', (t) => {
  const { sweep, rows } = cpuSweep();
  const { variants } = summaryOf(sweep, rows);
  t.is(variants[0]!.knee, 0.4);
  t.like(variants[0], { smallest: { value: 0.1, repeats: 3 }, failedBelow: undefined });
});

test('swap: the same limit with and without', (t) => {
  const variants = [warm!, { pageCache: 'warm' as const, swapBytes: 256 * MIB }];
  const { sweep, rows } = sweepOf({ variants }, [128, 256], 3, ({ value, variant, repeat }) =>
    value === 128 && variant.swapBytes === undefined
      ? made('out-of-memory')
      : recordOf({ timeMs: (variant.swapBytes === undefined ? 20 : 30) + repeat }),
  );
  const [swap, ...more] = summaryOf(sweep, rows).swap;
  t.deepEqual(more, []);
  t.like(swap, { pageCache: 'warm', swapBytes: 256 * MIB });
  const [low, high] = swap!.values;
  t.like(low, { value: 128, timeRatio: undefined });
  t.deepEqual([low!.without['out-of-memory'], low!.with.ok], [3, 3]);
  t.is(high!.value, 256);
  t.true(Math.abs(high!.timeRatio! - 32 / 22) < 1e-12);
});

test('offline the time is that of a sample', (t) => {
  const record = recordOf({ timeMs: 10 });
  const { latencyMs: _, ...load } = record.load!;
  const rows = [1, 2, 3, 4].map((value) => ({
    ...{ row: value, value, variant: warm!, repeat: 1 },
    record: { ...record, load: { ...load, samplesPerS: value <= 2 ? 100 * value : 200 + value } },
  }));
  t.is(summaryOf({ spec: { ...spec, limit: 'cpu', variants: [warm!] } }, rows).variants[0]!.knee, 2);
});
