/**
 * A sweep for a spreadsheet or a script: one line for each row, whatever came of it; an empty cell is not known. As RFC 4180 has it, except that lines
 * end as they do everywhere else in Unix.
 */
import { useNames } from '../../mesh/bench/use.ts';
import { type Cell, csvText } from '../text/csv.ts';
import type { RowReport, SweepReport } from './sweep-report.ts';

type Kept = NonNullable<RowReport['record']>;

const ofRow = {
  sweep: ({ sweep }: SweepReport) => sweep,
  model: ({ model }: SweepReport) => model,
  study: ({ study }: SweepReport) => study,
  mode: ({ mode }: SweepReport) => mode,
  row: (_: SweepReport, row: RowReport) => row.row,
  limit: ({ limit }: SweepReport) => limit,
  value: (_: SweepReport, { value }: RowReport) => value,
  unit: ({ unit }: SweepReport) => unit,
  page_cache: ({ variants }: SweepReport, { variant }: RowReport) => variants[variant]?.pageCache,
  swap_bytes: ({ variants }: SweepReport, { variant }: RowReport) => variants[variant]?.swapBytes,
  repeat: (_: SweepReport, { repeat }: RowReport) => repeat,
  outcome: (_: SweepReport, { outcome }: RowReport) => outcome,
  outcome_text: (_: SweepReport, { outcomeText }: RowReport) => outcomeText,
  time_ms: (_: SweepReport, { figures }: RowReport) => figures.timeMs,
  samples_per_s: (_: SweepReport, { figures }: RowReport) => figures.samplesPerS,
  accuracy: (_: SweepReport, { figures }: RowReport) => figures.accuracy,
  load_ms: (_: SweepReport, { phases }: RowReport) => phases?.loadMs,
  epoch_batches_ms: (_: SweepReport, { phases }: RowReport) => phases?.batchesMs,
  epoch_steps_ms: (_: SweepReport, { phases }: RowReport) => phases?.stepsMs,
  epoch_validate_ms: (_: SweepReport, { phases }: RowReport) => phases?.validateMs,
  epoch_checkpoint_ms: (_: SweepReport, { phases }: RowReport) => phases?.checkpointMs,
  outlier_in: (_: SweepReport, { outlierIn }: RowReport) => outlierIn.join(' '),
} as const satisfies Readonly<Record<string, (report: SweepReport, row: RowReport) => Cell>>;

const percentiles = [50, 90, 95, 99, 100] as const;

const ofRecord: readonly (readonly [string, (record: Kept) => Cell])[] = [
  ['run', ({ run }) => run],
  ['started_ms', ({ startedMs }) => startedMs],
  ['exit_code', ({ exit }) => exit.code],
  ['exit_signal', ({ exit }) => exit.signal],
  ['set_cpu_quota_cores', ({ limits }) => limits.cpuQuotaCores],
  ['set_memory_limit_bytes', ({ limits }) => limits.memoryLimitBytes],
  ['set_memory_high_bytes', ({ limits }) => limits.memoryHighBytes],
  ['set_swap_bytes', ({ limits }) => limits.swapBytes],
  ['set_cpus', ({ limits }) => limits.cpus],
  ['set_pids', ({ limits }) => limits.pids],
  ...useNames.map((name) => [snake(name), ({ use }: Kept) => use[name]] as const),
  ['queries', ({ load }) => load?.queries],
  ['samples', ({ load }) => load?.samples],
  ['batch', ({ load, training }) => load?.batch ?? training?.batch],
  ['duration_ms', ({ load }) => load?.durationMs],
  ['session_ms', ({ load }) => load?.sessionMs],
  ['first_ms', ({ load }) => load?.firstMs],
  ['warm_up_calls', ({ load }) => load?.warmUp.calls],
  ['warm_up_steady', ({ load }) => load?.warmUp.steady],
  ['latency_mean_ms', ({ load }) => load?.latencyMs?.mean],
  ...percentiles.map((percent) => [`latency_p${percent}_ms`, ({ load }: Kept) => load?.latencyMs?.percentiles[percent]] as const),
  ['latency_p99_9_ms', ({ load }) => load?.latencyMs?.p999],
  ['estimate_ms', ({ load }) => load?.estimateMs],
  ['overlatency', ({ load }) => load?.overlatency],
  ['invalid', ({ load }) => load?.invalid.join('; ')],
  ['train_examples', ({ training }) => training?.trainExamples],
  ['validation_examples', ({ training }) => training?.validationExamples],
  ['epochs', ({ training }) => training?.epochs.length],
  ['resumed_at', ({ training }) => training?.resumedAt],
  ['best_stage', (record) => bestOf(record)?.stage],
  ['best_epoch', (record) => bestOf(record)?.epoch],
  ['best_train_loss', (record) => bestOf(record)?.train.loss],
  ['best_validation_loss', (record) => bestOf(record)?.validation.loss],
  ['device', ({ environment }) => environment.device.name],
  ['arch', ({ environment }) => environment.device.arch],
  ['cpu_model', ({ environment }) => environment.device.cpuModel],
  ['cores', ({ environment }) => environment.device.cores],
  ['device_memory_bytes', ({ environment }) => environment.device.memoryBytes],
  ['os', ({ environment }) => environment.device.os],
  ['kernel', ({ environment }) => environment.kernel],
  ['cgroup', ({ environment }) => environment.cgroup],
  ['node_version', ({ environment }) => environment.device.nodeVersion],
  ['runtime_version', ({ environment }) => environment.device.runtimeVersion],
  ['intra_op_threads', ({ environment }) => environment.intraOpThreads],
  ['heap_mib_max', ({ environment }) => environment.heapMiBMax],
  ['page_cache_was', ({ environment }) => environment.pageCache],
  ['temperature_celsius', ({ environment }) => environment.temperatureCelsius],
  ['cpu_busy_cores', ({ environment }) => environment.cpuBusyCores],
  ['load_average', ({ environment }) => environment.loadAverage],
  ['memory_free_bytes', ({ environment }) => environment.memoryFreeBytes],
  ['swap_total_bytes', ({ environment }) => environment.swapTotalBytes],
  ['frequency_mhz', ({ environment }) => environment.frequencyMHz],
  ['governor', ({ environment }) => environment.governor],
  ['stages', ({ environment }) => environment.stages],
  ['warnings', ({ warnings }) => warnings.join('; ')],
  ['last_words', ({ lastWords }) => lastWords],
];

/** The rows of all of them under one header, each line with a line break at its end. */
export function sweepsCsv(reports: readonly SweepReport[]): string {
  const head = [...Object.keys(ofRow), ...ofRecord.map(([title]) => title)];
  const lines = reports.flatMap((report) =>
    report.rows.map((row) => [
      ...Object.values(ofRow).map((cell) => cell(report, row)),
      ...ofRecord.map(([, cell]) => (row.record === null ? null : cell(row.record))),
    ]),
  );
  return csvText([head, ...lines], '\n');
}

function bestOf({ training }: Kept): NonNullable<Kept['training']>['epochs'][number] | undefined {
  return training?.bestEpoch === undefined || training.bestEpoch === null ? undefined : training.epochs[training.bestEpoch];
}

/** `peakMemoryBytes` → `peak_memory_bytes`; the units are in the names. */
function snake(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
}
