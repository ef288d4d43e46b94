/**
 * What times are predicted from, on disk: samples of collections, runs and benchmarks, and how far collections are. Await `addJob`: a controller that is
 * killed loses at most what it was measuring.
 *
 *     beginCollection: all jobs, none tried ──▶ addJob ─▶ failJob ─▶ ✗ killed … setStatus('unfinished') ──▶ addJob ──▶ setStatus('done')
 *     a run, a benchmark ──▶ add
 */
import type { Collection, CollectionStatus, Job, JobState } from '../profile/collection.ts';
import type { Sample } from '../profiler/sample.ts';
import { packSamples, unpackSamples } from './packed-samples.ts';
import type { SampleCount, SampleFilter } from './profile-records.ts';
import { theOne } from './the-one.ts';
import { StoreThread } from './thread.ts';

export class ProfileStore implements AsyncDisposable {
  readonly #thread: StoreThread;

  private constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  /** In this folder, which is made. Errors of the database itself come with the first request. */
  static async open(folder: string): Promise<ProfileStore> {
    return new ProfileStore(await StoreThread.start(folder));
  }

  /** Of runs and benchmarks. */
  async add(samples: readonly Sample[]): Promise<void> {
    if (samples.length > 0) await this.#thread.ask({ kind: 'add-samples', packed: packSamples(samples) });
  }

  /** In the order of their time. Error `invalid` when a list of kernels is damaged. */
  async samples(filter: SampleFilter = {}): Promise<readonly Sample[]> {
    return unpackSamples(await this.#thread.ask({ kind: 'samples', filter }));
  }

  /** The oldest run first. */
  sampleCounts(): Promise<readonly SampleCount[]> {
    return this.#thread.ask({ kind: 'sample-counts' });
  }

  /** With all the jobs that are planned. */
  beginCollection(collection: Collection, jobs: readonly Job[]): Promise<undefined> {
    return this.#thread.ask({ kind: 'begin-collection', collection, jobs });
  }

  /** Error `not-found`. */
  setStatus(collection: string, status: CollectionStatus, error?: string): Promise<undefined> {
    return this.#thread.ask({ kind: 'set-collection-status', collection, status, ...(error === undefined ? {} : { error }) });
  }

  /** Newest first. */
  collections(): Promise<readonly Collection[]> {
    return this.#thread.ask({ kind: 'collections' });
  }

  /** The collection of this name, or the beginning of it, or `last`. Error `not-found`; `usage` when several begin so. */
  async findCollection(name: string): Promise<Collection> {
    const all = await this.collections();
    const exact = all.filter(({ collection }) => collection === name);
    const near = name === 'last' ? all.slice(0, 1) : all.filter(({ collection }) => collection.startsWith(name));
    const found = exact.length > 0 ? exact : near;
    return theOne({ what: 'collection', name, found, nameOf: ({ collection }) => collection, hint: 'controller profile list lists them' });
  }

  /** In their order. */
  jobs(collection: string): Promise<readonly JobState[]> {
    return this.#thread.ask({ kind: 'collection-jobs', collection });
  }

  /** Its result, which has the name of its collection as `run`. */
  addJob(job: number, sample: Sample): Promise<undefined> {
    return this.#thread.ask({ kind: 'add-samples', packed: packSamples([sample]), job });
  }

  /** `failure`: for a person. It is not tried again. */
  failJob(collection: string, job: number, failure: string): Promise<undefined> {
    return this.#thread.ask({ kind: 'fail-job', collection, job, failure });
  }

  /** Resolves when everything asked before is written. Idempotent. */
  close(): Promise<void> {
    return this.#thread.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
