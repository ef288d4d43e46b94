/**
 * The bus port inside one process: a broker that any number of buses connect to. A carrier (carrier.ts) says when messages arrive; they do as
 * copies, like from a real broker. `stop` and `start` take the broker away and bring it back.
 */
import { MeshError } from '../error.ts';
import type { Bus, BusHandler, BusState, BusSubscription } from './bus.ts';
import { type BusCarrier, nextTurn } from './carrier.ts';
import { checkMessage, checkPattern, matches } from './pattern.ts';
import { StateCell } from './state.ts';

export class MemoryBroker {
  readonly #buses = new Set<MemoryBus>();
  readonly #carrier: BusCarrier;
  #running = true;

  constructor(carrier: BusCarrier = nextTurn) {
    this.#carrier = carrier;
  }

  /** A new connection. `onError` gets what a handler threw; `place`: where it is, for the carrier. */
  bus(onError: (error: unknown, subject: string) => void, place = ''): Bus {
    const bus = new MemoryBus(onError, place, {
      publish: (subject, payload) => this.#deliver(subject, payload, place),
      flush: (done) => this.#carrier.flush(done, place),
      forget: (closed) => this.#buses.delete(closed),
    });
    this.#buses.add(bus);
    bus.brokerIs(this.#running);
    return bus;
  }

  stop(): void {
    this.#running = false;
    for (const bus of this.#buses) bus.brokerIs(false);
  }

  start(): void {
    this.#running = true;
    for (const bus of this.#buses) bus.brokerIs(true);
  }

  #deliver(subject: string, payload: Uint8Array, from: string): void {
    for (const bus of this.#buses) {
      if (!bus.wants(subject)) continue;
      const copy = payload.slice();
      this.#carrier.message(() => bus.receive(subject, copy), from, bus.place);
    }
  }
}

interface BrokerEnd {
  publish(subject: string, payload: Uint8Array): void;
  flush(done: () => void): void;
  forget(bus: MemoryBus): void;
}

class MemoryBus implements Bus {
  readonly place: string;
  readonly #cell = new StateCell();
  readonly #subscriptions = new Set<{ readonly pattern: string; readonly handler: BusHandler }>();
  readonly #onError: (error: unknown, subject: string) => void;
  readonly #broker: BrokerEnd;

  constructor(onError: (error: unknown, subject: string) => void, place: string, broker: BrokerEnd) {
    this.place = place;
    this.#onError = onError;
    this.#broker = broker;
  }

  get state(): BusState {
    return this.#cell.state;
  }

  publish(subject: string, payload: Uint8Array): boolean {
    checkMessage(subject, payload);
    if (this.state !== 'connected') return false;
    this.#broker.publish(subject, payload);
    return true;
  }

  subscribe(pattern: string, handler: BusHandler): BusSubscription {
    checkPattern(pattern);
    const subscription = { pattern, handler };
    this.#subscriptions.add(subscription);
    return { close: () => void this.#subscriptions.delete(subscription) };
  }

  async flush(): Promise<void> {
    if (this.state === 'connected') {
      await new Promise<void>((resolve, reject) => {
        const stop = this.onState((state) => {
          stop();
          reject(new MeshError('lost', `the broker is away (${state})`));
        });
        this.#broker.flush(() => {
          stop();
          resolve();
        });
      });
    }
    if (this.state !== 'connected') throw new MeshError('lost', 'the broker is away');
  }

  onState(listener: (state: BusState) => void): () => void {
    return this.#cell.listen(listener);
  }

  async drain(): Promise<void> {
    if (this.state === 'connected') await this.flush().catch(() => {});
    await this.close();
  }

  async close(): Promise<void> {
    this.#subscriptions.clear();
    this.#broker.forget(this);
    this.#cell.set('closed');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  brokerIs(running: boolean): void {
    if (running) this.#cell.set('connected');
    else if (this.state === 'connected') this.#cell.set('disconnected');
  }

  wants(subject: string): boolean {
    return [...this.#subscriptions].some(({ pattern }) => matches(pattern, subject));
  }

  receive(subject: string, payload: Uint8Array): void {
    if (this.state !== 'connected') return;
    for (const subscription of [...this.#subscriptions]) {
      if (!matches(subscription.pattern, subject)) continue;
      try {
        subscription.handler(payload, subject);
      } catch (error) {
        this.#onError(error, subject);
      }
    }
  }
}
