/** The stage's view of its session thread: load once, then run frames in order. One promise per order; a thread that dies rejects them all. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { MeshError } from '../../mesh/error.ts';
import type { SessionLoad, SessionOrder, SessionReport } from './session/protocol.ts';
import type { Ran, Session, SessionFrame } from './session.ts';

export type Loaded = Extract<SessionReport, { kind: 'loaded' }>;

interface Waiting {
  resolve(report: SessionReport): void;
  reject(error: MeshError): void;
}

export class SessionThread implements Session {
  readonly #worker: Worker;
  /** The thread answers in the order it was asked. */
  readonly #waiting: Waiting[] = [];
  #dead: MeshError | undefined;

  constructor() {
    this.#worker = new Worker(new URL(`./session/main${extname(import.meta.url)}`, import.meta.url));
    this.#worker.on('message', (report: SessionReport) => this.#answer(report));
    this.#worker.on('error', (error) =>
      this.#die(new MeshError('failed', `the session thread failed: ${error.message}`, { cause: error })),
    );
    this.#worker.on('exit', (code) => this.#die(new MeshError('failed', `the session thread ended with code ${code}`)));
  }

  /** It loads or computes, and answers to nothing else. */
  get busy(): boolean {
    return this.#waiting.length > 0;
  }

  /** Error `invalid` when the runtime refuses the model, `unsupported` when it is because of an operator it does not know. */
  async load(order: Omit<SessionLoad, 'kind'>): Promise<Loaded> {
    return (await this.#ask({ kind: 'load', ...order }, [])) as Loaded;
  }

  async run({ inputs, ended }: SessionFrame): Promise<Ran> {
    const buffers = inputs.map(({ buffer }) => buffer);
    return (await this.#ask({ kind: 'run', inputs, ended: ended.shared }, buffers)) as Extract<SessionReport, { kind: 'ran' }>;
  }

  /** Ends the thread, when it has computed what it computes. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(order: SessionOrder, transfer: ArrayBuffer[]): Promise<SessionReport> {
    return new Promise((resolve, reject) => {
      if (this.#dead !== undefined) {
        reject(this.#dead);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(order, transfer);
    });
  }

  #answer(report: SessionReport): void {
    const { resolve, reject } = this.#waiting.shift()!;
    if (report.kind === 'failed') reject(new MeshError(report.code, report.reason));
    else if (report.kind === 'dropped') reject(new MeshError('cancelled', 'the flow of this frame had ended before its turn came'));
    else resolve(report);
  }

  #die(error: MeshError): void {
    this.#dead ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#dead);
  }
}
