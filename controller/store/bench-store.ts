/**
 * Sweeps and benchmark runs, on disk. A sweep takes hours, so each of its rows is written when it was measured: await `addSweepRow`, and a controller that
 * is killed loses at most the row that it was measuring.
 *
 *     beginSweep: all rows, none tried ──▶ addSweepRow ─▶ addSweepRow ─▶ ✗ killed … reopenSweep ──▶ addSweepRow ──▶ endSweep
 */
import { deflateSync, inflateSync } from 'node:zlib';
import type { BenchRecord } from '../../mesh/bench/record.ts';
import { MeshError } from '../../mesh/error.ts';
import { decodeBenchRecord, encodeBenchRecord } from '../../mesh/wire-bench-record.ts';
import type { Sweep, SweepRow, SweepSpec, SweepStatus } from '../bench/sweep.ts';
import type { Sample } from '../profiler/sample.ts';
import type { BenchHead, PackedRecord, PackedRow, SweepCount } from './bench-records.ts';
import { packSamples } from './packed-samples.ts';
import { theOne } from './the-one.ts';
import { StoreThread } from './thread.ts';

export interface StoredBench extends BenchHead {
  readonly record: BenchRecord;
}

const HINT = 'controller bench list lists them';

/** Records have a bounded number of samples, some hundred kilobytes; what unpacks to more than this is damaged. */
const RECORD_BYTES_MAX = 64 * 1024 * 1024;

export class BenchStore implements AsyncDisposable {
  readonly #thread: StoreThread;

  private constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  /** In this folder, which is made. Errors of the database itself come with the first request. */
  static async open(folder: string): Promise<BenchStore> {
    return new BenchStore(await StoreThread.start(folder));
  }

  /** With all the rows that are planned. Idempotent: what is there already stays as it is. */
  beginSweep(sweep: Sweep, rows: readonly SweepRow[]): Promise<undefined> {
    return this.#thread.ask({ kind: 'begin-sweep', sweep, rows: rows.map(packed) });
  }

  /** A result, or a row that was not planned from the beginning. In place of the row of that number. */
  addSweepRow(sweep: string, row: SweepRow): Promise<undefined> {
    return this.#thread.ask({ kind: 'add-sweep-row', sweep, row: packed(row) });
  }

  /** Error `not-found`, as for {@link reopenSweep}. */
  endSweep(sweep: string, status: Exclude<SweepStatus, 'unfinished'>, error: string | undefined): Promise<undefined> {
    return this.#thread.ask({ kind: 'set-sweep-status', sweep, status, error });
  }

  /** It is to go on: unfinished again, on a device that is known now. */
  reopenSweep(sweep: string, spec: SweepSpec): Promise<undefined> {
    return this.#thread.ask({ kind: 'reopen-sweep', sweep, spec });
  }

  /** Newest first. */
  sweeps(): Promise<readonly Sweep[]> {
    return this.#thread.ask({ kind: 'sweeps' });
  }

  /** How many rows of each sweep came to what, without reading their records. */
  sweepCounts(): Promise<readonly SweepCount[]> {
    return this.#thread.ask({ kind: 'sweep-counts' });
  }

  /** The sweep of this name, or the beginning of it, or `last`. Error `not-found`; `usage` when several begin so. */
  async findSweep(name: string): Promise<Sweep> {
    const found = await this.#thread.ask({ kind: 'find-sweep', name });
    return theOne({ what: 'sweep', name, found, nameOf: ({ sweep }) => sweep, hint: HINT });
  }

  /**
   * The sweep of this name, or all of the study of this name, in their order; or the beginning of a name; `last` is the newest, with its study. Errors as
   * {@link findSweep}.
   */
  async findSweeps(name: string): Promise<readonly Sweep[]> {
    const all = await this.sweeps();
    const exact = all.find(({ sweep }) => sweep === name);
    if (exact !== undefined) return [exact];
    const nameOf = ({ sweep, spec }: Sweep): string => spec.study ?? sweep;
    const near = name === 'last' ? all.slice(0, 1) : all.filter((each) => nameOf(each).startsWith(name) || each.sweep.startsWith(name));
    const names = [...new Set(near.map(nameOf))];
    const found = theOne({ what: 'sweep', name, found: names, nameOf: (each) => each, hint: HINT });
    return all.filter((each) => nameOf(each) === found).toReversed();
  }

  /** In the order of their numbers. Error `invalid` when a record is damaged. */
  async sweepRows(sweep: string): Promise<readonly SweepRow[]> {
    return (await this.#thread.ask({ kind: 'sweep-rows', sweep })).map(unpacked);
  }

  /** In place of the run of that name. */
  addBench({ record, ...head }: Omit<StoredBench, 'outcome'>): Promise<undefined> {
    return this.#thread.ask({ kind: 'add-bench', bench: { ...head, ...packedRecord(record) } });
  }

  /** What a benchmark showed, to predict times from. */
  async addSamples(samples: readonly Sample[]): Promise<void> {
    if (samples.length > 0) await this.#thread.ask({ kind: 'add-samples', packed: packSamples(samples) });
  }

  /** Newest first. */
  benches(): Promise<readonly BenchHead[]> {
    return this.#thread.ask({ kind: 'benches' });
  }

  /** As {@link findSweep}. */
  async findBench(name: string): Promise<StoredBench> {
    const all = await this.#thread.ask({ kind: 'find-bench', name });
    const found = theOne({ what: 'benchmark run', name, found: all, nameOf: ({ bench }) => bench, hint: HINT });
    return { ...found, record: unpackedRecord(found.record) };
  }

  /** Resolves when everything asked before is written. Idempotent. */
  close(): Promise<void> {
    return this.#thread.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function packed({ record, ...row }: SweepRow): PackedRow {
  return { ...row, result: record === undefined ? undefined : packedRecord(record) };
}

function unpacked({ result, ...row }: PackedRow): SweepRow {
  return { ...row, record: result === undefined ? undefined : unpackedRecord(result.record) };
}

function packedRecord(record: BenchRecord): PackedRecord {
  return { outcome: record.outcome.kind, record: deflateSync(encodeBenchRecord(record)) };
}

function unpackedRecord(bytes: Uint8Array): BenchRecord {
  try {
    return decodeBenchRecord(inflateSync(bytes, { maxOutputLength: RECORD_BYTES_MAX }));
  } catch (error) {
    throw new MeshError('invalid', `a record of the store is damaged: ${(error as Error).message}`, { cause: error });
  }
}
