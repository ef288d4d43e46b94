/**
 * One stage process, seen from its agent: started inside its cgroup, spoken to over a pipe, and always accounted for when it ends.
 *
 *     spawn ──▶ LAUNCHER: enters the cgroup ──exec──▶ node stage/main
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { CgroupUsage } from '../cgroup/hierarchy.ts';
import { LAUNCHER } from '../cgroup/launcher.ts';
import { CHANNEL_FD, Channel } from '../stage/channel.ts';
import type { Order } from '../stage/protocol.ts';
import type { Launch, LaunchedStage, LaunchHandlers, StageSurroundings } from './launch.ts';
import { processUsage } from './proc-usage.ts';
import { reportOf } from './report-of.ts';

export interface StageCommand {
  /** The stage program: a module for Node. */
  readonly program: string;
  /** The Node that runs it. */
  readonly node: string;
  /** All the stage gets to see of the environment. */
  readonly env: Readonly<Record<string, string>>;
}

export function launcherOf(command: StageCommand): Launch {
  return (surroundings, handlers) => new StageChild(command, surroundings, handlers);
}

/**
 * A stage says itself when its young generation should be collected (mesh/buffer-sweep.ts), and does so on its own thread: waking
 * helper threads for a quarter of a millisecond costs more than they save, and on a device with half a core there is nobody to help.
 */
const COLLECTOR_FLAGS = ['--single-threaded-gc'];

const LAST_WORDS_CHARS = 4096;
/** How long reports and output may take to arrive after the process has ended. */
const AFTERMATH_MS = 300;

export class StageChild implements LaunchedStage {
  readonly #process: ChildProcess;
  readonly #channel: Channel;
  readonly #disconnected: Promise<void>;
  #lastWords = '';

  constructor({ program, node, env }: StageCommand, { heapMiBMax, procsFiles }: StageSurroundings, handlers: LaunchHandlers) {
    const command = [node, `--max-old-space-size=${heapMiBMax}`, ...COLLECTOR_FLAGS, program];
    const child = spawn('/bin/sh', ['-c', LAUNCHER, 'stage', ...procsFiles, '--', ...command], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: { ...env },
    });
    this.#process = child;
    for (const output of [child.stdout!, child.stderr!]) {
      output.setEncoding('utf8');
      output.on('data', (text: string) => this.#said(text));
    }
    const disconnected = Promise.withResolvers<void>();
    this.#disconnected = disconnected.promise;
    this.#channel = new Channel(child.stdio[CHANNEL_FD] as Socket, {
      message: (message) => {
        const report = reportOf(message);
        if (report !== undefined) handlers.report(report);
      },
      closed: (garbage) => {
        disconnected.resolve();
        if (garbage === undefined) return;
        this.#said(`\nthe stage process was ended, because it sent ${garbage}`);
        this.kill();
      },
    });
    void this.#follow(handlers);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  send(order: Order): void {
    // A child that is about to end takes no orders; `ended` says so soon.
    this.#channel.send(order);
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  usage(): CgroupUsage | undefined {
    const { pid, exitCode, signalCode } = this.#process;
    return pid === undefined || exitCode !== null || signalCode !== null ? undefined : processUsage(pid);
  }

  #said(text: string): void {
    this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS_CHARS);
  }

  async #follow(handlers: LaunchHandlers): Promise<void> {
    const child = this.#process;
    const outputClosed = Promise.all([once(child.stdout!, 'close'), once(child.stderr!, 'close')]);
    const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      child.once('exit', (code, by) => resolve([code, by]));
      child.once('error', (error) => {
        // With a pid it runs, and what failed (a signal, a message) was not its start.
        if (child.pid !== undefined) return;
        this.#lastWords = error.message;
        resolve([null, null]);
      });
    });
    // The last reports and words may still be in the pipes. A grandchild could hold those open for ever, hence the limit.
    const patience = new AbortController();
    const enough = delay(AFTERMATH_MS, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([Promise.all([this.#disconnected, outputClosed]), enough]);
    patience.abort();
    this.#channel.close();
    handlers.ended({ exitCode, signal, lastWords: this.#lastWords });
  }
}
