/**
 * Memory that people with small devices have to spare: an idle agent, and a stage whose source is ten times too fast. Waiting frames wait at
 * the source, so the second must cost no more than the frames a stage has credit for.
 *
 *     node bench/memory.ts [--seconds 20] [--model resnet18] [--window 4] [--json]
 */
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { LocalMesh } from '../controller/deploy/local-mesh.ts';
import { childrenOf, residentMiB } from './support/process-memory.ts';
import { print } from './support/report.ts';
import { runController } from './support/run-controller.ts';
import { median } from './support/statistics.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    model: { type: 'string', default: 'resnet18' },
    json: { type: 'boolean', default: false },
  },
});

const IDLE_SAMPLES = 20;
const SAMPLE_INTERVAL_MS = 50;
/** A frame of the models used here: 1×3×224×224 float32 in, 1000 float32 out. */
const FRAME_MIB = (3 * 224 * 224 * 4 + 1000 * 4) / 1024 / 1024;
/** Frames a stage may hold; the controller's default. */
const STAGE_WINDOW_FRAMES = 4;

await using mesh = await LocalMesh.start({ agents: 1, env: process.env, tmpdir: tmpdir(), signal: new AbortController().signal });
const agentPid = mesh.pidOf(mesh.devices[0]!.name);

const idle: number[] = [];
for (let i = 0; i < IDLE_SAMPLES; i++) {
  await delay(250);
  idle.push(residentMiB(agentPid) ?? Number.NaN);
}

/** Runs frames at a rate and samples the stage process while it runs: [peak, MiB; mean of the last third ÷ mean of the middle third]. */
async function stageMemory(frames: number, rate: readonly string[]): Promise<{ peak: number; growth: number; fps: number }> {
  const samples: number[] = [];
  const sampling = new AbortController();
  const sampler = (async () => {
    while (!sampling.signal.aborted) {
      for (const pid of childrenOf(agentPid)) samples.push(residentMiB(pid) ?? 0);
      await delay(SAMPLE_INTERVAL_MS);
    }
  })();
  const run = await runController([
    ...['--nats', mesh.natsUrl, '--mesh', mesh.name, '--on', mesh.devices[0]!.name, '--split', values.model],
    ...['--frames', String(frames), '--verify', 'off', '--threads', '1', ...rate],
  ]);
  sampling.abort();
  await sampler;
  const third = Math.floor(samples.length / 3);
  const mean = (part: readonly number[]): number => part.reduce((sum, mib) => sum + mib, 0) / part.length;
  return {
    peak: Math.max(...samples),
    growth: mean(samples.slice(2 * third, -2)) / mean(samples.slice(third, 2 * third)),
    fps: run.throughputFps,
  };
}

const capacity = await stageMemory(40, []);
const frames = Math.ceil(capacity.fps * Number(values.seconds));
const slow = await stageMemory(Math.ceil(frames / 5), ['--rate', (capacity.fps / 5).toFixed(2)]);
const fast = await stageMemory(frames, ['--rate', (capacity.fps * 10).toFixed(2)]);
const allowed = (slow.peak + STAGE_WINDOW_FRAMES * FRAME_MIB) * 1.15;

print(
  {
    benchmark: `memory: an idle agent, and a stage of ${values.model} fed at ten times its capacity for ${values.seconds} s`,
    method: `resident set; agent: median of ${IDLE_SAMPLES} samples; stage: peak of samples every ${SAMPLE_INTERVAL_MS} ms, against a source at a fifth of its capacity`,
    rows: [
      { what: 'idle agent', value: median(idle), unit: 'MiB', rounds: idle, bar: { atMost: 110 } },
      { what: 'stage, source at 1/5', value: slow.peak, unit: 'MiB', rounds: [slow.peak] },
      { what: 'stage, source at 10×', value: fast.peak, unit: 'MiB', rounds: [fast.peak] },
      { what: 'allowed: (first + credits × frame) × 1.15', value: allowed, unit: 'MiB', rounds: [allowed] },
      { what: '10× ÷ allowed', value: fast.peak / allowed, unit: '×', rounds: [fast.peak / allowed], bar: { atMost: 1 } },
      { what: 'last third ÷ middle third', value: fast.growth, unit: '×', rounds: [fast.growth], bar: { atMost: 1.05 } },
    ],
  },
  values.json,
);
