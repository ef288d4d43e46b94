/**
 * The Bench service: benchmark runs under limits. Conversion, flow of events and status codes only; the work is the run's (bench/bench-run.ts).
 */
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { BenchEvent } from '../../mesh/bench/event.ts';
import type { BenchOrder } from '../../mesh/bench/order.ts';
import { MeshError } from '../../mesh/error.ts';
import { unary } from '../../mesh/grpc/handler.ts';
import { toStatus } from '../../mesh/grpc/status.ts';
import { benchOrderFromWire } from '../../mesh/wire-bench-order.ts';
import { benchEventToWire } from '../../mesh/wire-bench-record.ts';
import type { BenchRequest, BenchServer, SettleReply, SettleRequest, BenchEvent as WireEvent } from '../../proto/gen/mesh/v1/bench.ts';

/** For reflection and health. */
export const BENCH_SERVICE = 'mesh.v1.Bench';

/** Runs one order from its place in the queue to its record. When `signal` aborts, nothing of it is left when it settles. */
export type RunOrder = (order: BenchOrder, tell: (event: BenchEvent) => void, signal: AbortSignal) => Promise<void>;

export interface BenchService {
  readonly implementation: BenchServer;
  /** Ends all runs. Resolves when nothing of them is left. */
  close(): Promise<void>;
}

/** Resolves when no run of that name is on the device any more. */
export type SettleRun = (run: string) => Promise<void>;

export function createBenchService(run: RunOrder, settle: SettleRun, onBug: (error: unknown) => void): BenchService {
  const calls = new Map<AbortController, Promise<void>>();
  return {
    implementation: {
      settle: unary<SettleRequest, SettleReply>(async (request) => {
        await settle(request.run);
        return {};
      }, onBug),
      run: (call) => {
        const ending = new AbortController();
        const cancel = (): void => ending.abort(new MeshError('cancelled', 'whoever asked for the benchmark no longer waits for it'));
        call.on('cancelled', cancel);
        if (call.cancelled) cancel();
        calls.set(
          ending,
          serve(call, run, ending.signal, onBug).finally(() => calls.delete(ending)),
        );
      },
    },
    close: async () => {
      const open = [...calls];
      for (const [ending] of open) ending.abort(new MeshError('lost', 'the agent is stopping'));
      await Promise.all(open.map(([, served]) => served));
    },
  };
}

async function serve(
  call: ServerWritableStream<BenchRequest, WireEvent>,
  run: RunOrder,
  signal: AbortSignal,
  onBug: (error: unknown) => void,
): Promise<void> {
  try {
    const events = new Events(call);
    await run(benchOrderFromWire(call.request), (event) => events.tell(event), signal);
    call.end();
  } catch (error) {
    if (!(error instanceof MeshError)) onBug(error);
    call.emit('error', toStatus(error));
  }
}

/** Whatever comes of the order. Without them it would not be known where it stands; and what is timed is in no record. */
const ALWAYS: ReadonlySet<BenchEvent['kind']> = new Set(['queued', 'started', 'timed', 'ended']);

/**
 * Whoever listens slowly gets less to look at, not later, and can't fill the agent's memory by not listening at all: while earlier events have not been
 * taken, what is only for the moment is left out. Metrics and phases are in the record all the same; words are not, so it is said how many are missing.
 */
class Events {
  readonly #call: ServerWritableStream<BenchRequest, WireEvent>;
  #full = false;
  #linesLeftOut = 0;

  constructor(call: ServerWritableStream<BenchRequest, WireEvent>) {
    this.#call = call;
    call.on('drain', () => {
      this.#full = false;
    });
  }

  tell(event: BenchEvent): void {
    if (this.#full && !ALWAYS.has(event.kind)) {
      if (event.kind === 'log') this.#linesLeftOut += 1;
      return;
    }
    if (this.#linesLeftOut > 0) {
      const line = `${this.#linesLeftOut} lines were left out: they came faster than they were taken`;
      this.#linesLeftOut = 0;
      this.#write({ kind: 'log', stream: 'agent', line });
    }
    this.#write(event);
  }

  #write(event: BenchEvent): void {
    // Nobody takes what is written to a call that is over.
    if (this.#call.cancelled) return;
    if (!this.#call.write(benchEventToWire(event))) this.#full = true;
  }
}
