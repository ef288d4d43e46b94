/**
 * Samples of whole models as the published data sets of PEPPER (Efficient Computing Lab) have them, column by column, so that tools made for those read them.
 *
 * What their numbers mean there: `device_cpu_cores` and `device_load_percent` are the cores on which load was made beside the model, and how much;
 * `execution_number` counts the executions of one model; `execution_time` is text, HH:MM:SS.ffffff; percentages are of the whole machine.
 */
import type { Kernel } from '../../mesh/kernel.ts';
import type { ModelCharacteristics } from '../profiler/characteristics.ts';
import type { Sample } from '../profiler/sample.ts';
import { type Cell, csvText } from '../text/csv.ts';

type Row = Sample & { readonly characteristics: ModelCharacteristics; readonly networkType: string };

const columns: Readonly<Record<string, (row: Row) => Cell>> = {
  model_name: ({ subject }) => subject.model,
  device: ({ circumstance }) => circumstance.device,
  total_memory_usage_percent: ({ state }) => tenths(state.memoryUsedPercent),
  total_cpu_usage_percent: ({ state }) => tenths(state.cpuBusyPercent),
  device_disk_usage_percent: ({ state }) => tenths(state.diskUsedPercent),
  device_cpu_cores: ({ circumstance }) => circumstance.load?.cores ?? 0,
  device_load_percent: ({ circumstance }) => tenths(100 * (circumstance.load?.duty ?? 0)),
  execution_number: ({ execution }) => execution,
  disk_io_read_bytes: ({ readBytes }) => readBytes,
  disk_io_write_bytes: ({ writtenBytes }) => writtenBytes,
  execution_time: ({ time }) => clockTime(time.ms),
  total_parameters: ({ characteristics }) => characteristics.totalParameters,
  conv_layers: ({ characteristics }) => characteristics.convLayers,
  pool_layers: ({ characteristics }) => characteristics.poolLayers,
  fully_conn_layers: ({ characteristics }) => characteristics.fcLayers,
  filter_details: ({ characteristics }) => characteristics.filterDetails,
  network_type: ({ networkType }) => networkType,
};

/** One line for each sample of a whole model; other samples have no such characteristics, and are left out. Lines end as RFC 4180 has it. */
export function publishedCsv(samples: readonly Sample[]): string {
  const kernels = new Map<string, readonly Kernel[]>();
  for (const { subject, kernels: found } of samples) if (found !== undefined) kernels.set(subject.sha256, found);
  const rows = samples.flatMap((sample): Row[] => {
    const { kind, characteristics, sha256 } = sample.subject;
    if (kind !== 'model' || characteristics === undefined) return [];
    return [{ ...sample, characteristics, networkType: networkType(characteristics, kernels.get(sha256) ?? []) }];
  });
  return csvText([Object.keys(columns), ...rows.map((row) => Object.values(columns).map((cell) => cell(row)))], '\r\n');
}

/** By the published rules, of the operators that the runtime made of a model's. */
function networkType({ convLayers }: ModelCharacteristics, kernels: readonly Kernel[]): string {
  const has = (pattern: RegExp): boolean => kernels.some(({ operator }) => pattern.test(operator));
  if (convLayers > 0 || has(/Conv/)) return 'Convolutional Neural Network (CNN)';
  if (has(/LSTM|RNN|GRU/)) return 'Recurrent Neural Network (RNN)';
  if (kernels.length > 0 && kernels.every(({ operator }) => /Gemm/.test(operator))) return 'Fully Connected Neural Network (MLP)';
  return has(/Attention/) ? 'Transformer' : 'Unknown Network Type';
}

function clockTime(ms: number): string {
  const microseconds = Math.round(ms * 1000);
  const seconds = Math.floor(microseconds / 1e6);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
  return `${time}.${String(microseconds % 1e6).padStart(6, '0')}`;
}

function tenths(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 10) / 10;
}
