/**
 * A run that is broken while it goes on, and must not show it: its output is that of a run nobody touched, to the last bit.
 *
 *     unfaulted run ─▶ output ═══════════════════════════╗
 *     run ── frames come ── the test breaks something ── output, equal?
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { RunReport } from '../../controller/report/run-report.ts';
import type { Mesh } from '../helpers/mesh-harness.ts';
import type { TestProcess } from '../helpers/processes.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { run } from './run-report.ts';

/** The promise is 2 s where the weights are, on a machine that has time for it; a test machine shared by many gets more. */
export const RECOVERY_MS = 10_000;

export interface BrokenRunOptions {
  readonly mesh: Mesh;
  /** As for --split. */
  readonly split: string;
  readonly frames: number;
  /** Frames per second; undefined: as fast as they go. */
  readonly rate?: number;
  /** More flags. */
  readonly flags?: readonly string[];
  /** Of the output file, when there are several runs on one mesh. */
  readonly name?: string;
}

export interface BrokenRunEnd {
  readonly code: number | null;
  readonly stderr: string;
  /** Undefined when it failed. */
  readonly report: RunReport | undefined;
  /** SHA-256 of the output file; undefined when there is none. */
  readonly outputHash: string | undefined;
}

export class BrokenRun {
  readonly controller: TestProcess;
  readonly #output: string;

  private constructor(controller: TestProcess, output: string) {
    this.controller = controller;
    this.#output = output;
  }

  /** Resolves when frames come out. */
  static async start(options: BrokenRunOptions): Promise<BrokenRun> {
    const { mesh, split, frames, rate, flags = [], name = 'broken' } = options;
    const output = join(mesh.folder, `${name}.npy`);
    const paced = rate === undefined ? [] : ['--rate', String(rate)];
    const what = ['run', '--split', split, '--frames', String(frames), ...paced, '--verify', 'off', '--output', output, '--json'];
    const broken = new BrokenRun(mesh.startController([...what, ...flags]), output);
    await broken.more(1);
    return broken;
  }

  /** Bytes of the output, which lies beside its place until the run is complete. */
  async written(): Promise<number> {
    const parts = (await readdir(dirname(this.#output))).filter((name) => name.startsWith(`${basename(this.#output)}.`));
    return parts[0] === undefined ? 0 : await sizeOf(join(dirname(this.#output), parts[0]));
  }

  /** Resolves when so many bytes of outputs more than now are written: frames come out. */
  async more(bytes: number, timeoutMs = 60_000): Promise<void> {
    const before = await this.written();
    await waitUntil(
      'frames come out',
      async () => {
        if (!this.controller.running) throw new Error(`the run is over\n${this.controller.lastWords()}`);
        return (await this.written()) >= before + bytes;
      },
      timeoutMs,
    );
  }

  /** Resolves when it has recovered from so many losses. */
  async losses(count: number): Promise<void> {
    const recovered = (): number => lossesOf(this.controller.stderr.text).filter(({ recoveredMs }) => recoveredMs !== undefined).length;
    await waitUntil(
      `the run recovers from ${count} losses`,
      () => {
        if (!this.controller.running) throw new Error(`the run is over\n${this.controller.lastWords()}`);
        return recovered() >= count;
      },
      RECOVERY_MS * 2,
    );
  }

  async end(): Promise<BrokenRunEnd> {
    const { code } = await this.controller.exit;
    const report = code === 0 ? (JSON.parse(this.controller.stdout.text) as RunReport) : undefined;
    return { code, stderr: this.controller.stderr.text, report, outputHash: await hashOf(this.#output) };
  }

  /** Ends as if nobody had touched it: every frame once, in order, the right bits. */
  async endsUntouched(t: ExecutionContext, frames: number, outputHash: string): Promise<BrokenRunEnd> {
    const ended = await this.end();
    t.is(ended.code, 0, ended.stderr);
    t.deepEqual(ended.report?.frames, { sent: frames, received: frames, lost: 0, duplicated: 0, outOfOrder: 0 });
    t.is(ended.outputHash, outputHash, 'outputs differ from those of the run that nobody touched');
    return ended;
  }
}

/** SHA-256 of what a run writes that nobody touches, whole on one device. */
export async function unfaultedHash(mesh: Mesh, model: string, frames: number, flags: readonly string[] = []): Promise<string> {
  const output = join(mesh.folder, `unfaulted-${frames}.npy`);
  await run(mesh, '--split', model, '--frames', String(frames), '--verify', 'off', '--output', output, ...flags);
  return (await hashOf(output))!;
}

/** What the run said of one loss. */
export interface Loss {
  /** Who was lost, and why. */
  readonly what: string;
  readonly moves: string;
  /** Until frames came again, milliseconds; undefined when that was not said. */
  readonly recoveredMs: number | undefined;
  /** Frames that were sent again. */
  readonly again: number;
}

/** In the order of the losses. */
export function lossesOf(stderr: string): Loss[] {
  const losses: Loss[] = [];
  for (const line of stderr.split('\n')) {
    const lost = /^controller: warning: (.*); the run goes on: (.*)$/.exec(line);
    if (lost !== null) losses.push({ what: lost[1]!, moves: lost[2]!, recoveredMs: undefined, again: 0 });
    const recovered = /^controller: recovered after ([\d.]+) s(?:, (\d+) frames? sent again)?$/.exec(line);
    if (recovered !== null) losses.push({ ...losses.pop()!, recoveredMs: Number(recovered[1]) * 1000, again: Number(recovered[2] ?? 0) });
  }
  return losses;
}

export async function hashOf(path: string): Promise<string | undefined> {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** 0 when it was put in its place, or removed, meanwhile. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
