/** What a controller says to the agent that keeps a detached run alive: the Runs service with deadlines and our own nouns. */
import { callUnary, type UnaryMethod } from '../../mesh/grpc/call.ts';
import { channelCredentials } from '../../mesh/grpc/credentials.ts';
import { CALL_TIMEOUT_MS, controlChannelOptions } from '../../mesh/grpc/options.ts';
import type { HostedRun, RunOrder } from '../../mesh/run-order.ts';
import { hostedRunFromWire, runOrderToWire } from '../../mesh/wire-run.ts';
import { RunsClient as Stub } from '../../proto/gen/mesh/v1/runs.ts';

/** A run that ends in order has its stages retired. */
const STOP_TIMEOUT_MS = 20_000;

export class RunsClient implements Disposable {
  readonly name: string;
  readonly #address: string;
  readonly #stub: Stub;

  /** `name`: how messages call the device. */
  constructor(name: string, address: string) {
    this.name = name;
    this.#address = address;
    this.#stub = new Stub(address, channelCredentials(), controlChannelOptions);
  }

  /** Errors: `conflict` (there already, draining), `not-found` for a blob, `denied` for a path, `unsupported` when it keeps no runs. */
  async launch(order: RunOrder, signal?: AbortSignal): Promise<void> {
    await this.#call(this.#stub.launch, { order: runOrderToWire(order) }, CALL_TIMEOUT_MS, signal);
  }

  async list(signal?: AbortSignal): Promise<HostedRun[]> {
    const { runs } = await this.#call(this.#stub.list, {}, CALL_TIMEOUT_MS, signal);
    return runs.map(hostedRunFromWire);
  }

  /** Resolves when its process is gone. Error `not-found` when the run is not there. */
  async stop(run: string, signal?: AbortSignal): Promise<void> {
    await this.#call(this.#stub.stop, { run }, STOP_TIMEOUT_MS, signal);
  }

  [Symbol.dispose](): void {
    this.#stub.close();
  }

  #call<Q, R>(method: UnaryMethod<Q, R>, request: Q, timeoutMs: number, signal: AbortSignal | undefined): Promise<R> {
    return callUnary(this.#stub, method, request, { peer: `${this.name} at ${this.#address}`, timeoutMs, signal });
  }
}
