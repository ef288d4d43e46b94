/**
 * Keeps the processes of detached runs alive on this device.
 *
 *     launch ──▶ remembered on disk ──▶ running ── over ──▶ forgotten
 *                                        ▲   └ died ── a moment ──┐
 *                                        └────────────────────────┘ resumes
 *     this agent starts again: so do the runs it remembers
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import { type HostedRun, type RunOrder, STREAM_OUTPUT } from '../../mesh/run-order.ts';
import type { DeviceGroup } from '../cgroup/device-group.ts';
import { lentPath } from './lent-folder.ts';
import { DEATHS_MAX, deathsAfter, restartDelayMs } from './restarts.ts';
import { RunChild } from './run-child.ts';
import type { RunShelf } from './run-shelf.ts';

export interface RunHostOptions {
  readonly device: string;
  readonly mesh: string;
  readonly insecure: boolean;
  readonly shelf: RunShelf;
  /** Where inputs and outputs of runs may lie. */
  readonly lentFolder: string;
  /** The controller's program, the Node that runs it, and all it sees of the environment. */
  readonly program: string;
  readonly node: string;
  readonly env: Readonly<Record<string, string>>;
  /** Undefined: this agent may not make groups. */
  readonly group: DeviceGroup | undefined;
  readonly clock: Clock;
  /** For the log. */
  readonly onChange: (run: string, what: string, lastWords?: string) => void;
}

interface Kept {
  readonly run: string;
  child: RunChild | undefined;
  startedMs: number;
  /** In a row. */
  deaths: number;
  restarts: number;
  lastWords: string;
  timer: Timer | undefined;
  /** It is over here. */
  forgetting: Promise<void> | undefined;
}

function newlyKept(run: string): Kept {
  return { run, child: undefined, startedMs: 0, deaths: 0, restarts: 0, lastWords: '', timer: undefined, forgetting: undefined };
}

/** How long a run may take to end in order. */
const STOP_PATIENCE_MS = 10_000;

export class RunHost {
  readonly #options: RunHostOptions;
  readonly #kept = new Map<string, Kept>();
  /** No run is started any more. */
  #closed = false;
  #draining = false;

  constructor(options: RunHostOptions) {
    this.#options = options;
  }

  /** Starts what this device remembers. */
  async resume(): Promise<void> {
    const { shelf, onChange } = this.#options;
    for (const { run } of await shelf.list((error) => onChange('?', `forgotten: ${error.message}`))) this.#keep(run);
  }

  /** Errors: `conflict` when it is here already or this agent is draining; `denied` for a path it does not lend; `not-found` for a blob. */
  async launch(order: RunOrder): Promise<void> {
    const { device, shelf } = this.#options;
    if (this.#draining) throw new MeshError('conflict', `${device} is draining and takes no new runs`);
    if (this.#kept.has(order.run)) throw new MeshError('conflict', `run ${order.run} is on ${device} already`);
    const reserved = newlyKept(order.run);
    this.#kept.set(order.run, reserved);
    try {
      await shelf.add(await this.#withRealPaths(order));
    } catch (error) {
      this.#kept.delete(order.run);
      throw error;
    }
    this.#start(reserved);
  }

  list(): HostedRun[] {
    return [...this.#kept.values()].map(({ run, child, restarts, lastWords }) => {
      const pid = child?.pid;
      return { run, ...(pid === undefined ? {} : { pid }), restarts, lastWords };
    });
  }

  /** Ends a run in order; it is forgotten. Resolves when its process is gone. Error `not-found`. */
  async stop(run: string): Promise<void> {
    const kept = this.#kept.get(run);
    if (kept === undefined) throw new MeshError('not-found', `run ${run} is not on ${this.#options.device}`);
    kept.timer?.cancel();
    const { child } = kept;
    if (child !== undefined) await child.stop(STOP_PATIENCE_MS);
    await this.#forget(kept, 'stopped');
  }

  /** No new runs from now on. */
  drain(): void {
    this.#draining = true;
  }

  /** Ends the processes; the runs go on when this agent is started again, or elsewhere when somebody takes them over. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#draining = true;
    const kept = [...this.#kept.values()];
    for (const { timer } of kept) timer?.cancel();
    await Promise.all(kept.map(({ child }) => child?.close()));
  }

  #keep(run: string): void {
    const kept = newlyKept(run);
    this.#kept.set(run, kept);
    this.#start(kept);
  }

  #start(kept: Kept): void {
    if (this.#closed) return;
    const { program, node, env, device, mesh, insecure, shelf, group, clock, onChange } = this.#options;
    const argv = ['hosted', shelf.folder(kept.run), '--device', device, '--mesh', mesh, '--deaths', String(kept.deaths)];
    const child = new RunChild({ node, argv: [program, ...argv, ...(insecure ? ['--insecure'] : [])], env, group: group?.addStage({}) });
    kept.child = child;
    kept.startedMs = clock.now();
    onChange(kept.run, kept.restarts === 0 ? 'started' : 'started again');
    void child.ended.then((end) => this.#ended(kept, end.over, end.lastWords));
  }

  async #ended(kept: Kept, over: boolean, lastWords: string): Promise<void> {
    const { clock, shelf, onChange } = this.#options;
    kept.child = undefined;
    if (this.#closed || this.#kept.get(kept.run) !== kept) return;
    if (over) return await this.#forget(kept, 'over');
    kept.lastWords = lastWords;
    // The one that was started to say that it is given up.
    if (kept.deaths >= DEATHS_MAX) return await this.#forget(kept, 'given up');
    kept.deaths = deathsAfter(kept.deaths, clock.now() - kept.startedMs);
    kept.restarts += 1;
    onChange(kept.run, 'died', lastWords);
    await writeFile(join(shelf.folder(kept.run), 'last-words'), lastWords).catch(() => {});
    kept.timer = clock.after(restartDelayMs(kept.deaths), () => this.#start(kept));
  }

  async #forget(kept: Kept, why: string): Promise<void> {
    if (kept.forgetting === undefined) {
      this.#kept.delete(kept.run);
      this.#options.onChange(kept.run, why);
      kept.forgetting = this.#options.shelf.remove(kept.run);
    }
    await kept.forgetting;
  }

  async #withRealPaths(order: RunOrder): Promise<RunOrder> {
    const { lentFolder } = this.#options;
    const { input, output } = order;
    return {
      ...order,
      input: input === undefined ? undefined : await lentPath(lentFolder, input),
      output: output === undefined || output === STREAM_OUTPUT ? output : await lentPath(lentFolder, output),
    };
  }
}
