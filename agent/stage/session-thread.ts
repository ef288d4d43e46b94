/** The stage's view of its session thread: load once, then run frames in order. One promise per order; a thread that dies rejects them all. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { MeshError } from '../../mesh/error.ts';
import type { SessionLoad, SessionOrder, SessionReport, SessionRun } from './session/protocol.ts';

export type Loaded = Extract<SessionReport, { kind: 'loaded' }>;
export type Ran = Extract<SessionReport, { kind: 'ran' }>;

interface Waiting {
  resolve(report: SessionReport): void;
  reject(error: MeshError): void;
}

export class SessionThread {
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

  /** Error `invalid` when the runtime refuses the model, `unsupported` when it is because of an operator it does not know. */
  async load(order: Omit<SessionLoad, 'kind'>): Promise<Loaded> {
    return (await this.#ask({ kind: 'load', ...order }, [])) as Loaded;
  }

  /** The buffers of `frame` belong to the thread until it answers. Error `failed` when the model can't run on this frame. */
  async run(frame: Omit<SessionRun, 'kind'>): Promise<Ran> {
    const buffers = frame.inputs.map(({ buffer }) => buffer);
    return (await this.#ask({ kind: 'run', ...frame }, buffers)) as Ran;
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
    else resolve(report);
  }

  #die(error: MeshError): void {
    this.#dead ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#dead);
  }
}
