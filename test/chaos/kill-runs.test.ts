/**
 * Runs whose mesh is broken at random while they go on, a hundred and more, each from a seed: its output must be that of a run nobody touched.
 *
 *     TEST_SEED=N make chaos     other runs, or again those of a failure: the first of each test is N, N + 1000, …
 */
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { OwnScope } from '../helpers/scope.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { BrokenRun, lossesOf, unfaultedHash } from '../system/broken-run.ts';
import { writeModelFile } from '../system/run-models.ts';
import { ChaosMesh, DEVICES, withLinks } from './chaos-mesh.ts';
import { formatSchedule, scheduleOf } from './schedule.ts';

const FIRST_SEED = Number(process.env.TEST_SEED ?? 1_000);
/** One after the other: tests × runs. Two meshes at a time. */
const TESTS = 10;
const MESHES = 2;
const RUNS_PER_MESH = 6;

const RATE = 10;
const FRAMES = 50;
/** Faults begin before the last frame is sent. */
const SPAN_MS = (FRAMES / RATE) * 1000 * 0.8;

interface Outcome {
  readonly seed: number;
  /** Undefined: as if nobody had touched it. */
  readonly wrong: string | undefined;
  readonly losses: number;
  readonly recoveredMs: readonly number[];
}

async function runsOnOneMesh(seeds: readonly number[]): Promise<readonly Outcome[]> {
  const scope = new OwnScope();
  try {
    const chaos = await ChaosMesh.start(scope);
    const model = await writeModelFile(chaos.mesh.folder, 'chain');
    const untouched = await unfaultedHash(chaos.mesh, model, FRAMES, chaos.flags);
    const outcomes: Outcome[] = [];
    for (const seed of seeds) {
      const failed = (error: unknown): Outcome => ({ seed, wrong: `seed ${seed}: ${String(error)}`, losses: 0, recoveredMs: [] });
      outcomes.push(await brokenRun(chaos, seed, model, untouched).catch(failed));
    }
    await waitUntil('no stage is left', () => chaos.mesh.agents.every((agent) => agent.stages().length === 0), 30_000);
    return outcomes;
  } finally {
    await scope.end();
  }
}

async function brokenRun(chaos: ChaosMesh, seed: number, model: string, untouched: string): Promise<Outcome> {
  const { mesh, flags } = chaos;
  const schedule = scheduleOf(seed, DEVICES, SPAN_MS, withLinks);
  const split = `${model}@layer1,layer2`;
  const run = await BrokenRun.start({ mesh, split, frames: FRAMES, rate: RATE, flags, name: `run-${seed}` });
  const suffering = schedule.map(async (fault) => {
    await delay(fault.atMs);
    await chaos.suffer(fault);
  });
  const ended = await run.end();
  await Promise.all(suffering);
  const losses = lossesOf(ended.stderr);
  const outcome = { seed, losses: losses.length, recoveredMs: losses.flatMap(({ recoveredMs }) => recoveredMs ?? []) };
  const right = { sent: FRAMES, received: FRAMES, lost: 0, duplicated: 0, outOfOrder: 0 };
  const problems = [
    ...(ended.code === 0 ? [] : [`it ended with ${ended.code}`]),
    ...(ended.report === undefined || JSON.stringify(ended.report.frames) === JSON.stringify(right)
      ? []
      : [`frames: ${JSON.stringify(ended.report.frames)}`]),
    ...(ended.code !== 0 || ended.outputHash === untouched ? [] : ['its output is another']),
  ];
  if (problems.length === 0) return { ...outcome, wrong: undefined };
  return { ...outcome, wrong: `seed ${seed}: ${problems.join('; ')}\n  ${formatSchedule(schedule)}\n${ended.stderr}` };
}

for (let at = 0; at < TESTS; at += 1) {
  const first = FIRST_SEED + at * 1000;
  const title = `${MESHES * RUNS_PER_MESH} runs that are broken at random end as if nobody had touched them (seeds from ${first})`;
  test.serial(title, async (t) => {
    t.timeout(14 * 60_000);
    const seeds = Array.from({ length: MESHES }, (_, mesh) =>
      Array.from({ length: RUNS_PER_MESH }, (__, run) => first + mesh * RUNS_PER_MESH + run),
    );
    const outcomes = (await Promise.all(seeds.map(runsOnOneMesh))).flat();
    const recovered = outcomes.flatMap(({ recoveredMs }) => recoveredMs).sort((a, b) => a - b);
    const losses = outcomes.reduce((sum, each) => sum + each.losses, 0);
    t.log(
      `${outcomes.length} runs, ${losses} losses; frames came again after ${recovered.map((ms) => (ms / 1000).toFixed(1)).join(', ')} s`,
    );
    for (const { wrong } of outcomes) t.is(wrong, undefined, wrong);
    t.true(losses > 0, 'nothing was broken');
  });
}
