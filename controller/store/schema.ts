/**
 * The database of runs: one file, SQLite in WAL mode, so that `controller runs` reads while a run writes. `user_version` is the version of
 * this layout; an older one is brought up to date, a newer one is refused.
 *
 *     run ─┬─ frame        there and back, one row per frame
 *          ├─ stage_frame  one row per frame and stage
 *          └─ link_frame   one row per frame and route
 *     sweep ── sweep_row   one row per value, variant and repeat, from the beginning; its record when it was tried
 *     bench                one row per benchmark run that belongs to no sweep
 *     descriptor ─┬─ task ─┬─ task_run   one execution of a benchmark; the runs it took
 *                 │        └─ point      what it added to the history of each metric
 *                 └─ schedule            alarm: what was noticed in a history
 *     collection ── collection_job ── sample ── kernel_list     what was measured to predict times from; samples of runs and benchmarks belong to no job
 */
import { DatabaseSync } from 'node:sqlite';
import { MeshError } from '../../mesh/error.ts';

/** "splm": tells our database from others. */
const APPLICATION_ID = 0x73706c6d;

/** Entry i brings version i to version i + 1. Never edit one that was released; append. */
const migrations: readonly string[] = [
  `
  CREATE TABLE run (
    run TEXT PRIMARY KEY,
    -- The run this one was made for: the unsplit model that a split one is compared with.
    parent TEXT,
    started_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    model TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('unfinished', 'done', 'failed', 'cancelled')),
    error TEXT,
    plan TEXT NOT NULL,
    report TEXT
  ) STRICT;
  CREATE TABLE frame (
    run TEXT NOT NULL, frame INTEGER NOT NULL, start_ms REAL NOT NULL, latency_ms REAL NOT NULL,
    PRIMARY KEY (run, frame)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE stage_frame (
    run TEXT NOT NULL, stage TEXT NOT NULL, frame INTEGER NOT NULL, device TEXT NOT NULL,
    queue_us INTEGER NOT NULL, decode_us INTEGER NOT NULL, compute_us INTEGER NOT NULL, encode_us INTEGER NOT NULL,
    PRIMARY KEY (run, stage, frame)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE link_frame (
    run TEXT NOT NULL, producer TEXT NOT NULL, consumer TEXT NOT NULL, frame INTEGER NOT NULL,
    raw_bytes INTEGER NOT NULL, wire_bytes INTEGER NOT NULL, transfer_us INTEGER NOT NULL, codec TEXT NOT NULL,
    PRIMARY KEY (run, producer, consumer, frame)
  ) STRICT, WITHOUT ROWID;
  `,
  // 0 in rows of version 1: not measured then.
  `
  ALTER TABLE link_frame ADD COLUMN occupied_us INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE link_frame ADD COLUMN encode_us INTEGER NOT NULL DEFAULT 0;
  `,
  // The frame's place in the input, where some may have been dropped; null: the same as its number.
  `
  ALTER TABLE frame ADD COLUMN input INTEGER;
  `,
  // Records are messages of proto/mesh/v1/bench.proto, deflated: their series of samples shrink to a few per cent.
  `
  CREATE TABLE sweep (
    sweep TEXT PRIMARY KEY,
    started_ms INTEGER NOT NULL,
    spec TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('unfinished', 'done', 'failed', 'cancelled')),
    error TEXT
  ) STRICT;
  CREATE TABLE sweep_row (
    sweep TEXT NOT NULL REFERENCES sweep (sweep), place INTEGER NOT NULL,
    value REAL NOT NULL, page_cache TEXT NOT NULL, swap_bytes INTEGER, repeat INTEGER NOT NULL,
    -- Both null: not tried.
    outcome TEXT, record BLOB,
    PRIMARY KEY (sweep, place),
    CHECK ((outcome IS NULL) = (record IS NULL))
  ) STRICT;
  CREATE TABLE bench (
    bench TEXT PRIMARY KEY,
    started_ms INTEGER NOT NULL, title TEXT NOT NULL, device TEXT NOT NULL,
    outcome TEXT NOT NULL, record BLOB NOT NULL
  ) STRICT;
  `,
  // Samples are those of controller/profiler/sample.ts, a column for each number; null: absent there.
  `
  CREATE TABLE collection (
    collection TEXT PRIMARY KEY,
    started_ms INTEGER NOT NULL,
    spec TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('unfinished', 'done', 'failed', 'cancelled')),
    error TEXT
  ) STRICT;
  CREATE TABLE collection_job (
    collection TEXT NOT NULL REFERENCES collection (collection), job INTEGER NOT NULL,
    -- JSON: on what device and under which circumstance what is to be measured.
    plan TEXT NOT NULL,
    -- Null: not tried. Empty: measured. Else why it could not be.
    failure TEXT,
    PRIMARY KEY (collection, job)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE kernel_list (
    -- SHA-256 of the list.
    digest TEXT PRIMARY KEY,
    -- JSON, deflated: many samples have the same kernels.
    list BLOB NOT NULL
  ) STRICT;
  CREATE TABLE sample (
    run TEXT NOT NULL, source TEXT NOT NULL CHECK (source IN ('collect', 'run', 'bench')),
    -- Of its collection.
    job INTEGER,
    at_ms INTEGER NOT NULL, execution INTEGER NOT NULL,
    kind TEXT NOT NULL, model TEXT NOT NULL, family TEXT NOT NULL, part TEXT NOT NULL, sha256 TEXT NOT NULL,
    conv_layers INTEGER, pool_layers INTEGER, fc_layers INTEGER, filter_details INTEGER, total_parameters INTEGER,
    input_bytes INTEGER NOT NULL, output_bytes INTEGER NOT NULL,
    device TEXT NOT NULL, device_key TEXT NOT NULL, runtime_version TEXT NOT NULL,
    threads INTEGER NOT NULL, cores INTEGER NOT NULL, quota_cores REAL, memory_bytes INTEGER NOT NULL,
    load_cores INTEGER, load_duty REAL,
    age_ms REAL, cpu_busy_percent REAL, memory_used_percent REAL, disk_used_percent REAL,
    temperature_celsius REAL, frequency_mhz REAL, load_average REAL, probe_ms REAL,
    ms REAL NOT NULL, batches TEXT NOT NULL, count INTEGER NOT NULL, median_ms REAL NOT NULL, p90_ms REAL NOT NULL, min_ms REAL NOT NULL,
    read_bytes INTEGER, written_bytes INTEGER,
    kernel_list TEXT REFERENCES kernel_list (digest),
    -- Microseconds of each, 8 bytes little-endian; null with a list: kernels that were seen, not timed.
    kernel_us BLOB,
    -- Of the speed probe, when they were timed.
    kernel_probe_ms REAL
  ) STRICT;
  CREATE INDEX sample_run ON sample (run);
  `,
  // JSON: of the speed probe, beside each batch.
  `
  ALTER TABLE sample ADD COLUMN probes TEXT;
  `,
  // What history compares: (benchmark, metric, device, runtime, limits) is a series.
  `
  CREATE TABLE descriptor (
    -- SHA-256 of its text and of what it reads.
    digest TEXT PRIMARY KEY,
    name TEXT NOT NULL, text TEXT NOT NULL,
    -- JSON: path → SHA-256.
    sources TEXT NOT NULL
  ) STRICT;
  CREATE TABLE task (
    task TEXT PRIMARY KEY, submission TEXT NOT NULL, benchmark TEXT NOT NULL,
    descriptor TEXT NOT NULL REFERENCES descriptor (digest), assignment TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('hand', 'schedule', 'confirmation')),
    due_ms INTEGER NOT NULL, started_ms INTEGER, ended_ms INTEGER,
    status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled', 'missed')),
    error TEXT,
    -- Who runs it, when it last said so, and whether it is asked to stop.
    owner TEXT, beat_ms INTEGER, cancel INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX task_benchmark ON task (benchmark);
  CREATE TABLE task_run (
    task TEXT NOT NULL REFERENCES task (task), repeat INTEGER NOT NULL, rank INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('bench', 'run')), run TEXT NOT NULL,
    PRIMARY KEY (task, repeat, rank)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE point (
    benchmark TEXT NOT NULL, metric TEXT NOT NULL, device TEXT NOT NULL, runtime TEXT NOT NULL, limits TEXT NOT NULL,
    task TEXT NOT NULL REFERENCES task (task), at_ms INTEGER NOT NULL,
    -- The median, and JSON of all repeats.
    value REAL NOT NULL, vals TEXT NOT NULL, unit TEXT NOT NULL,
    better TEXT NOT NULL CHECK (better IN ('lower', 'higher')),
    PRIMARY KEY (benchmark, metric, device, runtime, limits, task)
  ) STRICT;
  CREATE INDEX point_task ON point (task);
  CREATE TABLE alarm (
    alarm TEXT PRIMARY KEY,
    benchmark TEXT NOT NULL, metric TEXT NOT NULL, device TEXT NOT NULL, runtime TEXT NOT NULL, limits TEXT NOT NULL,
    state TEXT NOT NULL, changed_ms INTEGER NOT NULL,
    -- JSON: first bad task, size, p, what its confirmation said.
    facts TEXT NOT NULL
  ) STRICT;
  CREATE TABLE schedule (
    benchmark TEXT PRIMARY KEY,
    descriptor TEXT NOT NULL REFERENCES descriptor (digest),
    considered_ms INTEGER NOT NULL
  ) STRICT;
  `,
];

export const SCHEMA_VERSION = migrations.length;

/** How long a writer waits for another controller's transaction. */
const BUSY_MS = 5_000;

/** Opens or creates it. Errors: `invalid` when the file is no database of ours or damaged, `conflict` when a newer release made it. */
export function openDatabase(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: BUSY_MS });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    upgrade(database, path);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof MeshError) throw error;
    throw explain(error as Error, path);
  }
}

function upgrade(database: DatabaseSync, path: string): void {
  const version = pragma(database, 'user_version');
  const owner = pragma(database, 'application_id');
  const empty = version === 0 && pragma(database, 'schema_version') === 0;
  if (!empty && owner !== APPLICATION_ID) {
    throw new MeshError('invalid', `${path} is a database, but not one of splitmesh`, {
      hint: 'move it away, or choose another folder with --data',
    });
  }
  if (version > SCHEMA_VERSION) {
    throw new MeshError('conflict', `${path} has layout version ${version}; this release knows versions up to ${SCHEMA_VERSION}`, {
      hint: 'a newer splitmesh made it: update this one, or choose another folder with --data',
    });
  }
  if (version === SCHEMA_VERSION) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Another controller may have been faster.
    for (let from = pragma(database, 'user_version'); from < SCHEMA_VERSION; from += 1) database.exec(migrations[from]!);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function pragma(database: DatabaseSync, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get() as Record<string, number>;
  return row[name]!;
}

function explain(error: Error, path: string): MeshError {
  const code = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
  const damaged = code === 11 || code === 26; // SQLITE_CORRUPT, SQLITE_NOTADB
  if (damaged) {
    return new MeshError('invalid', `${path} is damaged or no database: ${error.message}`, {
      hint: 'move it away (a new one is made), or choose another folder with --data',
      cause: error,
    });
  }
  return new MeshError('failed', `${path} can't be opened: ${error.message}`, { hint: 'choose another folder with --data', cause: error });
}
