/**
 * Load beside a run: a program that uses up time in a group of its own, so that it shares what the device has with the run but is not counted as the run's.
 *
 *     splitmesh-<name>-<pid>       the device's quota: both have it together
 *       ├─ stage-1                 the load
 *       └─ bench-1                 the run
 *
 * Groups share the device's time equally when both want more than there is. It ends when the agent says so, and when the agent is gone: its standard input
 * closes then.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { BackgroundLoad } from '../../mesh/bench/order.ts';
import { type Clock, pause } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import type { DeviceGroup, StageGroup } from '../cgroup/device-group.ts';
import { LAUNCHER } from '../cgroup/launcher.ts';

export interface LoadOptions {
  readonly node: string;
  /** See load/main.ts. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  /** Undefined: without a group. */
  readonly group: DeviceGroup | undefined;
  readonly clock: Clock;
}

/** It computes nothing that needs memory. */
const HEAP_MIB_MAX = 32;
const START_MS_MAX = 20_000;
const REMOVE_ROUNDS = 50;
const REMOVE_PAUSE_MS = 10;

export class LoadGenerator {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #group: StageGroup | undefined;
  readonly #clock: Clock;
  #ended = false;

  private constructor(child: ChildProcess, group: StageGroup | undefined, clock: Clock) {
    this.#child = child;
    this.#group = group;
    this.#clock = clock;
    // Writing to one that has just ended is no error of ours.
    child.stdin!.on('error', () => {});
    this.#exited = new Promise((resolve) => {
      child.once('exit', resolve);
      child.once('error', resolve);
    });
    void this.#exited.then(() => {
      this.#ended = true;
    });
  }

  /** Resolves when all its threads spin. Errors: `denied` when its group can't be made, `failed` when it does not start; the signal's reason. */
  static async start({ cores, duty }: BackgroundLoad, options: LoadOptions, signal: AbortSignal): Promise<LoadGenerator> {
    signal.throwIfAborted();
    const { node, program, env, clock } = options;
    const group = options.group?.addStage({});
    const words = [...(group?.procsFiles ?? []), '--', node, `--max-old-space-size=${HEAP_MIB_MAX}`, program, `${cores}`, `${duty}`];
    const child = spawn('/bin/sh', ['-c', LAUNCHER, 'load', ...words], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...env },
      detached: true,
    });
    const load = new LoadGenerator(child, group, clock);
    try {
      await load.#ready(signal);
      return load;
    } catch (error) {
      await load.stop();
      throw error;
    }
  }

  /** It ended although nobody stopped it: what was measured meanwhile was measured without it. */
  get died(): boolean {
    return this.#ended;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Resolves when nothing of it is left. Idempotent. */
  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
    for (const stream of this.#child.stdio) stream?.destroy();
    for (let round = 0; round < REMOVE_ROUNDS && this.#group?.remove() === false; round += 1) await pause(this.#clock, REMOVE_PAUSE_MS);
  }

  async #ready(signal: AbortSignal): Promise<void> {
    const giveUp = AbortSignal.any([signal, AbortSignal.timeout(START_MS_MAX)]);
    const spinning = once(this.#child.stdout!, 'data', { signal: giveUp }).then(() => true);
    spinning.catch(() => {});
    const ready = await Promise.race([spinning, this.#exited.then(() => false)]).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new MeshError('failed', `the background load did not start within ${START_MS_MAX / 1000} s`, { cause: error });
    });
    if (!ready) throw new MeshError('failed', 'the background load ended before it began');
  }
}
