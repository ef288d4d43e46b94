import test from 'ava';
import fc from 'fast-check';
import { limitValues, plannedRows, runSweep } from '../../../controller/bench/run-sweep.ts';
import type { SweepRow, SweepSearch, SweepVariant } from '../../../controller/bench/sweep.ts';
import type { BenchRecord } from '../../../mesh/bench/record.ts';

const warm: SweepVariant = { pageCache: 'warm', swapBytes: undefined };
const cold: SweepVariant = { pageCache: 'cold', swapBytes: undefined };

/** What a device would say that needs so many MiB, by variant; `used` is what it uses without pressure. */
function deviceOf(needs: Readonly<Record<string, number>>, used = 100) {
  const order: string[] = [];
  const kept: SweepRow[] = [];
  let left = Number.POSITIVE_INFINITY;
  return {
    order,
    kept,
    /** It is gone after so many runs. */
    dieAfter: (runs: number) => {
      left = runs;
    },
    tools: {
      measure: async ({ value, variant, repeat }: SweepRow): Promise<BenchRecord> => {
        if (left === 0) throw new Error('gone');
        left -= 1;
        order.push(`${value} ${variant.pageCache} ${repeat}`);
        const kind = value >= needs[variant.pageCache]! ? 'ok' : 'out-of-memory';
        return { outcome: { kind }, use: { peakUnreclaimableBytes: used * 2 ** 20 } } as BenchRecord;
      },
      keep: async (row: SweepRow): Promise<void> => void kept.push(row),
    },
  };
}

test('values go from one end to the other, both included, without the noise of binary fractions', (t) => {
  t.deepEqual(limitValues(1024, 768, 64), [1024, 960, 896, 832, 768]);
  t.deepEqual(limitValues(0.1, 0.5, 0.1), [0.1, 0.2, 0.3, 0.4, 0.5]);
  t.deepEqual(limitValues(100, 30, 40), [100, 60]);
  t.deepEqual(limitValues(5, 5, 1), [5]);
});

test('every limit, variant and repeat is a row from the beginning, in rounds', (t) => {
  const rows = plannedRows({ search: { kind: 'steps', values: [2, 1], repeat: 2 }, variants: [warm, cold] });
  t.deepEqual(
    rows.map(({ row, value, variant, repeat }) => `${row}: ${value} ${variant.pageCache} ${repeat}`),
    ['0: 2 warm 1', '1: 2 cold 1', '2: 1 warm 1', '3: 1 cold 1', '4: 2 warm 2', '5: 2 cold 2', '6: 1 warm 2', '7: 1 cold 2'],
  );
  t.true(rows.every(({ record }) => record === undefined));
});

test('all rows are measured in their order, whatever comes of them, and kept one by one', async (t) => {
  const spec = { search: { kind: 'steps', values: [200, 100], repeat: 2 } as const, variants: [warm] };
  const { tools, order, kept } = deviceOf({ warm: 150 });
  const rows = await runSweep(spec, plannedRows(spec), tools);
  t.deepEqual(order, ['200 warm 1', '100 warm 1', '200 warm 2', '100 warm 2']);
  t.deepEqual(
    rows.map(({ record }) => record!.outcome.kind),
    ['ok', 'out-of-memory', 'ok', 'out-of-memory'],
  );
  t.deepEqual(kept, rows);
});

const searches: readonly SweepSearch[] = [
  { kind: 'steps', values: [300, 200, 100], repeat: 2 },
  { kind: 'minimum', from: 1024, floor: 8 },
];

for (const search of searches) {
  test(`a sweep that was killed goes on where it stopped, and finds the same: ${search.kind}`, async (t) => {
    const property = fc.asyncProperty(
      fc.integer({ min: 8, max: 1100 }),
      fc.integer({ min: 8, max: 1100 }),
      fc.nat(24),
      async (one, two, death) => {
        const spec = { search, variants: [warm, cold] };
        const undisturbed = deviceOf({ warm: one, cold: two }, one);
        const expected = await runSweep(spec, plannedRows(spec), undisturbed.tools);
        const killed = deviceOf({ warm: one, cold: two }, one);
        killed.dieAfter(death);
        await runSweep(spec, plannedRows(spec), killed.tools).catch(() => {});
        killed.dieAfter(Number.POSITIVE_INFINITY);
        // What the store has: planned rows, and in their place those that were kept.
        const stored = new Map([...plannedRows(spec), ...killed.kept].map((row) => [row.row, row]));
        const rows = await runSweep(spec, [...stored.values()], killed.tools);
        t.deepEqual(rows, expected);
        t.deepEqual(killed.order, undisturbed.order);
      },
    );
    await fc.assert(property, { numRuns: 60 });
    t.pass();
  });
}

test('a search takes at most twelve runs for each variant, and three of them at the edge it found', async (t) => {
  const { tools, order } = deviceOf({ warm: 137, cold: 151 }, 130);
  const rows = await runSweep({ search: { kind: 'minimum', from: 1024, floor: 8 }, variants: [warm, cold] }, [], tools);
  for (const [variant, edge] of [
    [warm, 137],
    [cold, 151],
  ] as const) {
    const own = rows.filter((row) => row.variant === variant);
    t.true(own.length <= 12);
    t.is(own.filter(({ value }) => value === edge).length, 3);
    t.deepEqual(
      own.filter(({ value }) => value === edge).map(({ repeat }) => repeat),
      [1, 2, 3],
    );
    t.true(own.some(({ value, record }) => value === edge - 1 && record!.outcome.kind === 'out-of-memory'));
  }
  t.is(order.length, rows.length);
});

for (const search of searches) {
  test(`a run that its device cancelled ends the sweep, and is tried again: ${search.kind}`, async (t) => {
    const spec = { search, variants: [warm] };
    const { tools, kept } = deviceOf({ warm: 150 });
    let runs = 0;
    const measure = async (row: SweepRow): Promise<BenchRecord> => {
      runs += 1;
      const record = await tools.measure(row);
      return runs === 3 ? { ...record, outcome: { kind: 'cancelled' } } : record;
    };
    await t.throwsAsync(runSweep(spec, plannedRows(spec), { ...tools, measure }), { code: 'lost' });
    t.is(kept.at(-1)!.record!.outcome.kind, 'cancelled', 'it is a row all the same');
    const numbered = new Map([...plannedRows(spec), ...kept].map((row) => [row.row, row]));
    const resumed = await runSweep(spec, [...numbered.values()], tools);
    const undisturbed = await runSweep(spec, plannedRows(spec), deviceOf({ warm: 150 }).tools);
    const seen = (rows: readonly SweepRow[]): string[] =>
      rows
        .filter(({ record }) => record!.outcome.kind !== 'cancelled')
        .map(({ value, record }) => `${value} ${record!.outcome.kind}`)
        .toSorted();
    t.deepEqual(seen(resumed), seen(undisturbed));
  });
}
