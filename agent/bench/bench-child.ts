/**
 * The process of a benchmark run, seen from its agent. It exists before it begins: what is to be measured can be got ready at leisure.
 *
 *     spawn ──▶ GATED_LAUNCHER: enters its group, waits ══ go() ══▶ exec the program ──▶ its words, its reports ──▶ ended
 *
 * It leads a process group and a session of its own, so that no signal of a terminal reaches it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { LogStream } from '../../mesh/bench/event.ts';
import { MeshError } from '../../mesh/error.ts';
import { GATE_FD, GATED_LAUNCHER } from '../cgroup/launcher.ts';
import { CHANNEL_FD, Channel } from '../stage/channel.ts';
import { Lines } from './lines.ts';
import { MetricsPipe } from './metrics-pipe.ts';

export interface BenchLaunch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** See BenchGroup: empty without one. */
  readonly procsFiles: readonly string[];
  /** Absent: it has none. */
  readonly metricsPipe?: string | undefined;
  /** It gets this order through a channel, and reports through it. Undefined: a program that knows nothing of us. */
  readonly order: object | undefined;
}

export interface BenchChildHandlers {
  line(stream: Exclude<LogStream, 'agent'>, line: string): void;
  /** Of its pipe for metrics. */
  metricsLine?(line: string): void;
  report(message: unknown): void;
}

export interface BenchChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How long words and reports may take to arrive after the process has ended: a grandchild could hold the pipes open for ever. */
const AFTERMATH_MS = 300;

export class BenchChild {
  readonly pid: number;
  /** The process itself is gone. Never rejects. */
  readonly ended: Promise<BenchChildEnd>;
  readonly #process: ChildProcess;
  readonly #channel: Channel | undefined;
  readonly #lines: readonly Lines[];
  readonly #drained: Promise<unknown>;
  readonly #pipe: MetricsPipe | undefined;
  #over = false;

  /** Errors: `invalid` when its words are too long for the kernel, `failed` when it can't be started. */
  static async start(launch: BenchLaunch, handlers: BenchChildHandlers): Promise<BenchChild> {
    const child = spawned(launch);
    if (child.pid !== undefined) return new BenchChild(child, child.pid, launch, handlers);
    const [error] = (await once(child, 'error')) as [Error];
    throw new MeshError('failed', `the process of the benchmark can't be started: ${error.message}`, { cause: error });
  }

  private constructor(child: ChildProcess, pid: number, { order, metricsPipe }: BenchLaunch, handlers: BenchChildHandlers) {
    this.#process = child;
    this.pid = pid;
    // Since it runs, what fails is a signal that came too late.
    child.on('error', () => {});
    this.ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    const line: BenchChildHandlers['line'] = (stream, text) => {
      if (!this.#over) handlers.line(stream, text);
    };
    const outputs = (['stdout', 'stderr'] as const).map((stream) => {
      const lines = new Lines((text) => line(stream, text));
      child[stream]!.on('data', (bytes: Buffer) => lines.add(bytes));
      return { lines, closed: once(child[stream]!, 'close').catch(() => {}) };
    });
    const metrics = new Lines((text) => {
      if (!this.#over) handlers.metricsLine?.(text);
    });
    this.#pipe = metricsPipe === undefined ? undefined : MetricsPipe.open(metricsPipe, (bytes) => metrics.add(bytes));
    this.#lines = [...outputs.map(({ lines }) => lines), metrics];
    // One that dies before it may begin has closed its end.
    child.stdio[GATE_FD]!.on('error', () => {});
    const reported = Promise.withResolvers<void>();
    if (order === undefined) reported.resolve();
    else {
      this.#channel = new Channel(child.stdio[CHANNEL_FD] as Socket, {
        message: (message) => {
          if (!this.#over) handlers.report(message);
        },
        closed: (garbage) => {
          if (garbage !== undefined) {
            line('stderr', `the process was ended, because it sent ${garbage}`);
            this.kill();
          }
          reported.resolve();
        },
      });
      this.#channel.send(order);
    }
    this.#drained = Promise.all([...outputs.map(({ closed }) => closed), reported.promise, this.#pipe?.closed]);
  }

  /** The program begins now. */
  go(): void {
    (this.#process.stdio[GATE_FD] as Writable).end('\n');
  }

  /** Of the process alone; what it has started is its group's. Idempotent. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** Resolves when all that it said has been handed on, or could have been. Nothing comes afterwards. Idempotent. */
  async settled(): Promise<void> {
    this.#pipe?.release();
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#drained, new Promise((resolve) => (timer = setTimeout(resolve, AFTERMATH_MS)))]);
    clearTimeout(timer);
    for (const lines of this.#lines) lines.end();
    this.#over = true;
    this.#channel?.close();
    this.#pipe?.destroy();
    for (const stream of this.#process.stdio) stream?.destroy();
  }
}

function spawned({ argv, env, folder, procsFiles, order }: BenchLaunch): ChildProcess {
  try {
    return spawn('/bin/sh', ['-c', GATED_LAUNCHER, 'bench', ...procsFiles, '--', ...argv], {
      stdio: ['ignore', 'pipe', 'pipe', order === undefined ? 'ignore' : 'pipe', 'pipe'],
      cwd: folder,
      env: { ...env },
      detached: true,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'E2BIG') throw MeshError.from(error);
    throw new MeshError('invalid', 'arguments and environment of the program are too long for this kernel', { cause: error });
  }
}
