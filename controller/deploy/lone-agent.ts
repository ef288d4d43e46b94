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
  /** Where it keeps its data, which stays there when it ends or is killed; the caller removes it. Undefined: a folder that is gone with it. */
  readonly folder?: string | undefined;
  /** See LocalAgentOptions.folder. */
  readonly shelf?: string | undefined;
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
  static async start({ name, flags, folder, shelf, env, signal }: LoneAgentOptions): Promise<LoneAgent> {
    const own = folder === undefined ? await mkdtemp(join(env.TMPDIR ?? '/tmp', 'splitmesh-')) : undefined;
    const child = new Child(guarded(own, localAgent({ name, root: own ?? folder!, folder: shelf, env, flags })));
    try {
      return new LoneAgent(name, await abortable(child.ready(START_TIMEOUT_MS), signal), child);
    } catch (error) {
      await child.stop(STOP_PATIENCE_MS);
      throw error;
    }
  }

  /** Resolves when it is gone, with the folder that was its own. Idempotent. */
  stop(): Promise<void> {
    return this.#child.stop(STOP_PATIENCE_MS);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
