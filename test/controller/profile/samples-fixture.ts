/** A sample, to be changed where a test wants it otherwise. */
import type { Sample } from '../../../controller/profiler/sample.ts';

export const sample: Sample = {
  run: 'collect-1',
  source: 'collect',
  atMs: 1_790_000_000_000,
  execution: 1,
  subject: {
    ...{ kind: 'model', model: 'lenet', family: 'lenet', part: '', sha256: 'ab'.repeat(32) },
    characteristics: { convLayers: 2, poolLayers: 2, fcLayers: 3, filterDetails: 22, totalParameters: 61_706 },
    ...{ inputBytes: 4096, outputBytes: 40 },
  },
  circumstance: {
    ...{ device: 'q06', deviceKey: 'x64, quota 0.6', runtimeVersion: '1.30.0', threads: 1, cores: 2, quotaCores: 0.6 },
    ...{ memoryBytes: 2 ** 33, load: { cores: 1, duty: 0.5 } },
  },
  state: {
    ageMs: 12.5,
    cpuBusyPercent: 12.34,
    memoryUsedPercent: 40,
    diskUsedPercent: 28.16,
    frequencyMHz: 2500,
    loadAverage: 0.5,
    probeMs: 0.4,
  },
  time: { ms: 0.5, batches: [0.4, 0.5, 0.6], count: 600, medianMs: 0.3, p90Ms: 0.9, minMs: 0.25 },
  kernels: [
    { name: 'c1_nchwc', operator: 'nchwc.Conv', inputs: ['float32[1, 1, 32, 32]'], outputs: ['float32[1, 6, 28, 28]'], us: 20.5 },
    { name: 'f1', operator: 'Gemm', inputs: ['float32[1, 400]'], outputs: ['float32[1, 120]'], us: 7 },
  ],
  kernelProbeMs: 0.45,
  readBytes: 0,
  writtenBytes: 4096,
};
