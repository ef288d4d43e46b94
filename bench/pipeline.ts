/**
 * What a pipeline gains: ResNet-50 on four agents of 0.4 core each (cgroup, 10 ms period), cut by hand for balance, against one such agent
 * with the whole model. Everything a device does, moving bytes included, comes out of its quota.
 *
 *     throughput × slowest stage's compute     its utilization (mean compute; utilization law): 1 would be a stage that never waits
 *     throughput ÷ one agent's throughput      4 would be perfect balance and bytes that move for nothing
 *
 *     node bench/pipeline.ts [--rounds 3] [--frames 1000] [--cuts layer20,layer37,layer55] [--quota 0.4] [--json]
 */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { LocalMesh } from '../controller/deploy/local-mesh.ts';
import { print } from './support/report.ts';
import { runController } from './support/run-controller.ts';
import { median } from './support/statistics.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    frames: { type: 'string', default: '1000' },
    model: { type: 'string', default: 'resnet50' },
    cuts: { type: 'string', default: 'layer20,layer37,layer55' },
    quota: { type: 'string', default: '0.4' },
    json: { type: 'boolean', default: false },
  },
});

const stages = values.cuts.split(',').length + 1;
await using mesh = await LocalMesh.start({
  agents: stages,
  agentFlags: () => ['--cpu-quota', values.quota],
  env: process.env,
  tmpdir: tmpdir(),
  signal: new AbortController().signal,
});
const common = ['--nats', mesh.natsUrl, '--mesh', mesh.name, '--verify', 'off', '--threads', '1', '--codec', 'none'];
const devices = mesh.devices.map(({ name }) => name);

const pipelineFps: number[] = [];
const singleFps: number[] = [];
const occupancy: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const split = await runController([
    ...common,
    '--split',
    `${values.model}@${values.cuts}`,
    '--on',
    devices.join(','),
    '--frames',
    values.frames,
  ]);
  const one = await runController([
    ...common,
    '--split',
    values.model,
    '--on',
    devices[0]!,
    '--frames',
    String(Math.ceil(Number(values.frames) / 3)),
  ]);
  if (split.frames.lost + one.frames.lost > 0) throw new Error('frames were lost');
  pipelineFps.push(split.throughputFps);
  singleFps.push(one.throughputFps);
  occupancy.push(Math.max(...split.stages.map(({ busyShare }) => busyShare)));
  if (!values.json)
    console.error(`round ${round + 1}: stages compute ${split.stages.map(({ computeMs }) => computeMs.p50.toFixed(1)).join(' · ')} ms`);
}
const speedup = pipelineFps.map((fps, round) => fps / singleFps[round]!);

print(
  {
    benchmark: `pipeline: ${values.model}@${values.cuts} on ${stages} agents of ${values.quota} core`,
    method: `median of ${values.rounds} interleaved rounds of ${values.frames} frames (closed loop, lossless) and a third of that on one agent`,
    rows: [
      { what: 'pipeline', value: median(pipelineFps), unit: 'fps', rounds: pipelineFps },
      { what: 'one agent', value: median(singleFps), unit: 'fps', rounds: singleFps },
      { what: "throughput × slowest stage's compute", value: median(occupancy), unit: '', rounds: occupancy, bar: { atLeast: 0.92 } },
      { what: 'pipeline ÷ one agent', value: median(speedup), unit: '×', rounds: speedup, bar: { atLeast: 3 } },
    ],
  },
  values.json,
);
