/** A run whose mesh is broken at random while it goes on, from a seed: its output must be that of a run nobody touched. */
import { setTimeout as delay } from 'node:timers/promises';
import { BrokenRun, lossesOf } from '../system/broken-run.ts';
import { DEVICES, withLinks } from './chaos-mesh.ts';
import type { ChaosWorld } from './chaos-world.ts';
import { formatSchedule, scheduleOf } from './schedule.ts';

const RATE = 10;
export const FRAMES = 50;
/** Faults begin before the last frame is sent. */
const SPAN_MS = (FRAMES / RATE) * 1000 * 0.8;

export interface RandomRun extends ChaosWorld {
  readonly seed: number;
}

export interface Outcome {
  readonly seed: number;
  /** Undefined: as if nobody had touched it. */
  readonly wrong: string | undefined;
  readonly losses: number;
  readonly recoveredMs: readonly number[];
}

/** Never rejects. */
export async function randomRun(random: RandomRun): Promise<Outcome> {
  const { seed } = random;
  return await brokenRun(random).catch((error: unknown) => ({
    ...{ seed, wrong: `seed ${seed}: ${String(error)}`, losses: 0 },
    recoveredMs: [],
  }));
}

async function brokenRun({ chaos, seed, model, untouched }: RandomRun): Promise<Outcome> {
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
