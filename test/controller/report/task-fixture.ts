/** Executions of a benchmark, made up: repeats with an outlier, and one that ran out of memory. */
import type { Subject, SubjectRun } from '../../../controller/report/task-report.ts';
import type { BenchRecord } from '../../../mesh/bench/record.ts';
import { taskOf } from './history-fixture.ts';
import { recordOf } from './sweep-fixture.ts';

export const limits = { memoryLimitBytes: 2 ** 28, cpuQuotaCores: 1 };

export function okRecord(timeMs: number): BenchRecord {
  const made = recordOf({ limits, timeMs, peakBytes: 2e8 });
  return {
    ...made,
    phases: [
      { name: 'load', startMs: 0, endMs: 900 },
      { name: 'measure', startMs: 900, endMs: 8_000 },
    ],
  };
}

export function killedRecord(lastWords = 'Killed'): BenchRecord {
  return { ...recordOf({ limits, outcome: { kind: 'out-of-memory' }, peakBytes: 2 ** 28 }), lastWords };
}

export function runOf(repeat: number, record: BenchRecord | undefined): SubjectRun {
  return { repeat, rank: 0, kind: 'bench', run: `bench-${repeat}`, record, mesh: undefined };
}

export function subjectOf(records: readonly (BenchRecord | undefined)[], part: Partial<Subject> = {}): Subject {
  const task = taskOf(1);
  return {
    ...{ name: task.task, title: task.benchmark, task, points: [] },
    runs: records.map((record, index) => runOf(index + 1, record)),
    ...part,
  };
}

/** Seven repeats: the third far off, the fifth killed. */
export const nightly = subjectOf([20, 20.2, 31, 19.9, 0, 20.1, 20].map((timeMs) => (timeMs === 0 ? killedRecord() : okRecord(timeMs))));
