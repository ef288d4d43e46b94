/** One benchmark run on a device that is there: its files are brought, it is measured, shown, stored, and teaches the profiler. */
import type { BenchEvent } from '../../mesh/bench/event.ts';
import type { BenchOrder } from '../../mesh/bench/order.ts';
import type { BenchRecord } from '../../mesh/bench/record.ts';
import type { BenchClient } from '../deploy/bench-client.ts';
import { bringFiles } from '../files/bring-files.ts';
import type { BenchStore } from '../store/bench-store.ts';
import type { BenchJob } from './bench-job.ts';
import type { BenchView } from './bench-view.ts';
import type { Io } from './command.ts';
import { feedBench } from './feed-profile.ts';

export interface BenchSettings extends Omit<BenchOrder, 'workload' | 'backgroundLoad'> {
  /** Milliseconds since 1970. */
  readonly startedMs: number;
}

export interface BenchTools {
  readonly view: BenchView;
  readonly store: BenchStore;
  readonly io: Pick<Io, 'now' | 'signal'>;
  /** Besides the view. */
  readonly watch?: (event: BenchEvent) => void;
  /** Before it is stored: what can't be stored is not lost. May add to it what was seen here. */
  readonly onRecord: (title: string, record: BenchRecord) => BenchRecord;
}

export async function measureBench(
  client: BenchClient,
  job: BenchJob,
  { startedMs, ...settings }: BenchSettings,
  { view, store, io: { signal, now }, watch, onRecord }: BenchTools,
): Promise<BenchRecord> {
  const { workload, title, paths, subject } = await job.prepare(client);
  view.begin(title);
  const order: BenchOrder = { ...settings, workload };
  await bringFiles(client, paths, { signal, now, onProgress: (done, total) => view.transfer(done, total) });
  const onEvent = (event: BenchEvent): void => {
    watch?.(event);
    view.watch(event);
  };
  const measured = await job.around(client, order.run, view, () => client.run(order, onEvent, signal));
  view.close();
  const record = onRecord(title, measured);
  await store.addBench({ bench: record.run, startedMs, title, device: client.name, record });
  if (subject !== undefined) await feedBench(store, subject, record, (message) => view.say(message));
  return record;
}
