/** An agent on this machine for the time of one command, without a bus: whoever starts it is the only one who knows of it. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { abortable } from '../abortable.ts';
import { Child } from './child.ts';
import { guarded } from './guarded.ts';
import { localAgent } from './local-agent.ts';

const START_TIMEOUT_MS = 20_000;
const STOP_PATIENCE_MS = 3_000;

export interface LoneAgentOptions {
  readonly name: string;
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export class LoneAgent implements AsyncDisposable {
  readonly name: string;
  /** HOST:PORT */
  readonly address: string;
  readonly #child: Child;

  private constructor(name: string, address: string, child: Child) {
    this.name = name;
    this.address = address;
    this.#child = child;
  }

  /** Errors: `failed` or `timeout` when it does not start. */
  static async start({ name, flags, env, signal }: LoneAgentOptions): Promise<LoneAgent> {
    const root = await mkdtemp(join(env.TMPDIR ?? '/tmp', 'splitmesh-'));
    const child = new Child(guarded(root, localAgent({ name, root, env, flags })));
    try {
      return new LoneAgent(name, await abortable(child.ready(START_TIMEOUT_MS), signal), child);
    } catch (error) {
      await child.stop(STOP_PATIENCE_MS);
      throw error;
    }
  }

  /** Resolves when it and its folder are gone. Idempotent. */
  stop(): Promise<void> {
    return this.#child.stop(STOP_PATIENCE_MS);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
