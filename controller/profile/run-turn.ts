/**
 * One turn of a collection: the jobs that are left of it, on their device. A model that ends the process that measures it (it needs more memory than there is)
 * costs itself only; the others go on in another process.
 *
 *     jobs ──▶ order ──▶ timed, timed, ✗ the process is gone ──▶ the one it was at has failed ──▶ order with what is left ──▶ timed …
 */
import type { BenchEvent } from '../../mesh/bench/event.ts';
import type { BenchOrder } from '../../mesh/bench/order.ts';
import { formatOutcome } from '../../mesh/bench/outcome.ts';
import type { BenchEnvironment, BenchRecord } from '../../mesh/bench/record.ts';
import { MeshError } from '../../mesh/error.ts';
import type { TimedItem } from '../../mesh/timing/figures.ts';
import type { TimingWorkload } from '../../mesh/timing/workload.ts';
import { optional } from '../../mesh/wire-number.ts';
import type { Sample } from '../profiler/sample.ts';
import { collectedSample } from './collected-sample.ts';
import type { Job } from './collection.ts';
import { withActivations } from './fused-activation.ts';
import { SPEED_PROBE } from './subjects/probes.ts';
import { type PreparedSubject, subjectKey } from './subjects/subject.ts';

/** How long and how often each thing is measured. */
export type TimingSettings = Pick<TimingWorkload, 'warmUpMs' | 'batches' | 'batchMs' | 'kernelRuns'>;

export interface TurnTools {
  readonly collection: string;
  readonly subjects: ReadonlyMap<string, PreparedSubject>;
  readonly timing: TimingSettings;
  readonly seed: number;
  /** See BenchClient.run. */
  readonly run: (order: BenchOrder, onEvent: (event: BenchEvent) => void) => Promise<BenchRecord>;
  /** Each returns when it can't be lost any more. */
  readonly keep: (job: Job, sample: Sample) => Promise<unknown>;
  readonly fail: (job: Job, why: string) => Promise<unknown>;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** Run beside all others, so that devices need its files; see TimingWorkload.speedProbe. */
export const speedProbeKey = subjectKey({ kind: 'probe', model: SPEED_PROBE, part: '' });

/** For each: a device of a tenth of a core opens the largest model and measures it in less. */
const ITEM_MS_MAX = 120_000;

/** `jobs`: of one turn, in their order. Errors: those of `run`; `lost` when the device ended the run. */
export async function runTurn(jobs: readonly Job[], tools: TurnTools): Promise<void> {
  const known = jobs.filter(({ subject }) => tools.subjects.has(subject));
  for (const job of jobs) if (!known.includes(job)) await tools.fail(job, 'there is no such subject any more');
  for (let attempt = 0, left: readonly Job[] = known; left.length > 0; attempt += 1) {
    const { done, outcome, lastWords } = await measure(left, attempt, tools);
    if (outcome.kind === 'cancelled') throw new MeshError('lost', 'the device ended the run: its agent was stopped');
    left = left.slice(done);
    const [culprit] = left;
    if (culprit === undefined) continue;
    if (outcome.kind === 'ok')
      throw new MeshError(
        'lost',
        `the device has told of ${done} jobs of ${done + left.length} only${lastWords === '' ? '' : `: ${lastWords}`}`,
      );
    await tools.fail(culprit, outcome.kind === 'refused' ? outcome.why : formatOutcome(outcome));
    left = left.slice(1);
  }
}

interface Measured extends Pick<BenchRecord, 'outcome' | 'lastWords'> {
  readonly done: number;
}

/** How many of the jobs, from the first on, came to something. */
async function measure(jobs: readonly Job[], attempt: number, tools: TurnTools): Promise<Measured> {
  let environment: BenchEnvironment | undefined;
  let startedMs = 0;
  let done = 0;
  let written: Promise<unknown> = Promise.resolve();
  const take = ({ index, atMs, result }: TimedItem): void => {
    const job = jobs[index];
    // Whoever tells more than it was asked for, or in another order, is not believed.
    if (job === undefined || index !== done || environment === undefined) return;
    done += 1;
    const { collection, subjects } = tools;
    const { subject, activations } = subjects.get(job.subject)!;
    const told = { collection, job, subject, environment, startedMs, atMs };
    const keep = (): Promise<unknown> =>
      result.kind === 'times'
        ? tools.keep(job, collectedSample({ ...told, times: { ...result, kernels: withActivations(result.kernels, activations) } }))
        : tools.fail(job, result.why);
    written = written.then(keep);
    // It is waited for at the end.
    written.catch(() => {});
  };
  try {
    const record = await tools.run(orderOf(jobs, attempt, tools), (event) => {
      if (event.kind === 'started') {
        environment = event.environment;
        startedMs = tools.wallClock();
      } else if (event.kind === 'timed') take(event.item);
    });
    return { done, outcome: record.outcome, lastWords: record.lastWords };
  } finally {
    await written;
  }
}

function orderOf(jobs: readonly Job[], attempt: number, { collection, subjects, timing, seed }: TurnTools): BenchOrder {
  const { turn, threads, load, kernels } = jobs[0]!;
  return {
    run: `${collection}-${turn}-${attempt}-${jobs[0]!.job}`,
    workload: {
      kind: 'timing',
      items: jobs.map(({ subject }) => subjects.get(subject)!.item),
      session: { intraOpThreads: threads, spinning: false, graphOptimization: 'all' },
      ...timing,
      kernelRuns: kernels ? timing.kernelRuns : 0,
      seed,
      ...optional('speedProbe', subjects.get(speedProbeKey)?.item),
    },
    limits: {},
    enforce: true,
    pageCache: 'as-is',
    deadlineMs: ITEM_MS_MAX * (jobs.length + 1),
    whenBusy: 'wait',
    besideStages: false,
    ...(load.cores > 0 && load.duty > 0 ? { backgroundLoad: load } : {}),
  };
}
