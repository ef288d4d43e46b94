/** What the tests of reports start from, and the schema that a report has to keep. */
import { readFileSync } from 'node:fs';
import { type ReportFacts, type RunReport, reportOf as reportOfFacts } from '../../../controller/report/run-report.ts';
import { MeasureSummary } from '../../../controller/run/measure-summary.ts';
import type { MeasuredRows } from '../../../controller/store/records.ts';

export const schema = JSON.parse(readFileSync(new URL('../../../docs/schema/run.schema.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>;

const spec = (name: string) => ({ name, dtype: 'float32', dims: [1] }) as const;
/** With every single row. */
export type Facts = Omit<ReportFacts, 'measured'> & MeasuredRows;

export const facts: Facts = {
  run: 'r1',
  model: 'resnet<18>',
  plan: {
    epoch: 1n,
    stages: [
      { id: 'stage1', device: 'pi1', layers: '1-12', inputs: [spec('x')], outputs: [spec('h')] },
      { id: 'stage2', device: 'pi2', layers: '13-21', inputs: [spec('h')], outputs: [spec('y')] },
    ],
    routes: [
      { from: 'source', to: 'stage1', tensors: ['x'], codec: 'auto' },
      { from: 'stage1', to: 'stage2', tensors: ['h'], codec: 'auto' },
      { from: 'stage2', to: 'sink', tensors: ['y'], codec: 'auto' },
    ],
  },
  delivery: { sent: 3, received: 3, lost: 0, duplicated: 0, outOfOrder: 0 },
  frames: [0n, 1n, 2n].map((frame) => ({ frame, startMs: Number(frame) * 10, latencyMs: 30 })),
  stages: [0n, 1n, 2n].map((frame) => ({
    stage: 'stage1',
    device: 'pi1',
    frame,
    queueUs: 100,
    decodeUs: 200,
    computeUs: 5000,
    encodeUs: 300,
  })),
  links: [
    {
      from: 'source',
      to: 'stage1',
      frame: 0n,
      rawBytes: 4000,
      wireBytes: 2000,
      transferUs: 1000,
      occupiedUs: 1000,
      encodeUs: 0,
      codec: 'lz4',
    },
    {
      from: 'source',
      to: 'stage1',
      frame: 1n,
      rawBytes: 4000,
      wireBytes: 4000,
      transferUs: 2000,
      occupiedUs: 2000,
      encodeUs: 0,
      codec: 'none',
    },
    {
      from: 'source',
      to: 'stage1',
      frame: 2n,
      rawBytes: 4000,
      wireBytes: 3000,
      transferUs: 3000,
      occupiedUs: 3000,
      encodeUs: 0,
      codec: 'lz4',
    },
  ],
  loaded: new Map(
    ['stage1', 'stage2'].map((id) => [id, { address: 'x', loadMs: 10, warmupMs: 5, threads: 2, outputs: [], kernels: [], reused: false }]),
  ),
  uses: [{ key: { run: 'r1', stage: 'stage1', epoch: 1n }, frames: 3, cpuMs: 20, peakMemoryBytes: 1_000_000, measureBatches: 1 }],
  verify: { compared: 3, maxAbsError: 1e-6, maxRelativeError: 2e-7, maxUlp: 5, top1Agreement: 1, lossy: false, passed: true },
  kernels: undefined,
  oneDevice: { device: 'pi1', frames: 8, throughputFps: 50, latencyMs: null, computeMs: null, threads: 2 },
  window: 5,
  rateFps: undefined,
  drops: undefined,
  input: 'random numbers (seed 1)',
  parallel: undefined,
  foretold: undefined,
  forecast: undefined,
  codecs: undefined,
  epochs: [],
  failed: [],
  elapsedMs: 50,
};

export function reportOf(given: Facts): RunReport {
  const measured = new MeasureSummary();
  measured.add(given);
  return reportOfFacts({ ...given, measured });
}
