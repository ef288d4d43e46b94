/**
 * The benchmark runs of this device: each waits for its turn, has it, and leaves nothing behind.
 *
 *     order ──▶ BenchQueue ── its turn ──▶ benchRun ──▶ record
 */
import type { BenchEvent } from '../../mesh/bench/event.ts';
import type { BenchOrder } from '../../mesh/bench/order.ts';
import { formatOutcome } from '../../mesh/bench/outcome.ts';
import type { Clock } from '../../mesh/clock.ts';
import type { Device } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import type { DeviceGroup } from '../cgroup/device-group.ts';
import type { CgroupLimits } from '../cgroup/hierarchy.ts';
import type { CheckpointShelf } from '../files/checkpoint-shelf.ts';
import type { FindBlob } from '../files/place-model.ts';
import { BenchQueue } from './bench-queue.ts';
import type { BenchTools } from './bench-run.ts';
import { Workplaces } from './workplace.ts';

export interface BenchHostOptions {
  readonly name: string;
  readonly device: () => Device;
  readonly cores: number;
  readonly limits: CgroupLimits;
  /** Undefined: this agent may not make groups. */
  readonly group: DeviceGroup | undefined;
  readonly dataFolder: string;
  readonly findBlob: FindBlob;
  readonly checkpoints: CheckpointShelf;
  readonly node: string;
  readonly benchProgram: string;
  /** See load-generator.ts. */
  readonly loadProgram: string;
  /** ONNX Runtime's own files. */
  readonly runtimeFiles: readonly string[];
  /** All that a process of inference sees of the environment. */
  readonly stageEnv: Readonly<Record<string, string>>;
  readonly allowCommands: boolean;
  /** Stages that are on the device. */
  readonly stages: () => number;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** For the log. */
  readonly onChange: (run: string, what: string) => void;
}

/** Where the machine tells about itself. */
const ROOT = '/';

export class BenchHost {
  readonly #options: BenchHostOptions;
  readonly #queue: BenchQueue;
  readonly #tools: BenchTools;
  /** Runs that are here, until nothing of them is left. */
  readonly #runs = new Map<string, Promise<void>>();

  constructor(options: BenchHostOptions) {
    const { name, device, group, stages, clock, wallClock, node, loadProgram, stageEnv } = options;
    this.#options = options;
    this.#queue = new BenchQueue({ device: name, clock, stages });
    const workplaces = new Workplaces({
      ...options,
      ...{ deviceLimits: options.limits, program: options.benchProgram, env: options.stageEnv },
      checkpointFolder: (training, best) => options.checkpoints.folder(training, best),
    });
    this.#tools = { device, group, workplaces, stages, root: ROOT, clock, wallClock, node, loadProgram, stageEnv };
  }

  /** Ends and removes what an agent that did not end in order left behind. */
  async removeStale(): Promise<void> {
    await this.#tools.workplaces.removeStale(ROOT);
    await this.#options.checkpoints.keepAll();
  }

  /** Errors: `denied` (commands are not allowed, limits can't be enforced); those of BenchQueue.enter and of benchRun. */
  async run(order: BenchOrder, tell: (event: BenchEvent) => void, signal: AbortSignal): Promise<void> {
    // What can't be is said at once, not when its turn has come.
    this.#check(order);
    if (this.#runs.has(order.run)) throw new MeshError('conflict', `there is a run ${order.run} on ${this.#options.name} already`);
    const run = this.#run(order, tell, signal);
    // Whoever waits for its end is not told of its failure.
    this.#runs.set(
      order.run,
      run.catch(() => {}).finally(() => this.#runs.delete(order.run)),
    );
    await run;
  }

  /** Runs that are here, waiting or not. */
  get length(): number {
    return this.#queue.length;
  }

  /** Resolves when no run of that name is here any more. */
  async settle(run: string): Promise<void> {
    await this.#runs.get(run);
  }

  async #run(order: BenchOrder, tell: (event: BenchEvent) => void, signal: AbortSignal): Promise<void> {
    const { onChange } = this.#options;
    const leave = await this.#queue.enter(order, (ahead, why) => tell({ kind: 'queued', ahead, why }), signal);
    try {
      onChange(order.run, 'began');
      // An agent that is never asked for one does without.
      const { benchRun } = await import('./bench-run.ts');
      const record = await benchRun(order, this.#tools, tell, signal);
      onChange(order.run, `ended: ${formatOutcome(record.outcome)}`);
      tell({ kind: 'ended', record });
    } catch (error) {
      onChange(order.run, `failed: ${(error as Error).message}`);
      throw error;
    } finally {
      if (order.workload.kind === 'training') await this.#keepCheckpoints(order.workload.training, tell);
      leave();
    }
  }

  async #keepCheckpoints(training: string, tell: (event: BenchEvent) => void): Promise<void> {
    try {
      await this.#options.checkpoints.keep(training);
    } catch (error) {
      tell({ kind: 'log', stream: 'agent', line: `the checkpoints of ${training} could not be kept: ${(error as Error).message}` });
    }
  }

  /** Error `denied`. */
  #check({ workload, enforce }: BenchOrder): void {
    const { allowCommands, group, name } = this.#options;
    if (workload.kind === 'command' && !allowCommands) {
      throw new MeshError('denied', 'this agent runs no commands of others', {
        hint: 'start it with --allow-commands, on a network you trust',
      });
    }
    if (enforce && group === undefined) {
      throw new MeshError('denied', `${name} can't limit a benchmark: its agent may not make cgroups`, {
        hint: 'run the agent as root or as a systemd service with Delegate=yes; or run the benchmark without limits: --no-limits',
      });
    }
  }

  /** Error `conflict` while a run goes on that no stage may disturb. */
  admitStage(): void {
    this.#queue.admitStage();
  }

  /** No new runs from now on; those that wait are refused. */
  drain(): void {
    this.#queue.drain();
  }

  /** Resolves when no run is here any more, or `signal` aborts. */
  idle(signal: AbortSignal): Promise<void> {
    return this.#queue.idle(signal);
  }
}
