/**
 * Carries a collection out, turn by turn: a device is opened, gets the files it has not got, measures, and is left.
 *
 *     jobs that are left ──▶ by turn ──▶ CollectDevice ─ bringFiles ─ runTurn ──▶ store
 */
import type { Blob } from '../../mesh/files/blob.ts';
import { CollectDevice } from '../deploy/collect-device.ts';
import type { MeshChoice } from '../devices/mesh-choice.ts';
import { bringFiles } from '../files/bring-files.ts';
import type { Collection, JobState } from '../profile/collection.ts';
import { runTurn, speedProbeKey, type TimingSettings } from '../profile/run-turn.ts';
import type { PreparedSubject } from '../profile/subjects/subject.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import { percent } from '../text/format.ts';
import type { Io } from './command.ts';
import { JobBar } from './job-bar.ts';

export interface Collecting {
  readonly collection: Collection;
  readonly subjects: ReadonlyMap<string, PreparedSubject>;
  readonly store: ProfileStore;
  readonly choice: MeshChoice;
  readonly folder: string;
  readonly io: Io;
}

/**
 * A batch lasts for ten periods of a quota and more; eight of them, each beside a look at the processor's speed. A slow model is inferred at least five times in
 * all. Seven profiled inferences: of fewer, the median of a kernel still shows the first.
 */
const TIMING: TimingSettings = { warmUpMs: 40, batches: 8, batchMs: 100, kernelRuns: 7 };
export const BATCHES = TIMING.batches;

/** How many jobs of the collection came to a sample, and how many could not be measured. When it is stopped, the status in the store says so. */
export async function collect(collecting: Collecting): Promise<{ readonly done: number; readonly failed: number }> {
  const { collection, store, io } = collecting;
  const all = await store.jobs(collection.collection);
  const left = all.filter(({ failure }) => failure === undefined);
  const bar = new JobBar(io, all.length - left.length, all.length);
  try {
    for (const jobs of turnsOf(left)) await turn(jobs, collecting, bar);
    await store.setStatus(collection.collection, 'done');
  } catch (error) {
    const why = io.signal.aborted ? undefined : (error as Error).message;
    await store.setStatus(collection.collection, io.signal.aborted ? 'cancelled' : 'failed', why);
    bar.say(`controller profile collect --resume ${collection.collection} goes on with it`);
    throw error;
  } finally {
    bar.clear();
  }
  const jobs = await store.jobs(collection.collection);
  const failed = jobs.filter(({ failure }) => failure !== undefined && failure !== '').length;
  return { done: jobs.length - failed, failed };
}

async function turn(
  jobs: readonly JobState[],
  { collection, subjects, store, choice, folder, io }: Collecting,
  bar: JobBar,
): Promise<void> {
  const { device: name, threads, load } = jobs[0]!;
  const { signal, now, wallClock, env } = io;
  bar.begin(
    `${name}, ${threads === 0 ? 'threads as it likes' : `${threads} ${threads === 1 ? 'thread' : 'threads'}`}${load.cores === 0 ? '' : `, load ${percent(load.duty)} × ${load.cores}`}`,
  );
  const device = collection.spec.devices.find((each) => each.name === name)!;
  await using open = await CollectDevice.open({ device, choice, folder, env, signal });
  const paths = new Map<string, readonly [Blob, string]>();
  for (const key of [speedProbeKey, ...jobs.map(({ subject }) => subject)])
    for (const [blob, path] of subjects.get(key)?.paths ?? []) paths.set(Buffer.from(blob.sha256).toString('hex'), [blob, path]);
  await bringFiles(open.client, new Map(paths.values()), { signal, now, onProgress: () => {} });
  await runTurn(jobs, {
    collection: collection.collection,
    subjects,
    timing: { ...TIMING, batches: collection.spec.batches ?? TIMING.batches },
    seed: collection.spec.seed,
    run: (order, onEvent) => open.client.run(order, onEvent, signal),
    keep: async (job, sample) => {
      await store.addJob(job.job, sample);
      bar.step();
    },
    fail: async (job, why) => {
      await store.failJob(collection.collection, job.job, why);
      bar.step();
      bar.say(`warning: ${job.subject} could not be measured on ${name}: ${why}`);
    },
    wallClock,
  });
}

/** Jobs are in the order of their turns. */
function turnsOf(jobs: readonly JobState[]): readonly (readonly JobState[])[] {
  const turns = new Map<number, JobState[]>();
  for (const job of jobs) turns.set(job.turn, [...(turns.get(job.turn) ?? []), job]);
  return [...turns.values()];
}
