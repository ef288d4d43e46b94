/** What a benchmark run's record has for tables of runs, of sweeps and of tasks alike: a column each, with the unit in its name where it has one. */
import { useFields, useNames } from '../../mesh/bench/use.ts';
import type { TableColumn } from './export-columns.ts';
import type { RecordReport } from './sweep-report.ts';

type Column = TableColumn<RecordReport>;

const percentiles = [50, 90, 95, 99, 100] as const;

function number(name: string, unit: string, of: (record: RecordReport) => number | null | undefined): Column {
  return unit === '' ? { name, type: 'number', of } : { name, type: 'number', unit, of };
}

function text(name: string, of: (record: RecordReport) => string | null | undefined): Column {
  return { name, type: 'text', of };
}

export const recordColumns: readonly Column[] = [
  text('run', ({ run }) => run),
  number('started_ms', 'ms', ({ startedMs }) => startedMs),
  number('exit_code', '', ({ exit }) => exit.code),
  text('exit_signal', ({ exit }) => exit.signal),
  number('set_cpu_quota_cores', 'cores', ({ limits }) => limits.cpuQuotaCores),
  number('set_memory_limit_bytes', 'B', ({ limits }) => limits.memoryLimitBytes),
  number('set_memory_high_bytes', 'B', ({ limits }) => limits.memoryHighBytes),
  number('set_swap_bytes', 'B', ({ limits }) => limits.swapBytes),
  text('set_cpus', ({ limits }) => limits.cpus),
  number('set_pids', '', ({ limits }) => limits.pids),
  ...useNames.map((name) => number(snake(name), useFields[name].unit, ({ use }) => use[name])),
  number('queries', '', ({ load }) => load?.queries),
  number('samples', '', ({ load }) => load?.samples),
  number('batch', '', ({ load, training }) => load?.batch ?? training?.batch),
  number('duration_ms', 'ms', ({ load }) => load?.durationMs),
  number('session_ms', 'ms', ({ load }) => load?.sessionMs),
  number('first_ms', 'ms', ({ load }) => load?.firstMs),
  number('warm_up_calls', '', ({ load }) => load?.warmUp.calls),
  { name: 'warm_up_steady', type: 'flag', of: ({ load }) => load?.warmUp.steady },
  number('latency_mean_ms', 'ms', ({ load }) => load?.latencyMs?.mean),
  ...percentiles.map((percent) => number(`latency_p${percent}_ms`, 'ms', ({ load }) => load?.latencyMs?.percentiles[percent])),
  number('latency_p99_9_ms', 'ms', ({ load }) => load?.latencyMs?.p999),
  number('estimate_ms', 'ms', ({ load }) => load?.estimateMs),
  number('overlatency', '', ({ load }) => load?.overlatency),
  text('invalid', ({ load }) => load?.invalid.join('; ')),
  number('train_examples', '', ({ training }) => training?.trainExamples),
  number('validation_examples', '', ({ training }) => training?.validationExamples),
  number('epochs', '', ({ training }) => training?.epochs.length),
  number('resumed_at', '', ({ training }) => training?.resumedAt),
  text('best_stage', (record) => bestOf(record)?.stage),
  number('best_epoch', '', (record) => bestOf(record)?.epoch),
  number('best_train_loss', '', (record) => bestOf(record)?.train.loss),
  number('best_validation_loss', '', (record) => bestOf(record)?.validation.loss),
  text('device', ({ environment }) => environment.device.name),
  text('arch', ({ environment }) => environment.device.arch),
  text('cpu_model', ({ environment }) => environment.device.cpuModel),
  number('cores', 'cores', ({ environment }) => environment.device.cores),
  number('device_memory_bytes', 'B', ({ environment }) => environment.device.memoryBytes),
  text('os', ({ environment }) => environment.device.os),
  text('kernel', ({ environment }) => environment.kernel),
  text('cgroup', ({ environment }) => environment.cgroup),
  text('node_version', ({ environment }) => environment.device.nodeVersion),
  text('runtime_version', ({ environment }) => environment.device.runtimeVersion),
  number('intra_op_threads', '', ({ environment }) => environment.intraOpThreads),
  number('heap_mib_max', 'MiB', ({ environment }) => environment.heapMiBMax),
  text('page_cache_was', ({ environment }) => environment.pageCache),
  number('temperature_celsius', '°C', ({ environment }) => environment.temperatureCelsius),
  number('cpu_busy_cores', 'cores', ({ environment }) => environment.cpuBusyCores),
  number('load_average', '', ({ environment }) => environment.loadAverage),
  number('memory_free_bytes', 'B', ({ environment }) => environment.memoryFreeBytes),
  number('swap_total_bytes', 'B', ({ environment }) => environment.swapTotalBytes),
  number('frequency_mhz', 'MHz', ({ environment }) => environment.frequencyMHz),
  text('governor', ({ environment }) => environment.governor),
  number('stages', '', ({ environment }) => environment.stages),
  text('warnings', ({ warnings }) => warnings.join('; ')),
  text('last_words', ({ lastWords }) => lastWords),
];

function bestOf({ training }: RecordReport): NonNullable<RecordReport['training']>['epochs'][number] | undefined {
  return training?.bestEpoch === undefined || training.bestEpoch === null ? undefined : training.epochs[training.bestEpoch];
}

/** `peakMemoryBytes` → `peak_memory_bytes`; the units are in the names. */
function snake(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
}
