/** Reading and writing runs: SQL in, records out. Synchronous; the worker thread calls it. */

import type { DatabaseSync } from 'node:sqlite';
import type { FrameRange, MeasuredRows, RowColumns, RunAnswers, RunEnd, RunRequest, RunStart, StoredRun } from './records.ts';
import { inTransaction } from './transaction.ts';

export function answerOfRuns(database: DatabaseSync, request: RunRequest): RunAnswers[RunRequest['kind']] {
  switch (request.kind) {
    case 'begin':
      return begin(database, request.start);
    case 'add':
      return add(database, request.run, request.rows);
    case 'end':
      return end(database, request.end);
    case 'list':
      return list(database);
    case 'find':
      return find(database, request.name);
    case 'rows':
      return rows(database, request.run, request.range);
    case 'columns':
      return columnsOf(database, request.run);
  }
}

function begin(database: DatabaseSync, { run, parent, startedMs, model, plan }: RunStart): undefined {
  database
    .prepare(
      `INSERT INTO run (run, parent, started_ms, model, status, plan) VALUES (?, ?, ?, ?, 'unfinished', ?)
       -- A run that is resumed by another process.
       ON CONFLICT (run) DO UPDATE SET status = 'unfinished', plan = excluded.plan`,
    )
    .run(run, parent ?? null, startedMs, model, plan);
}

function end(database: DatabaseSync, { run, endedMs, status, error, report }: RunEnd): undefined {
  database
    .prepare('UPDATE run SET ended_ms = ?, status = ?, error = ?, report = ? WHERE run = ?')
    .run(endedMs, status, error ?? null, report ?? null, run);
}

/** One transaction; a row that is there already stays. */
function add(database: DatabaseSync, run: string, { frames, stages, links }: MeasuredRows): undefined {
  inTransaction(database, () => {
    const frame = database.prepare('INSERT OR IGNORE INTO frame (run, frame, start_ms, latency_ms, input) VALUES (?, ?, ?, ?, ?)');
    for (const row of frames) frame.run(run, row.frame, row.startMs, row.latencyMs, row.index ?? null);
    const stage = database.prepare('INSERT OR IGNORE INTO stage_frame VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    for (const row of stages) {
      stage.run(run, row.stage, row.frame, row.device, whole(row.queueUs), whole(row.decodeUs), whole(row.computeUs), whole(row.encodeUs));
    }
    const link = database.prepare('INSERT OR IGNORE INTO link_frame VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    for (const row of links) {
      const { from, to, rawBytes, wireBytes, transferUs, codec, occupiedUs, encodeUs } = row;
      link.run(run, from, to, row.frame, rawBytes, wireBytes, whole(transferUs), codec, whole(occupiedUs), whole(encodeUs));
    }
  });
}

const columns = `run, started_ms AS startedMs, ended_ms AS endedMs, model, status, error, plan, report`;

/** Newest first, without those made for another. */
function list(database: DatabaseSync): StoredRun[] {
  return database.prepare(`SELECT ${columns} FROM run WHERE parent IS NULL ORDER BY started_ms DESC, run DESC`).all().map(storedRun);
}

/** Runs whose name starts so; `last` is the newest. */
function find(database: DatabaseSync, name: string): StoredRun[] {
  if (name === 'last') return list(database).slice(0, 1);
  const exact = database.prepare(`SELECT ${columns} FROM run WHERE run = ?`).all(name);
  if (exact.length > 0) return exact.map(storedRun);
  return list(database).filter((run) => run.run.startsWith(name));
}

function columnsOf(database: DatabaseSync, run: string): RowColumns {
  const all = (sql: string): Record<string, unknown>[] => database.prepare(sql).all(run);
  const [found] = all('SELECT COALESCE(MAX(frame) + 1, 0) AS frames, COUNT(input) > 0 AS dropping FROM frame WHERE run = ?');
  return {
    stages: all('SELECT DISTINCT stage FROM stage_frame WHERE run = ?').map(({ stage }) => stage as string),
    routes: all('SELECT DISTINCT producer AS "from", consumer AS "to" FROM link_frame WHERE run = ?') as unknown as RowColumns['routes'],
    frames: found!.frames as number,
    dropping: found!.dropping === 1,
  };
}

function rows(database: DatabaseSync, run: string, { first, end }: FrameRange): MeasuredRows {
  const all = (sql: string): unknown[] => {
    const statement = database.prepare(sql);
    return statement.all(run, first, end).map((row) => measured(row));
  };
  return {
    frames: all(
      'SELECT frame, input AS "index", start_ms AS startMs, latency_ms AS latencyMs FROM frame WHERE run = ? AND frame >= ? AND frame < ? ORDER BY frame',
    ) as MeasuredRows['frames'][number][],
    stages: all(
      `SELECT stage, device, frame, queue_us AS queueUs, decode_us AS decodeUs, compute_us AS computeUs, encode_us AS encodeUs
       FROM stage_frame WHERE run = ? AND frame >= ? AND frame < ? ORDER BY frame, stage`,
    ) as MeasuredRows['stages'][number][],
    links: all(
      `SELECT producer AS "from", consumer AS "to", frame, raw_bytes AS rawBytes, wire_bytes AS wireBytes, transfer_us AS transferUs,
       occupied_us AS occupiedUs, encode_us AS encodeUs, codec
       FROM link_frame WHERE run = ? AND frame >= ? AND frame < ? ORDER BY frame, producer, consumer`,
    ) as MeasuredRows['links'][number][],
  };
}

function measured(row: Record<string, unknown>): unknown {
  const present = Object.entries(row).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(present), frame: BigInt(row.frame as number) };
}

function storedRun(row: Record<string, unknown>): StoredRun {
  const present = Object.entries(row).map(([key, value]) => [key, value ?? undefined]);
  return Object.fromEntries(present) as StoredRun;
}

function whole(value: number): number {
  return Math.round(value);
}
