/** What a controller says to one agent about benchmarks: the Bench service with our own nouns. */
import type { ServiceError } from '@grpc/grpc-js';
import type { BenchEvent } from '../../mesh/bench/event.ts';
import type { BenchOrder } from '../../mesh/bench/order.ts';
import type { BenchRecord } from '../../mesh/bench/record.ts';
import { MeshError } from '../../mesh/error.ts';
import { channelCredentials } from '../../mesh/grpc/credentials.ts';
import { benchChannelOptions } from '../../mesh/grpc/options.ts';
import { fromStatus } from '../../mesh/grpc/status.ts';
import { benchOrderToWire } from '../../mesh/wire-bench-order.ts';
import { benchEventFromWire } from '../../mesh/wire-bench-record.ts';
import { BenchClient as Stub, type BenchEvent as WireEvent } from '../../proto/gen/mesh/v1/bench.ts';

export class BenchClient implements Disposable {
  readonly name: string;
  readonly address: string;
  readonly #stub: Stub;

  /** `name`: how messages call the device. */
  constructor(name: string, address: string) {
    this.name = name;
    this.address = address;
    this.#stub = new Stub(address, channelCredentials(), benchChannelOptions);
  }

  /**
   * Resolves with the record of the run, whatever came of it. When `signal` aborts, the run is killed there. Errors: `denied` (limits can't be enforced,
   * commands are not allowed), `conflict` (busy, draining), `not-found` for a blob, `unreachable` and `lost`, `cancelled`.
   */
  run(order: BenchOrder, onEvent: (event: BenchEvent) => void, signal: AbortSignal): Promise<BenchRecord> {
    const peer = this.#peer;
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const call = this.#stub.run(benchOrderToWire(order));
      let record: BenchRecord | undefined;
      const cancel = (): void => call.cancel();
      const settle = (how: () => void): void => {
        signal.removeEventListener('abort', cancel);
        how();
      };
      signal.addEventListener('abort', cancel, { once: true });
      call.on('data', (wire: WireEvent) => {
        try {
          const event = benchEventFromWire(wire);
          if (event.kind === 'ended') record = event.record;
          onEvent(event);
        } catch (error) {
          call.cancel();
          settle(() => reject(error));
        }
      });
      call.on('error', (error: ServiceError) => settle(() => reject(signal.aborted ? signal.reason : fromStatus(error, peer))));
      call.on('end', () => {
        if (record !== undefined) settle(() => resolve(record!));
        else settle(() => reject(new MeshError('lost', `${peer} ended the benchmark without a record`)));
      });
    });
  }

  /** Resolves when no run of that name is on the device any more, and what it left behind has its place. Errors: `unreachable`, `lost`, the signal's reason. */
  settle(run: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const call = this.#stub.settle({ run }, (error) => {
        signal.removeEventListener('abort', cancel);
        if (error === null) resolve();
        else reject(signal.aborted ? signal.reason : fromStatus(error, this.#peer));
      });
      const cancel = (): void => call.cancel();
      signal.addEventListener('abort', cancel, { once: true });
    });
  }

  get #peer(): string {
    return this.name === this.address ? `the agent at ${this.address}` : `${this.name} at ${this.address}`;
  }

  [Symbol.dispose](): void {
    this.#stub.close();
  }
}
