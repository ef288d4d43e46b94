/**
 * The link port inside one process: producers listen under an address, parts arrive in a later turn of the event loop. It copies each
 * payload as a network would, so that a consumer never sees bytes that the producer reuses.
 */
import { MeshError } from '../error.ts';
import type { Accept, Link, Part, Progress, PullHandlers, PullOpen, PullStream, PushStream } from './link.ts';

export class MemoryNetwork {
  readonly #listeners = new Map<string, Accept>();

  listen(address: string, accept: Accept): () => void {
    if (this.#listeners.has(address)) throw new MeshError('conflict', `${address} is in use`);
    this.#listeners.set(address, accept);
    return () => this.#listeners.delete(address);
  }

  link(): Link {
    return {
      pull: (address, open, handlers) => {
        const pipe = new MemoryPipe(open, handlers);
        setImmediate(() => {
          const accept = this.#listeners.get(address);
          if (accept === undefined)
            pipe.breakOff(new MeshError('unreachable', `${open.producer} at ${address} can't be reached: nobody listens there`));
          else pipe.acceptBy(accept);
        });
        return pipe;
      },
    };
  }
}

class MemoryPipe implements PullStream, PushStream {
  readonly open: PullOpen;
  readonly #handlers: PullHandlers;
  #progressListener: (progress: Progress) => void = () => {};
  #closeListener: (error: MeshError | undefined) => void = () => {};
  #consumerGone = false;
  #producerGone = false;

  constructor(open: PullOpen, handlers: PullHandlers) {
    this.open = open;
    this.#handlers = handlers;
  }

  acceptBy(accept: Accept): void {
    if (this.#consumerGone) return;
    try {
      accept(this);
    } catch (error) {
      this.breakOff(MeshError.from(error, 'invalid'));
    }
  }

  send(part: Part): Promise<void> {
    if (this.#producerGone) return Promise.reject(this.#goneError());
    const copy = { ...part, payload: part.payload.slice() };
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        if (this.#producerGone) reject(this.#goneError());
        else {
          this.#deliver(copy);
          resolve();
        }
      });
    });
  }

  progress(progress: Progress): void {
    setImmediate(() => {
      if (!this.#producerGone) this.#progressListener(progress);
    });
  }

  onProgress(listener: (progress: Progress) => void): void {
    this.#progressListener = listener;
  }

  onClose(listener: (error: MeshError | undefined) => void): void {
    this.#closeListener = listener;
  }

  end(error?: MeshError): void {
    this.breakOff(error);
  }

  close(): void {
    if (this.#consumerGone) return;
    this.#consumerGone = true;
    setImmediate(() => this.#loseProducer(undefined));
  }

  breakOff(error: MeshError | undefined): void {
    this.#loseProducer(error);
    setImmediate(() => {
      if (this.#consumerGone) return;
      this.#consumerGone = true;
      this.#handlers.closed(error);
    });
  }

  #deliver(part: Part): void {
    if (this.#consumerGone) return;
    try {
      this.#handlers.part(part);
    } catch (error) {
      this.breakOff(MeshError.from(error, 'invalid'));
    }
  }

  #loseProducer(error: MeshError | undefined): void {
    if (this.#producerGone) return;
    this.#producerGone = true;
    this.#closeListener(error);
  }

  #goneError(): MeshError {
    return new MeshError('lost', `${this.open.consumer} no longer pulls from ${this.open.producer}`);
  }
}
