/**
 * One endless run on four agents, whose second stage is killed again and again; the run itself says when frames come out again.
 *
 *     kill ───────────▶ "…was lost…: stage2 moves from b to d" ──▶ "recovered after …": the first frame is out         kill ──▶ …
 *      └────────────────────────── recovery ─────────────────────────┘
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LocalMesh } from '../../controller/deploy/local-mesh.ts';
import { type BenchAgent, end, startAgent } from '../files/agent-process.ts';
import { childrenOf } from '../support/process-memory.ts';

const program = fileURLToPath(new URL('../../controller/main.ts', import.meta.url));
const DEVICES = ['a', 'b', 'c', 'd'] as const;
/** Frames flow, and heartbeats of an agent that was started again are heard. */
const BETWEEN_MS = 2_500;
const RECOVERY_MAX_MS = 60_000;

export type Victim = 'stage' | 'agent, weights on the spare' | 'agent, weights to be moved';

export interface Kill {
  /** From the kill to the first frame that came out again, milliseconds. */
  readonly recoveryMs: number;
  /** Frames that were sent again: computed twice at most. */
  readonly again: number;
}

export interface StreamOptions {
  readonly split: string;
  readonly rate: number;
  readonly window: number;
}

export class BrokenStream implements AsyncDisposable {
  readonly #mesh: LocalMesh;
  readonly #agents = new Map<string, BenchAgent>();
  readonly #controller: ChildProcess;
  readonly #ended: Promise<'ended'>;
  readonly #lines: string[] = [];
  #heard = Promise.withResolvers<void>();
  #device = 'b';

  private constructor(mesh: LocalMesh, agents: ReadonlyMap<string, BenchAgent>, { split, rate, window }: StreamOptions) {
    this.#mesh = mesh;
    for (const [name, agent] of agents) this.#agents.set(name, agent);
    const where = ['--nats', mesh.natsUrl, '--mesh', mesh.name, '--data', join(mesh.root, 'runs')];
    const what = ['--split', split, '--frames', '100000000', '--rate', String(rate), '--window', String(window), '--verify', 'off'];
    const args = [program, 'run', ...where, ...what, '--threads', '1', '--codec', 'none'];
    this.#controller = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#ended = once(this.#controller, 'exit').then(() => 'ended' as const);
    createInterface({ input: this.#controller.stderr! }).on('line', (line) => {
      this.#lines.push(line);
      this.#heard.resolve();
      this.#heard = Promise.withResolvers();
    });
  }

  /** Stages on a, b and c; d is spare. Resolves when frames have had time to flow. */
  static async start(mesh: LocalMesh, options: StreamOptions): Promise<BrokenStream> {
    const agents = await Promise.all(DEVICES.map(async (name) => [name, await agentOf(mesh, name)] as const));
    const stream = new BrokenStream(mesh, new Map(agents), options);
    const deadlineMs = performance.now() + RECOVERY_MAX_MS;
    while (childrenOf(stream.#agents.get('c')!.pid).length === 0) {
      if (performance.now() > deadlineMs) throw new Error(`the run does not begin:\n${stream.#lines.join('\n')}`);
      await delay(50);
    }
    await delay(BETWEEN_MS);
    return stream;
  }

  async kill(victim: Victim): Promise<Kill> {
    const device = this.#device;
    const agent = this.#agents.get(device)!;
    const from = this.#lines.length;
    const [stage] = childrenOf(agent.pid);
    if (stage === undefined) throw new Error(`there is no stage on ${device}:\n${this.#lines.join('\n')}`);
    const killedMs = performance.now();
    process.kill(victim === 'stage' ? stage : agent.pid, 'SIGKILL');
    const [, , again] = await this.#line(/^controller: recovered after ([\d.]+) s(?:, (\d+) frames? sent again)?$/, from);
    const recoveryMs = performance.now() - killedMs;
    const moved = this.#lines.slice(from).flatMap((line) => /stage2 moves from \w+ to (\w+)/.exec(line)?.[1] ?? []);
    this.#device = moved.at(-1) ?? device;
    if (victim !== 'stage') {
      if (victim === 'agent, weights to be moved') await rm(join(this.#mesh.root, device), { recursive: true, force: true });
      this.#agents.set(device, await agentOf(this.#mesh, device));
    }
    await delay(BETWEEN_MS);
    return { recoveryMs, again: Number(again ?? 0) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#controller);
    for (const agent of this.#agents.values()) await agent[Symbol.asyncDispose]();
  }

  async #line(pattern: RegExp, from: number): Promise<RegExpExecArray> {
    const late = delay(RECOVERY_MAX_MS, 'late' as const, { ref: false });
    for (;;) {
      for (const line of this.#lines.slice(from)) {
        const found = pattern.exec(line);
        if (found !== null) return found;
      }
      const happened = await Promise.race([this.#heard.promise, this.#ended, late]);
      if (happened !== undefined) throw new Error(`no frame came again (${happened}):\n${this.#lines.slice(from).join('\n')}`);
    }
  }
}

function agentOf(mesh: LocalMesh, name: string): Promise<BenchAgent> {
  return startAgent(name, join(mesh.root, name), [], ['--nats', mesh.natsUrl, '--mesh', mesh.name]);
}
