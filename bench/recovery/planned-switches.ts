/**
 * One run on four agents, one of which is drained again and again: how long nothing comes out when its stage leaves.
 *
 *     out    ●  ●  ●  ●  ●     ●  ●  ●  ●          gaps between consecutive outputs, around each switch
 *     drain ───────▶│ load │ switch │                a switch: the frame from which on the stage computes on another device
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LocalMesh } from '../../controller/deploy/local-mesh.ts';
import { type BenchAgent, end, startAgent } from '../files/agent-process.ts';

const program = fileURLToPath(new URL('../../controller/main.ts', import.meta.url));
const DEVICES = ['a', 'b', 'c', 'd'] as const;
/** Before the first switch, and between two of them: the rest of one must not disturb the next. */
const BETWEEN_MS = 2_000;
/** Outputs before and after the first frame of a switch whose gaps count: all that were on their way, and those that follow. */
const AROUND = 16;

/** Milliseconds between consecutive outputs, in their order. */
export interface Gaps {
  /** Of each switch. */
  readonly around: readonly (readonly number[])[];
  /** Far from any: what the machine does by itself. */
  readonly elsewhere: readonly number[];
}

export interface SwitchOptions {
  readonly split: string;
  readonly rate: number;
  readonly window: number;
  readonly switches: number;
}

export async function plannedSwitches(mesh: LocalMesh, { split, rate, window, switches }: SwitchOptions): Promise<Gaps> {
  const joined = ['--nats', mesh.natsUrl, '--mesh', mesh.name];
  const agents = new Map<string, BenchAgent>();
  const start = async (name: string): Promise<void> => void agents.set(name, await startAgent(name, join(mesh.root, name), [], joined));
  for (const name of DEVICES) await start(name);
  const data = join(mesh.root, 'runs');
  const what = ['--split', split, '--frames', '100000000', '--rate', String(rate), '--window', String(window), '--verify', 'off'];
  const args = [program, 'run', ...joined, '--data', data, ...what, '--threads', '1', '--codec', 'none'];
  const controller = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const lines: string[] = [];
  createInterface({ input: controller.stderr! }).on('line', (line) => lines.push(line));
  try {
    await until('the run begins', () => framesIn(data) > rate, lines);
    let device = 'b';
    for (let done = 0; done < switches; done += 1) {
      await delay(BETWEEN_MS);
      const from = lines.length;
      const drain = spawn(process.execPath, [program, 'drain', device, ...joined], { stdio: 'ignore' });
      const [code] = await once(drain, 'exit');
      if (code !== 0) throw new Error(`${device} could not be drained:\n${lines.join('\n')}`);
      const moved = lines.slice(from).flatMap((line) => /stage2 moves from \w+ to (\w+)/.exec(line)?.[1] ?? []);
      await agents.get(device)![Symbol.asyncDispose]();
      await start(device);
      device = moved.at(-1)!;
    }
    await delay(BETWEEN_MS);
  } finally {
    await end(controller);
    await Promise.all([...agents.values()].map((agent) => agent[Symbol.asyncDispose]()));
  }
  return gapsIn(data);
}

async function until(what: string, holds: () => boolean, lines: readonly string[]): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`not in time: ${what}\n${lines.join('\n')}`);
    await delay(100);
  }
}

function framesIn(data: string): number {
  try {
    using database = open(data);
    return Number(database.prepare('SELECT count(*) AS frames FROM frame').get()!.frames);
  } catch {
    // It is not there yet.
    return 0;
  }
}

function gapsIn(data: string): Gaps {
  using database = open(data);
  const outputs = database.prepare('SELECT frame, start_ms + latency_ms AS ms FROM frame ORDER BY frame').all();
  const arrivals = new Map(outputs.map(({ frame, ms }) => [Number(frame), Number(ms)]));
  const computed = database.prepare("SELECT frame, device FROM stage_frame WHERE stage = 'stage2' ORDER BY frame").all();
  const firsts = computed.flatMap(({ frame, device }, index) =>
    index === 0 || device === computed[index - 1]!.device ? [] : [Number(frame)],
  );
  const isNear = (frame: number, first: number): boolean => frame >= first - AROUND && frame < first + AROUND;
  const gapsOf = (frames: readonly number[]): number[] => frames.flatMap((frame) => gapBefore(arrivals, frame));
  const frames = [...arrivals.keys()];
  return {
    around: firsts.map((first) => gapsOf(frames.filter((frame) => isNear(frame, first)))),
    elsewhere: gapsOf(frames.filter((frame) => !firsts.some((first) => isNear(frame, first)))),
  };
}

function gapBefore(arrivals: ReadonlyMap<number, number>, frame: number): number[] {
  const [before, at] = [arrivals.get(frame - 1), arrivals.get(frame)];
  return before === undefined || at === undefined ? [] : [Math.max(0, at - before)];
}

function open(data: string): DatabaseSync {
  return new DatabaseSync(join(data, 'runs.sqlite'), { readOnly: true, timeout: 5_000 });
}
