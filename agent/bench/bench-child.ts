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
import { GATE_FD, GATED_LAUNCHER } from '../cgroup/launcher.ts';
import { CHANNEL_FD, Channel } from '../stage/channel.ts';
import { Lines } from './lines.ts';

export interface BenchLaunch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** See BenchGroup: empty without one. */
  readonly procsFiles: readonly string[];
  /** It gets this order through a channel, and reports through it. Undefined: a program that knows nothing of us. */
  readonly order: object | undefined;
}

export interface BenchChildHandlers {
  line(stream: Exclude<LogStream, 'agent'>, line: string): void;
  report(message: unknown): void;
}

export interface BenchChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How long words and reports may take to arrive after the process has ended: a grandchild could hold the pipes open for ever. */
const AFTERMATH_MS = 300;

export class BenchChild {
  /** Undefined: it could not be started; `ended` says why. */
  readonly pid: number | undefined;
  /** The process itself is gone. Rejects when it could not be started. */
  readonly ended: Promise<BenchChildEnd>;
  readonly #process: ChildProcess;
  readonly #channel: Channel | undefined;
  readonly #drained: Promise<unknown>;

  constructor({ argv, env, folder, procsFiles, order }: BenchLaunch, handlers: BenchChildHandlers) {
    const child = spawn('/bin/sh', ['-c', GATED_LAUNCHER, 'bench', ...procsFiles, '--', ...argv], {
      stdio: ['ignore', 'pipe', 'pipe', order === undefined ? 'ignore' : 'pipe', 'pipe'],
      cwd: folder,
      env: { ...env },
      detached: true,
    });
    this.#process = child;
    this.pid = child.pid;
    this.ended = new Promise((resolve, reject) => {
      child.once('error', (error) => (child.pid === undefined ? reject(error) : undefined));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const words = (['stdout', 'stderr'] as const).map(async (stream) => {
      const lines = new Lines((line) => handlers.line(stream, line));
      child[stream]!.on('data', (bytes: Buffer) => lines.add(bytes));
      await once(child[stream]!, 'close').catch(() => {});
      lines.end();
    });
    // One that dies before it may begin has closed its end.
    child.stdio[GATE_FD]!.on('error', () => {});
    const reported = Promise.withResolvers<void>();
    if (order === undefined) reported.resolve();
    else {
      this.#channel = new Channel(child.stdio[CHANNEL_FD] as Socket, {
        message: (message) => handlers.report(message),
        closed: (garbage) => {
          if (garbage !== undefined) handlers.line('stderr', `the process was ended, because it sent ${garbage}`);
          if (garbage !== undefined) child.kill('SIGKILL');
          reported.resolve();
        },
      });
      this.#channel.send(order);
    }
    this.#drained = Promise.all([...words, reported.promise]);
  }

  /** The program begins now. */
  go(): void {
    (this.#process.stdio[GATE_FD] as Writable).end('\n');
  }

  /** Resolves when all that it said has been handed on, or could have been. Nothing comes afterwards. */
  async settled(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#drained, new Promise((resolve) => (timer = setTimeout(resolve, AFTERMATH_MS)))]);
    clearTimeout(timer);
    this.#channel?.close();
    for (const stream of [this.#process.stdout!, this.#process.stderr!]) stream.destroy();
  }
}
