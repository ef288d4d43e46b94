/** A sample ↔ its row: a column for each number, null where the sample has none. */
import type { DeviceState, Sample, Subject } from '../profiler/sample.ts';
import type { PackedSample } from './profile-records.ts';

type Row = Readonly<Record<string, null | number | bigint | string | Uint8Array>>;

/** In the order of the table. */
export const sampleColumns = [
  ...['run', 'source', 'job', 'at_ms', 'execution', 'kind', 'model', 'family', 'part', 'sha256'],
  ...['conv_layers', 'pool_layers', 'fc_layers', 'filter_details', 'total_parameters', 'input_bytes', 'output_bytes'],
  ...['device', 'device_key', 'runtime_version', 'threads', 'cores', 'quota_cores', 'memory_bytes', 'load_cores', 'load_duty'],
  ...[
    'age_ms',
    'cpu_busy_percent',
    'memory_used_percent',
    'disk_used_percent',
    'temperature_celsius',
    'frequency_mhz',
    'load_average',
    'probe_ms',
  ],
  ...[
    'ms',
    'batches',
    'count',
    'median_ms',
    'p90_ms',
    'min_ms',
    'read_bytes',
    'written_bytes',
    'kernel_list',
    'kernel_us',
    'kernel_probe_ms',
    'probes',
  ],
];

const stateColumns = {
  ageMs: 'age_ms',
  cpuBusyPercent: 'cpu_busy_percent',
  memoryUsedPercent: 'memory_used_percent',
  diskUsedPercent: 'disk_used_percent',
  temperatureCelsius: 'temperature_celsius',
  frequencyMHz: 'frequency_mhz',
  loadAverage: 'load_average',
  probeMs: 'probe_ms',
} as const satisfies Record<keyof DeviceState, string>;

export function rowOf({ sample, kernels }: PackedSample, job: number | undefined): Row {
  const { subject, circumstance, state, time } = sample;
  const { characteristics } = subject;
  return {
    ...{ run: sample.run, source: sample.source, job: job ?? null, at_ms: Math.round(sample.atMs), execution: sample.execution },
    ...{ kind: subject.kind, model: subject.model, family: subject.family, part: subject.part, sha256: subject.sha256 },
    conv_layers: characteristics?.convLayers ?? null,
    pool_layers: characteristics?.poolLayers ?? null,
    fc_layers: characteristics?.fcLayers ?? null,
    filter_details: characteristics?.filterDetails ?? null,
    total_parameters: characteristics?.totalParameters ?? null,
    ...{ input_bytes: Math.round(subject.inputBytes), output_bytes: Math.round(subject.outputBytes) },
    ...{ device: circumstance.device, device_key: circumstance.deviceKey, runtime_version: circumstance.runtimeVersion },
    ...{ threads: circumstance.threads, cores: circumstance.cores, quota_cores: circumstance.quotaCores ?? null },
    memory_bytes: circumstance.memoryBytes,
    ...{ load_cores: circumstance.load?.cores ?? null, load_duty: circumstance.load?.duty ?? null },
    ...Object.fromEntries(Object.entries(stateColumns).map(([name, column]) => [column, state[name as keyof DeviceState] ?? null])),
    ...{ ms: time.ms, batches: JSON.stringify(time.batches), count: time.count },
    ...{ median_ms: time.medianMs, p90_ms: time.p90Ms, min_ms: time.minMs },
    ...{ read_bytes: sample.readBytes ?? null, written_bytes: sample.writtenBytes ?? null },
    ...{ kernel_list: kernels?.digest ?? null, kernel_us: kernels?.us ?? null, kernel_probe_ms: sample.kernelProbeMs ?? null },
    probes: time.probes === undefined ? null : JSON.stringify(time.probes),
  };
}

export function packedOf(row: Row): PackedSample {
  const text = (column: string): string => row[column] as string;
  const number = (column: string): number => row[column] as number;
  const present = <K extends string>(key: K, column: string) => (row[column] === null ? {} : { [key]: number(column) });
  return {
    sample: {
      ...{ run: text('run'), source: text('source') as Sample['source'], atMs: number('at_ms'), execution: number('execution') },
      subject: {
        ...{
          kind: text('kind') as Subject['kind'],
          model: text('model'),
          family: text('family'),
          part: text('part'),
          sha256: text('sha256'),
        },
        ...(row.conv_layers === null ? {} : { characteristics: characteristicsOf(number) }),
        ...{ inputBytes: number('input_bytes'), outputBytes: number('output_bytes') },
      },
      circumstance: {
        ...{ device: text('device'), deviceKey: text('device_key'), runtimeVersion: text('runtime_version') },
        ...{ threads: number('threads'), cores: number('cores'), ...present('quotaCores', 'quota_cores') },
        memoryBytes: number('memory_bytes'),
        ...(row.load_cores === null ? {} : { load: { cores: number('load_cores'), duty: number('load_duty') } }),
      },
      state: Object.assign({}, ...Object.entries(stateColumns).map(([name, column]) => present(name, column))) as DeviceState,
      time: {
        ...{ ms: number('ms'), batches: JSON.parse(text('batches')) as number[], count: number('count') },
        ...{ medianMs: number('median_ms'), p90Ms: number('p90_ms'), minMs: number('min_ms') },
        ...(row.probes === null ? {} : { probes: JSON.parse(text('probes')) as number[] }),
      },
      ...present('readBytes', 'read_bytes'),
      ...present('writtenBytes', 'written_bytes'),
      ...present('kernelProbeMs', 'kernel_probe_ms'),
    },
    kernels:
      row.kernel_list === null
        ? undefined
        : { digest: text('kernel_list'), us: row.kernel_us === null ? undefined : (row.kernel_us as Uint8Array) },
  };
}

function characteristicsOf(number: (column: string) => number): NonNullable<Subject['characteristics']> {
  return {
    convLayers: number('conv_layers'),
    poolLayers: number('pool_layers'),
    fcLayers: number('fc_layers'),
    filterDetails: number('filter_details'),
    totalParameters: number('total_parameters'),
  };
}
