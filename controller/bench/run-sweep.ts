/**
 * Carries a sweep out, from its beginning or from where it stopped: what was measured is not measured again. A run that was cancelled (its agent was
 * stopped) says nothing about the limit: it ends the sweep, and is tried again when that goes on.
 *
 *     steps     rows that were not measured, in their order ──▶ measure ──▶ keep
 *     minimum   findMinimum asks for a limit ──▶ measured before? that one : measure ──▶ keep          it asks the same again, given the same answers
 */
import type { BenchRecord } from '../../mesh/bench/record.ts';
import { MeshError } from '../../mesh/error.ts';
import { findMinimum, MINIMUM_OPTIONS, type Minimum } from './find-minimum.ts';
import type { LimitValue, SweepRow, SweepSearch, SweepSpec, SweepVariant } from './sweep.ts';

export interface SweepTools {
  /** One run. What comes of it is in its record; it rejects when there is none, which ends the sweep. */
  readonly measure: (row: SweepRow) => Promise<BenchRecord>;
  /** Returns when it can't be lost any more. */
  readonly keep: (row: SweepRow) => Promise<void>;
}

/** All that is to be tried, as far as it is known before. */
export function plannedRows({ search, variants }: Pick<SweepSpec, 'search' | 'variants'>): SweepRow[] {
  if (search.kind === 'minimum') return [];
  const rounds = Array.from({ length: search.repeat }, (_, round) =>
    search.values.flatMap((value) => variants.map((variant) => ({ value, variant, repeat: round + 1, record: undefined }))),
  );
  return rounds.flat().map((row, index) => ({ row: index, ...row }));
}

/** Limits from one to the other, both included where the step allows. In any direction. */
export function limitValues(from: LimitValue, to: LimitValue, step: LimitValue): LimitValue[] {
  const count = Math.floor(Math.abs(from - to) / step + 1e-9) + 1;
  const direction = from > to ? -1 : 1;
  // Steps of a tenth add up to numbers that nobody asked for.
  return Array.from({ length: count }, (_, index) => Number((from + direction * index * step).toFixed(6)));
}

/** Returns all rows. */
export async function runSweep(
  spec: Pick<SweepSpec, 'search' | 'variants'>,
  rows: readonly SweepRow[],
  tools: SweepTools,
): Promise<SweepRow[]> {
  const { search, variants } = spec;
  const found = [...rows];
  if (search.kind === 'minimum') {
    for (const variant of variants) await minimum(search, variant, found, tools);
    return found;
  }
  for (const [index, row] of found.entries()) if (!isMeasured(row)) found[index] = await measured(row, tools);
  return found;
}

async function minimum(
  search: Extract<SweepSearch, { kind: 'minimum' }>,
  variant: SweepVariant,
  found: SweepRow[],
  tools: SweepTools,
): Promise<Minimum> {
  const before = found.filter((row) => isSame(row.variant, variant) && isMeasured(row));
  const attempt = async (value: LimitValue) => {
    const known = before.findIndex((row) => row.value === value);
    let row: SweepRow;
    if (known >= 0) row = before.splice(known, 1)[0]!;
    else {
      const repeat = found.filter((other) => other.value === value && isSame(other.variant, variant)).length + 1;
      row = await measured({ row: found.length, value, variant, repeat, record: undefined }, tools);
      found.push(row);
    }
    const { outcome, use } = row.record!;
    const bytes = use.peakUnreclaimableBytes ?? use.peakMemoryBytes;
    return { holds: outcome.kind === 'ok', used: bytes === undefined ? undefined : bytes / 2 ** 20 };
  };
  return await findMinimum(attempt, { from: search.from, floor: search.floor, ...MINIMUM_OPTIONS });
}

async function measured(row: SweepRow, { measure, keep }: SweepTools): Promise<SweepRow> {
  const done = { ...row, record: await measure(row) };
  await keep(done);
  if (!isMeasured(done)) throw new MeshError('lost', 'the device ended the run: its agent was stopped');
  return done;
}

/** Not so: never tried, or cancelled. */
export function isMeasured({ record }: SweepRow): boolean {
  return record !== undefined && record.outcome.kind !== 'cancelled';
}

function isSame(a: SweepVariant, b: SweepVariant): boolean {
  return a.pageCache === b.pageCache && a.swapBytes === b.swapBytes;
}
