/**
 * How far off the profiler is for the stages of planned runs: devices of unlike quotas, `run --split MODEL@auto`, what was foretold of each stage before anything
 * of the model was run in parts there, and what its first windows of frames took: at the speed the processor usually has, as far as the run's speed probe
 * tells, and as they were.
 *
 *     node bench/foretold.ts [--data DIR] [--models a,b] [--quotas 1,0.6,0.25] [--frames 120] [--json]        needs root
 *
 * --data: what a collection has measured (docs/profiler.md) on devices with such quotas. Without it, a small one is made first, of other models.
 */
import { cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LocalMesh } from '../controller/deploy/local-mesh.ts';
import type { RunReport } from '../controller/report/run-report.ts';
import { ranked } from '../mesh/ranked.ts';
import { print } from './support/report.ts';
import { controllerJson } from './support/run-controller.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    models: { type: 'string', default: 'resnet18,resnet50,googlenet,densenet121,yolo-tiny' },
    quotas: { type: 'string', default: '1,0.6,0.25' },
    frames: { type: 'string', default: '120' },
    json: { type: 'boolean', default: false },
  },
});

const quotas = values.quotas.split(',');
await using mesh = await LocalMesh.start({
  ...{ agents: quotas.length, env: process.env, tmpdir: tmpdir(), signal: new AbortController().signal },
  agentFlags: (index) => ['--cpu-quota', quotas[index]!],
});
const place = ['--nats', mesh.natsUrl, '--mesh', mesh.name];
const data = join(mesh.root, 'data');
if (values.data !== undefined) cpSync(values.data, data, { recursive: true });
else {
  const others = [
    '--models',
    'squeezenet,mobilenetv2,inceptionv3,shufflenetv2',
    '--segments',
    '2',
    '--kernels',
    '200',
    '--iterations',
    '1',
  ];
  await controllerJson(['profile', 'collect', '--json', ...place, '--data', data, ...others]);
}

const lines: (readonly (string | number)[])[] = [];
const errors: number[] = [];
const raw: number[] = [];
let covered = 0;
for (const model of values.models.split(',')) {
  // What an earlier model's trials have measured of links and frames is not what this is about.
  process.env.XDG_CACHE_HOME = join(mesh.root, `cache-${model}`);
  const argv = ['run', '--split', `${model}@auto`, '--frames', values.frames, '--verify', 'off', '--json', ...place, '--data', data];
  const { forecast = [], throughputFps } = await controllerJson<RunReport>(argv);
  for (const { stage, device, layers, toldMs, firstMs, firstUsualMs, interval } of forecast) {
    // How fast a processor is, is not the profiler's to know before.
    const usualMs = firstUsualMs ?? firstMs;
    const error = usualMs / toldMs - 1;
    errors.push(Math.abs(error));
    raw.push(Math.abs(firstMs / toldMs - 1));
    if (interval !== null && firstMs >= interval.low && firstMs <= interval.high) covered += 1;
    lines.push([`${model} ${stage}`, device, layers, toldMs, firstMs, usualMs, `${(error * 100).toFixed(1)} %`]);
  }
  if (!values.json) console.error(`${model}: ${forecast.length} stages, ${throughputFps?.toFixed(1)} frames/s`);
}

const percent = (share: number): number => 100 * share;
print(
  {
    benchmark: `foretold: stages of ${values.models} on devices of ${values.quotas} cores`,
    method: `each model @auto, ${values.frames} frames; what was foretold of a stage before the run against the median of its first 3 × 16 frames, at the processor's usual speed`,
    tables: [{ title: 'stages, ms per frame', columns: ['stage', 'device', 'layers', 'foretold', 'took', 'as usual', 'error'], lines }],
    rows: [
      { what: 'error, median', value: percent(ranked(errors, 0.5)), unit: '%', rounds: errors.map(percent), bar: { atMost: 6 } },
      { what: 'error, 95th percentile', value: percent(ranked(errors, 0.95)), unit: '%', rounds: [], bar: { atMost: 15 } },
      { what: 'as told, whatever the speed, median', value: percent(ranked(raw, 0.5)), unit: '%', rounds: raw.map(percent) },
      { what: 'inside of the 90 % interval', value: percent(covered / errors.length), unit: '%', rounds: [] },
    ],
  },
  values.json,
);
