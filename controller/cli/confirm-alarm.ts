/**
 * Was it the program? What ran before the change and what runs now are measured again, in turns, with the very files that they read then.
 *
 *     old new old new … ──▶ judged for each metric that looked worse          see controller/history/confirmation.ts
 */
import type { Random } from '../../mesh/random.ts';
import { SAMPLES_MIN } from '../history/compare.ts';
import { judgeConfirmation } from '../history/confirmation.ts';
import type { AlarmRecord } from '../task/alarm-record.ts';
import { seriesKeyOf } from '../task/series.ts';
import type { Point, Task } from '../task/task.ts';
import { runName } from './run-name.ts';
import { descriptorOf, runTask, type TaskTools } from './run-task.ts';

export interface ConfirmOptions {
  /** The last task before the change. */
  readonly old: string;
  /** The newest one. */
  readonly task: Task;
  readonly candidates: readonly AlarmRecord[];
  readonly history: readonly Point[];
  /** Of each; more where a comparison wants more. */
  readonly rounds: number;
  readonly random: Random;
}

/** The candidates, with what was found. */
export async function confirm(
  { old, task, candidates, history, rounds, random }: ConfirmOptions,
  tools: TaskTools,
): Promise<AlarmRecord[]> {
  const { tasks, io, say } = tools;
  const ratioless = ({ series }: AlarmRecord): boolean =>
    history.some((point) => point.value < 0 && seriesKeyOf(point.series) === seriesKeyOf(series));
  // Nothing that is measured again could be judged.
  if (candidates.every(ratioless)) return candidates.map((each) => unsure(each, 'It has values below 0, which have no ratios.'));
  const [before] = await tasks.find(old);
  const { repeat } = descriptorOf(task, await tasks.descriptor(task.descriptor));
  const count = Math.max(rounds, Math.ceil(SAMPLES_MIN / repeat));
  const names = candidates.map(({ series }) => series.metric).join(', ');
  say(`${task.benchmark}: ${names} may have become worse: what ran before and what runs now are measured again, ${count} times in turns`);
  const again = { old: [] as Point[], new: [] as Point[] };
  const submission = runName(io.wallClock());
  for (let round = 1; round <= count; round += 1) {
    for (const side of ['old', 'new'] as const) {
      io.signal.throwIfAborted();
      const { descriptor, assignment } = side === 'old' ? before! : task;
      const made: Task = {
        ...{ task: `${submission}-${side}${round}`, submission, benchmark: task.benchmark, descriptor, assignment },
        ...{ origin: 'confirmation', dueMs: io.wallClock(), status: 'queued' },
        ...{ startedMs: undefined, endedMs: undefined, error: undefined },
      };
      await tasks.add([made]);
      const end = await runTask(made, tools);
      // Ctrl-C says nothing of the benchmark: it is no attempt.
      io.signal.throwIfAborted();
      if (end?.status !== 'done')
        return candidates.map((each) => unsure(each, `run ${made.task} did not end well: ${end?.error ?? 'cancelled'}`));
      again[side].push(...end.points);
    }
  }
  return candidates.map((each) => judged(each, history, again, random));
}

function judged(
  record: AlarmRecord,
  history: readonly Point[],
  again: Readonly<Record<'old' | 'new', readonly Point[]>>,
  random: Random,
): AlarmRecord {
  const id = seriesKeyOf(record.series);
  const own = history.filter(({ series }) => seriesKeyOf(series) === id);
  const at = own.findIndex(({ task }) => task === record.alarm.firstBad);
  const values = (points: readonly Point[]): number[] =>
    points.filter(({ series }) => seriesKeyOf(series) === id).flatMap((point) => point.values);
  const { oldAgain: oldBefore = [], newAgain: newBefore = [] } = record.confirmation ?? {};
  const [oldAgain, newAgain] = [
    [...oldBefore, ...values(again.old)],
    [...newBefore, ...values(again.new)],
  ];
  if (at < 1 || oldAgain.length === 0 || newAgain.length === 0)
    return unsure(record, 'it was not measured on the same device, under the same limits again');
  if ([...own.map(({ value }) => value), ...oldAgain, ...newAgain].some((value) => value < 0))
    return unsure(record, 'It has values below 0, which have no ratios.');
  const recorded = { oldRecorded: own.slice(0, at).map(({ value }) => value), newRecorded: own.slice(at).map(({ value }) => value) };
  const found = judgeConfirmation({ better: own[at]!.better, ...recorded, oldAgain, newAgain, random });
  return { ...record, confirmation: { ...found, attempts: attemptsOf(record), oldAgain, newAgain } };
}

function unsure(record: AlarmRecord, reason: string): AlarmRecord {
  const { oldAgain = [], newAgain = [] } = record.confirmation ?? {};
  return { ...record, confirmation: { outcome: 'unsure', reason, attempts: attemptsOf(record), oldAgain, newAgain } };
}

function attemptsOf({ confirmation }: AlarmRecord): number {
  return (confirmation?.attempts ?? 0) + 1;
}
