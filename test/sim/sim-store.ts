/**
 * What the broker keeps for detached runs: the registry with their records, and the stream of outputs of each.
 *
 *     process ── request ──▶ broker: does it ── answer ──▶ process        no answer within 2 s: `unreachable`, and it may have been done or not
 *
 * As NATS does it: compare-and-set on records, outputs in order behind what is there, refused to a process that has been replaced.
 */
import { MemoryRegistry } from '../../mesh/bus/memory-registry.ts';
import type { Registry } from '../../mesh/bus/registry.ts';
import { MeshError } from '../../mesh/error.ts';
import type { FrameId } from '../../mesh/frame.ts';
import type { Outputs } from '../../mesh/wire-outputs.ts';
import type { RunChecks } from './run-checks.ts';
import { BROKER_HOST } from './sim-bus.ts';
import type { SimProcess } from './sim-process.ts';
import type { SimWorld } from './sim-world.ts';

const REQUEST_MS = 2_000;
/** A request that does not get through is sent again. */
const RETRY_MS = 50;

export interface OutputWriter {
  readonly next: FrameId;
  append(frame: FrameId, outputs: Outputs): void;
  flush(): Promise<void>;
}

/** Outputs of a run: how many there are, and who wrote the last. */
interface Stream {
  next: FrameId;
  term: number;
}

export class SimStore {
  readonly #world: SimWorld;
  readonly #registry: MemoryRegistry;
  readonly #streams = new Map<string, Stream>();

  constructor(world: SimWorld) {
    this.#world = world;
    this.#registry = new MemoryRegistry(world.clock.now);
  }

  /** The records are gone. (Without its outputs a run begins a new stream with the next frame: docs/runs.md. That is no loss of the run's.) */
  lose(): void {
    this.#registry.lose();
  }

  registry(process: SimProcess): Registry {
    return {
      get: (key) => this.#ask(process, () => this.#registry.get(key)),
      put: (key, value, revision) => this.#ask(process, () => this.#registry.put(key, value, revision)),
      remove: (key, revision) => this.#ask(process, () => this.#registry.remove(key, revision)),
      list: () => this.#ask(process, () => this.#registry.list()),
      now: () => this.#ask(process, () => this.#registry.now()),
    };
  }

  /** Goes on behind what is there. Errors: `unreachable`, `conflict` when a later term has written. */
  async writer(process: SimProcess, checks: RunChecks, term: number): Promise<OutputWriter> {
    const stream = this.#streams.get(checks.run) ?? { next: 0n, term: 0 };
    this.#streams.set(checks.run, stream);
    const first = await this.#ask(process, async () => {
      refuseLater(stream, term);
      return stream.next;
    });
    const pending: { readonly frame: FrameId; readonly outputs: Outputs }[] = [];
    let next = first;
    return {
      get next() {
        return next;
      },
      append: (frame, outputs) => {
        if (frame !== next) throw new RangeError(`frame ${frame} does not follow: ${next} is next`);
        // The tensors' buffers are used again.
        const copy = outputs && new Map([...outputs].map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]));
        pending.push({ frame, outputs: copy });
        next += 1n;
      },
      flush: async () => {
        for (let each = pending[0]; each !== undefined; each = pending[0]) {
          const { frame, outputs } = each;
          await this.#ask(process, async () => store(stream, checks, term, frame, outputs));
          pending.shift();
        }
      },
    };
  }

  /** `perform` happens at the broker, once, and at once. */
  #ask<R>(process: SimProcess, perform: () => Promise<R>): Promise<R> {
    const { network, bus, clock } = this.#world;
    const host = process.host.name;
    const lateMs = clock.now() + REQUEST_MS;
    const travel = (from: string, to: string, arrive: () => void): void => {
      clock.at(clock.now() + network.delayMs(from, to), `store ${from} → ${to}`, () => {
        if (bus.running && network.passes(from, to)) arrive();
        else if (clock.now() < lateMs) clock.at(clock.now() + RETRY_MS, 'store: repeated', () => travel(from, to, arrive));
      });
    };
    return new Promise((resolve, reject) => {
      const late = process.clock.after(REQUEST_MS, () => reject(new MeshError('unreachable', 'the broker does not answer')));
      const answer = (how: () => void): void =>
        travel(BROKER_HOST, host, () =>
          process.do(`${process.name} hears of the store`, () => {
            late.cancel();
            how();
          }),
        );
      travel(host, BROKER_HOST, () => {
        perform().then(
          (result) => answer(() => resolve(result)),
          (error) => answer(() => reject(error)),
        );
      });
    });
  }
}

function store(stream: Stream, checks: RunChecks, term: number, frame: FrameId, outputs: Outputs): void {
  refuseLater(stream, term);
  if (frame > stream.next) throw new MeshError('conflict', `frame ${frame} does not follow frame ${stream.next - 1n}`);
  // Stored before, by this process or by the one before it, although nobody said so.
  if (frame < stream.next) return;
  stream.term = term;
  stream.next = frame + 1n;
  if (outputs === undefined) checks.skips(frame);
  else checks.delivers(frame, outputs);
}

function refuseLater(stream: Stream, term: number): void {
  if (stream.term > term) throw new MeshError('conflict', `another process writes the outputs (term ${stream.term}, this one is ${term})`);
}
