/**
 * What splitting costs: ResNet-50 cut in two on two local agents, one frame in flight. The latency of a frame, divided by the time that
 * the two sessions compute on it; what is above 1 is moving bytes, queues, threads and the controller.
 *
 *     node bench/overhead.ts [--rounds 5] [--frames 300] [--model resnet50] [--cut layer37] [--json]
 */
import { parseArgs } from 'node:util';
import { print } from './support/report.ts';
import { runController } from './support/run-controller.ts';
import { median } from './support/statistics.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    frames: { type: 'string', default: '300' },
    model: { type: 'string', default: 'resnet50' },
    cut: { type: 'string', default: 'layer37' },
    json: { type: 'boolean', default: false },
  },
});

const latency: number[] = [];
const compute: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const run = await runController([
    '--split',
    `${values.model}@${values.cut}`,
    '--frames',
    values.frames,
    '--window',
    '1',
    '--verify',
    'off',
    '--threads',
    '1',
  ]);
  latency.push(run.latencyMs.p50);
  compute.push(run.stages.reduce((sum, { computeMs }) => sum + computeMs.p50, 0));
}
const ratios = latency.map((ms, round) => ms / compute[round]!);

print(
  {
    benchmark: `overhead of a split: ${values.model}@${values.cut}, two local agents, one frame in flight`,
    method: `median of ${values.rounds} rounds of ${values.frames} frames; latency by the controller's clock, compute inside each session's run call`,
    rows: [
      { what: 'latency p50', value: median(latency), unit: 'ms', rounds: latency },
      { what: 'compute p50, both stages', value: median(compute), unit: 'ms', rounds: compute },
      { what: 'latency ÷ compute', value: median(ratios), unit: '×', rounds: ratios, bar: { atMost: 1.1 } },
    ],
  },
  values.json,
);
