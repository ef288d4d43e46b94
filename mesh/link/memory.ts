/**
 * The link port inside one process: producers listen under an address, a carrier (carrier.ts) says when things arrive. It copies each
 * payload as a network would, so that a consumer never sees bytes that the producer reuses.
 */
import { MeshError } from '../error.ts';
import { type Carrier, type Line, type LineEnds, nextTurn } from './carrier.ts';
import type { Accept, Link, Part, Progress, PullHandlers, PullOpen, PullStream, PushStream } from './link.ts';

export class MemoryNetwork {
  readonly #listeners = new Map<string, Accept>();
  readonly #carrier: Carrier;

  constructor(carrier: Carrier = nextTurn) {
    this.#carrier = carrier;
  }

  listen(address: string, accept: Accept): () => void {
    if (this.#listeners.has(address)) throw new MeshError('conflict', `${address} is in use`);
    this.#listeners.set(address, accept);
    return () => {
      if (this.#listeners.get(address) === accept) this.#listeners.delete(address);
    };
  }

  /** `place`: where its consumers are, for the carrier. */
  link(place = ''): Link {
    return {
      pull: (address, open, handlers) => {
        const pipe = new MemoryPipe(open, handlers);
        const line = this.#carrier(place, address, pipe.ends);
        pipe.openOn(line, () => this.#listeners.get(address), address);
        return pipe.consumer;
      },
    };
  }
}

/** Both ends of one stream. What is known at one end reaches the other over the line only. */
class MemoryPipe {
  readonly consumer: PullStream = {
    progress: (progress) => {
      if (!this.#consumerGone) this.#line.toProducer(() => this.#advance(progress));
    },
    close: () => {
      if (this.#consumerGone) return;
      this.#consumerGone = true;
      this.#line.toProducer(() => this.#loseProducer(undefined));
    },
  };
  readonly ends: LineEnds = {
    consumerLost: (error) => this.#loseConsumer(error),
    producerLost: (error) => this.#loseProducer(error),
  };
  readonly #producer: PushStream;
  readonly #handlers: PullHandlers;
  readonly #unsent = new Set<(error: MeshError) => void>();
  #line!: Line;
  #progressListener: (progress: Progress) => void = () => {};
  #closeListener: (error: MeshError | undefined) => void = () => {};
  #consumerGone = false;
  #producerGone = false;

  constructor(open: PullOpen, handlers: PullHandlers) {
    this.#handlers = handlers;
    this.#producer = {
      open,
      send: (part) => this.#send(part),
      onProgress: (listener) => {
        this.#progressListener = listener;
      },
      onClose: (listener) => {
        this.#closeListener = listener;
      },
      end: (error) => this.#end(error),
    };
  }

  openOn(line: Line, listener: () => Accept | undefined, address: string): void {
    this.#line = line;
    line.toProducer(() => {
      const accept = listener();
      if (accept !== undefined) this.#acceptBy(accept);
      else {
        const { producer } = this.#producer.open;
        this.#end(new MeshError('unreachable', `${producer} at ${address} can't be reached: nobody listens there`));
      }
    });
  }

  #acceptBy(accept: Accept): void {
    try {
      accept(this.#producer);
    } catch (error) {
      this.#end(MeshError.from(error, 'invalid'));
    }
  }

  #send(part: Part): Promise<void> {
    if (this.#producerGone) return Promise.reject(this.#goneError());
    const copy = { ...part, payload: part.payload.slice() };
    return new Promise((resolve, reject) => {
      this.#unsent.add(reject);
      const taken = (): void => {
        if (this.#unsent.delete(reject)) resolve();
      };
      this.#line.toConsumer(() => this.#deliver(copy), taken);
    });
  }

  #advance(progress: Progress): void {
    if (this.#producerGone) return;
    try {
      this.#progressListener(progress);
    } catch (error) {
      this.#end(MeshError.from(error, 'invalid'));
    }
  }

  #deliver(part: Part): void {
    if (this.#consumerGone) return;
    try {
      this.#handlers.part(part);
    } catch (error) {
      const reason = MeshError.from(error, 'invalid');
      this.#loseConsumer(reason);
      this.#line.toProducer(() => this.#loseProducer(new MeshError('lost', `${this.#consumerName} ended the stream: ${reason.message}`)));
    }
  }

  /** By the producer: in order, or with a reason. */
  #end(error: MeshError | undefined): void {
    if (this.#producerGone) return;
    this.#loseProducer(error);
    const tell = (): void => this.#loseConsumer(error);
    this.#line.toConsumer(tell, () => {});
  }

  #loseConsumer(error: MeshError | undefined): void {
    if (this.#consumerGone) return;
    this.#consumerGone = true;
    this.#handlers.closed(error);
  }

  #loseProducer(error: MeshError | undefined): void {
    if (this.#producerGone) return;
    this.#producerGone = true;
    for (const reject of this.#unsent) reject(error ?? this.#goneError());
    this.#unsent.clear();
    this.#closeListener(error);
  }

  get #consumerName(): string {
    return this.#producer.open.consumer;
  }

  #goneError(): MeshError {
    return new MeshError('lost', `${this.#consumerName} no longer pulls from ${this.#producer.open.producer}`);
  }
}
