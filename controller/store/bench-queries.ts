/** Reading and writing sweeps and single benchmark runs: SQL in, packed records out. Synchronous; the worker thread calls it. */
import type { DatabaseSync } from 'node:sqlite';
import { MeshError } from '../../mesh/error.ts';
import type { Sweep, SweepSpec } from '../bench/sweep.ts';
import type { BenchAnswers, BenchHead, BenchRequest, PackedBench, PackedRow, SweepCount } from './bench-records.ts';
import type { StoreRequest } from './records.ts';
import { inTransaction } from './transaction.ts';

type Kind = BenchRequest['kind'];

const answers: { readonly [K in Kind]: (database: DatabaseSync, request: Extract<BenchRequest, { kind: K }>) => BenchAnswers[K] } = {
  'begin-sweep': beginSweep,
  'add-sweep-row': addRow,
  'set-sweep-status': setStatus,
  'reopen-sweep': reopen,
  sweeps: (database) => sweeps(database),
  'find-sweep': (database, { name }) => named(sweeps(database), name, ({ sweep }) => sweep),
  'sweep-rows': rowsOf,
  'sweep-counts': (database) =>
    database.prepare('SELECT sweep, outcome, COUNT(*) AS rows FROM sweep_row GROUP BY sweep, outcome').all() as unknown as SweepCount[],
  'add-bench': addBench,
  benches: (database) => benches(database),
  'find-bench': (database, { name }) =>
    named(benches(database), name, ({ bench }) => bench).map((head) => ({ ...head, record: recordOf(database, head.bench) })),
};

export function isBenchRequest(request: StoreRequest): request is BenchRequest {
  return Object.hasOwn(answers, request.kind);
}

export function answerOfBenches(database: DatabaseSync, request: BenchRequest): BenchAnswers[Kind] {
  const work = answers[request.kind] as (database: DatabaseSync, request: BenchRequest) => BenchAnswers[Kind];
  return work(database, request);
}

/** One transaction. What is there already stays: a sweep that goes on where it stopped keeps its results. */
function beginSweep(database: DatabaseSync, { sweep, rows }: Extract<BenchRequest, { kind: 'begin-sweep' }>): undefined {
  inTransaction(database, () => {
    database
      .prepare('INSERT OR IGNORE INTO sweep (sweep, started_ms, spec, status, error) VALUES (?, ?, ?, ?, ?)')
      .run(sweep.sweep, sweep.startedMs, JSON.stringify(sweep.spec), sweep.status, sweep.error ?? null);
    for (const row of rows) writeRow(database, 'IGNORE', sweep.sweep, row);
  });
}

function addRow(database: DatabaseSync, { sweep, row }: Extract<BenchRequest, { kind: 'add-sweep-row' }>): undefined {
  writeRow(database, 'REPLACE', sweep, row);
}

function writeRow(database: DatabaseSync, otherwise: 'IGNORE' | 'REPLACE', sweep: string, row: PackedRow): void {
  const { variant, result } = row;
  database
    .prepare(
      `INSERT OR ${otherwise} INTO sweep_row (sweep, place, value, page_cache, swap_bytes, repeat, outcome, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      sweep,
      row.row,
      row.value,
      variant.pageCache,
      variant.swapBytes ?? null,
      row.repeat,
      result?.outcome ?? null,
      result?.record ?? null,
    );
}

function setStatus(database: DatabaseSync, { sweep, status, error }: Extract<BenchRequest, { kind: 'set-sweep-status' }>): undefined {
  const { changes } = database.prepare('UPDATE sweep SET status = ?, error = ? WHERE sweep = ?').run(status, error ?? null, sweep);
  if (changes === 0) throw new MeshError('not-found', `there is no sweep "${sweep}"`);
}

function reopen(database: DatabaseSync, { sweep, spec }: Extract<BenchRequest, { kind: 'reopen-sweep' }>): undefined {
  setStatus(database, { kind: 'set-sweep-status', sweep, status: 'unfinished', error: undefined });
  database.prepare('UPDATE sweep SET spec = ? WHERE sweep = ?').run(JSON.stringify(spec), sweep);
}

/** Newest first. */
function sweeps(database: DatabaseSync): Sweep[] {
  const found = database.prepare('SELECT sweep, started_ms, spec, status, error FROM sweep ORDER BY started_ms DESC, sweep DESC').all();
  return found.map((row) => ({
    sweep: row.sweep as string,
    startedMs: row.started_ms as number,
    spec: specOf(row.spec as string),
    status: row.status as Sweep['status'],
    error: (row.error as string | null) ?? undefined,
  }));
}

/** JSON leaves out what is undefined. */
function specOf(text: string): SweepSpec {
  const spec = JSON.parse(text) as SweepSpec;
  return { ...spec, variants: spec.variants.map(({ pageCache, swapBytes }) => ({ pageCache, swapBytes })) };
}

function rowsOf(database: DatabaseSync, { sweep }: Extract<BenchRequest, { kind: 'sweep-rows' }>): PackedRow[] {
  const found = database
    .prepare('SELECT place, value, page_cache, swap_bytes, repeat, outcome, record FROM sweep_row WHERE sweep = ? ORDER BY place')
    .all(sweep);
  return found.map((row) => ({
    row: row.place as number,
    value: row.value as number,
    variant: { pageCache: row.page_cache as PackedRow['variant']['pageCache'], swapBytes: (row.swap_bytes as number | null) ?? undefined },
    repeat: row.repeat as number,
    result: row.record === null ? undefined : ({ outcome: row.outcome, record: row.record } as NonNullable<PackedRow['result']>),
  }));
}

function addBench(database: DatabaseSync, { bench }: Extract<BenchRequest, { kind: 'add-bench' }>): undefined {
  const { bench: name, startedMs, title, device, outcome, record } = bench;
  database.prepare('INSERT OR REPLACE INTO bench VALUES (?, ?, ?, ?, ?, ?)').run(name, startedMs, title, device, outcome, record);
}

/** Newest first. */
function benches(database: DatabaseSync): BenchHead[] {
  const found = database
    .prepare('SELECT bench, started_ms AS startedMs, title, device, outcome FROM bench ORDER BY started_ms DESC, bench DESC')
    .all();
  return found.map((row) => ({ ...row }) as unknown as BenchHead);
}

function recordOf(database: DatabaseSync, bench: string): PackedBench['record'] {
  return database.prepare('SELECT record FROM bench WHERE bench = ?').get(bench)!.record as Uint8Array;
}

/** Those whose name starts so, of a list newest first; `last` is the newest. */
function named<T>(all: readonly T[], name: string, nameOf: (one: T) => string): T[] {
  if (name === 'last') return all.slice(0, 1);
  const exact = all.filter((one) => nameOf(one) === name);
  return exact.length > 0 ? exact : all.filter((one) => nameOf(one).startsWith(name));
}
