/**
 * Executions of benchmarks as tables for other programs. Nothing is left out: what did not end well, and what lies far from the rest, has a column that says so.
 *
 *     results   a row for each metric and repeat; of a repeat that measured nothing one row without a metric
 *     runs      a row for each run: its outcome, all it used, on what
 *     series    a row for each sample of a run
 *     epochs    a row for each epoch of a training
 */
import type { UseSample } from '../../mesh/bench/series.ts';
import type { EpochFigures } from '../../mesh/training/figures.ts';
import type { ExportTable } from '../export/table.ts';
import { type TableColumn, tableOf, within } from './export-columns.ts';
import { recordColumns } from './record-columns.ts';
import type { MetricReport, RepeatValue, RunOfTask, Subject, SubjectReport, TaskReport } from './task-report.ts';

interface OfSubject {
  readonly subject: SubjectReport;
}

interface Result extends OfSubject {
  readonly repeat: number | null;
  readonly runs: readonly RunOfTask[];
  readonly metric: MetricReport | undefined;
  readonly value: RepeatValue | undefined;
}

type OfRun = OfSubject & { readonly run: RunOfTask };
type OfSample = OfRun & { readonly sample: UseSample };
type OfEpoch = OfRun & { readonly epoch: EpochFigures };

const subjectColumns: readonly TableColumn<OfSubject>[] = [
  { name: 'task', type: 'text', of: ({ subject: { task, name } }) => (task === null ? null : name) },
  { name: 'title', type: 'text', of: ({ subject }) => subject.title },
  { name: 'submission', type: 'text', of: ({ subject }) => subject.task?.submission },
  { name: 'status', type: 'text', of: ({ subject }) => subject.task?.status },
  { name: 'error', type: 'text', of: ({ subject }) => subject.task?.error },
  { name: 'task_started', type: 'time', of: ({ subject }) => subject.task?.startedMs },
];

const resultColumns: readonly TableColumn<Result>[] = [
  ...subjectColumns,
  { name: 'repeat', type: 'integer', of: ({ repeat }) => repeat },
  { name: 'runs', type: 'text', of: ({ runs }) => runs.map(({ run }) => run).join(' ') },
  { name: 'outcome', type: 'text', of: ({ runs }) => (runs.find(({ outcome }) => outcome !== 'ok') ?? runs[0])?.outcome },
  { name: 'metric', type: 'text', of: ({ metric }) => metric?.metric },
  { name: 'value', type: 'number', of: ({ value }) => value?.value },
  { name: 'unit', type: 'text', of: ({ metric }) => metric?.unit },
  { name: 'better', type: 'text', of: ({ metric }) => metric?.better },
  { name: 'median', type: 'number', of: ({ metric }) => metric?.median },
  { name: 'counts', type: 'flag', of: ({ value }) => value?.counts },
  { name: 'outlier', type: 'flag', of: ({ value }) => value?.outlier },
];

const placeColumns: readonly TableColumn<OfRun>[] = [
  ...subjectColumns,
  { name: 'repeat', type: 'integer', of: ({ run }) => run.repeat },
  { name: 'rank', type: 'integer', of: ({ run }) => run.rank },
];

const runColumns: readonly TableColumn<OfRun>[] = [
  ...placeColumns,
  { name: 'kind', type: 'text', of: ({ run }) => run.kind },
  // Also of a run whose record is gone.
  { name: 'run', type: 'text', of: ({ run }) => run.run },
  { name: 'outcome', type: 'text', of: ({ run }) => run.outcome },
  { name: 'outcome_text', type: 'text', of: ({ run }) => run.outcomeText },
  { name: 'frames_per_s', type: 'number', unit: '1/s', of: ({ run }) => run.mesh?.throughputFps },
  { name: 'frame_p50_ms', type: 'number', unit: 'ms', of: ({ run }) => run.mesh?.latencyP50Ms },
  { name: 'frame_p99_ms', type: 'number', unit: 'ms', of: ({ run }) => run.mesh?.latencyP99Ms },
  ...within(
    recordColumns.filter(({ name }) => name !== 'run'),
    ({ run }: OfRun) => run.record,
  ),
];

const sampleColumns: readonly TableColumn<OfSample>[] = [
  ...placeColumns,
  { name: 'run', type: 'text', of: ({ run }) => run.run },
  { name: 'at_ms', type: 'number', unit: 'ms', of: ({ sample }) => sample.atMs },
  { name: 'memory_bytes', type: 'number', unit: 'B', of: ({ sample }) => sample.memoryBytes },
  { name: 'total_bytes', type: 'number', unit: 'B', of: ({ sample }) => sample.totalBytes },
  { name: 'swap_bytes', type: 'number', unit: 'B', of: ({ sample }) => sample.swapBytes },
  { name: 'cpu_ms', type: 'number', unit: 'ms', of: ({ sample }) => sample.cpuMs },
  { name: 'throttled_ms', type: 'number', unit: 'ms', of: ({ sample }) => sample.throttledMs },
  { name: 'major_faults', type: 'number', of: ({ sample }) => sample.majorFaults },
];

const epochColumns: readonly TableColumn<OfEpoch>[] = [
  ...placeColumns,
  { name: 'run', type: 'text', of: ({ run }) => run.run },
  { name: 'stage', type: 'text', of: ({ epoch }) => epoch.stage },
  { name: 'epoch', type: 'integer', of: ({ epoch }) => epoch.epoch },
  { name: 'learning_rate', type: 'number', of: ({ epoch }) => epoch.learningRate },
  { name: 'train_loss', type: 'number', of: ({ epoch }) => epoch.train.loss },
  { name: 'train_accuracy', type: 'number', unit: '1', of: ({ epoch }) => epoch.train.accuracy },
  { name: 'validation_loss', type: 'number', of: ({ epoch }) => epoch.validation.loss },
  { name: 'validation_accuracy', type: 'number', unit: '1', of: ({ epoch }) => epoch.validation.accuracy },
  { name: 'batches_ms', type: 'number', unit: 'ms', of: ({ epoch }) => epoch.batchesMs },
  { name: 'steps_ms', type: 'number', unit: 'ms', of: ({ epoch }) => epoch.stepsMs },
  { name: 'validate_ms', type: 'number', unit: 'ms', of: ({ epoch }) => epoch.validateMs },
  { name: 'checkpoint_ms', type: 'number', unit: 'ms', of: ({ epoch }) => epoch.checkpointMs },
];

/** `subjects`: those that the report was made of, for their series of samples. */
export function taskTables({ subjects: reports }: TaskReport, subjects: readonly Subject[]): [ExportTable, ...ExportTable[]] {
  const runs = reports.flatMap((subject, index) =>
    subject.runs.map((run, place) => ({ subject, run, record: subjects[index]!.runs[place]!.record })),
  );
  return [
    tableOf('results', reports.flatMap(resultsOf), resultColumns),
    tableOf('runs', runs, runColumns),
    tableOf(
      'series',
      runs.flatMap(({ record, ...of }) => (record?.series ?? []).map((sample) => ({ ...of, sample }))),
      sampleColumns,
    ),
    tableOf(
      'epochs',
      runs.flatMap(({ record, ...of }) => (record?.training?.epochs ?? []).map((epoch) => ({ ...of, epoch }))),
      epochColumns,
    ),
  ];
}

/** A task that did not come to a repeat has a row, too. */
function resultsOf(subject: SubjectReport): Result[] {
  const { metrics, runs } = subject;
  const ofRepeat = (repeat: number): readonly RunOfTask[] => runs.filter((run) => run.repeat === repeat);
  const measured = metrics.flatMap((metric) =>
    metric.values.map((value): Result => ({ subject, repeat: value.repeat, runs: ofRepeat(value.repeat), metric, value })),
  );
  const bare = [...new Set(runs.map(({ repeat }) => repeat))].filter((repeat) => !measured.some((result) => result.repeat === repeat));
  const all = [
    ...measured,
    ...bare.map((repeat): Result => ({ subject, repeat, runs: ofRepeat(repeat), metric: undefined, value: undefined })),
  ];
  return all.length > 0 ? all : [{ subject, repeat: null, runs: [], metric: undefined, value: undefined }];
}
