/**
 * ONNX Runtime in a child process that lives as long as a test file, because loading it takes longer than most models run.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { DType, TensorSpec } from '../../../mesh/tensor.ts';
import type { Feed, PlainTensor, RunReply, RunRequest } from '../../fixtures/run-onnx.ts';

export type { PlainTensor } from '../../fixtures/run-onnx.ts';
export type Tensors = Readonly<Record<string, PlainTensor>>;

export class Runtime implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (outputs: Tensors) => void; reject: (error: Error) => void }>();
  #next = 0;

  constructor() {
    const env = { ...process.env, ORT_DISABLE_TELEMETRY: '1' };
    this.#child = fork(new URL('../../fixtures/run-onnx.ts', import.meta.url), { serialization: 'advanced', env, execArgv: [] });
    this.#child.on('message', (reply: RunReply) => {
      const waiting = this.#waiting.get(reply.id)!;
      this.#waiting.delete(reply.id);
      if ('error' in reply) waiting.reject(new Error(reply.error));
      else waiting.resolve(reply.outputs);
    });
    this.#child.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`ONNX Runtime ended: ${signal ?? code}`));
    });
  }

  /** Outputs of the model at `path` for these inputs. */
  run(path: string, feeds: Tensors, outputs: readonly string[]): Promise<Tensors> {
    return this.#ask({ model: path, feeds, outputs });
  }

  /** The same, and the model stays loaded, as it is run again next. */
  runAgain(path: string, feeds: Tensors, outputs: readonly string[]): Promise<Tensors> {
    return this.#ask({ model: path, feeds, outputs, keep: true });
  }

  /** Types and sizes of the same. */
  async shapes(path: string, feeds: Readonly<Record<string, Feed>>, outputs: readonly string[]): Promise<TensorSpec[]> {
    const found = await this.#ask({ model: path, feeds, outputs, withoutData: true });
    return Object.entries(found).map(([name, { dtype, dims }]) => ({ name, dtype: dtype as DType, dims }));
  }

  #ask(request: Omit<RunRequest, 'id'>): Promise<Tensors> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, ...request } satisfies RunRequest);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.disconnect();
    await exit;
  }
}
