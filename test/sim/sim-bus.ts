/**
 * The bus of the simulated mesh: the in-memory broker on a host of its own, over connections that the network delays and blocks.
 *
 *     publisher ──▶ broker ──▶ subscriber      each pair in order; between pairs, in any order
 *
 * NATS core delivers at most once, and a client that reconnects may repeat itself: in bad weather messages get lost, and come again, late.
 */

import type { Bus } from '../../mesh/bus/bus.ts';
import type { BusCarrier } from '../../mesh/bus/carrier.ts';
import { MemoryBroker } from '../../mesh/bus/memory.ts';
import type { Random } from '../../mesh/random.ts';
import type { SimNetwork } from './sim-network.ts';
import type { SimProcess } from './sim-process.ts';
import { between, chance } from './streams.ts';
import { Way } from './way.ts';

export const BROKER_HOST = 'nats';
/** How late a repeated message may be. */
const REPEATED_MS = { min: 1, max: 3_000 };
/** A NATS client reconnects within this time after the server is back. */
const RECONNECT_MS = { min: 10, max: 2_500 };

export interface BusWeather {
  /** Probabilities, per message. */
  loss: number;
  repetition: number;
}

export class SimBus {
  readonly weather: BusWeather = { loss: 0, repetition: 0 };
  readonly #network: SimNetwork;
  readonly #random: Random;
  readonly #ways = new Map<string, Way>();
  readonly #broker: MemoryBroker;
  readonly #onError: (error: unknown, subject: string) => void;
  /** Grows when the broker forgets what is on its way. */
  #life = 0;
  #running = true;

  constructor(network: SimNetwork, random: Random, onError: (error: unknown, subject: string) => void) {
    this.#network = network;
    this.#random = random;
    this.#onError = onError;
    const carrier: BusCarrier = {
      message: (deliver, from, to) => this.#message(deliver, from, to),
      flush: (done, from) => this.#carry('flush', done, from, from),
    };
    this.#broker = new MemoryBroker(carrier);
    network.onChanged(() => {
      for (const way of this.#ways.values()) way.retry();
    });
  }

  /** A connection of this process; it ends with it. */
  connect(process: SimProcess): Bus {
    const bus = this.#broker.bus(this.#onError, process.name);
    process.onEnd(() => void bus.close());
    return bus;
  }

  /** The broker is there; clients may not have found out yet. */
  get running(): boolean {
    return this.#running;
  }

  stop(): void {
    this.#running = false;
    this.#life += 1;
    this.#broker.stop();
  }

  start(): void {
    this.#running = true;
    const { clock } = this.#network;
    clock.at(clock.now() + between(this.#random, RECONNECT_MS.min, RECONNECT_MS.max), 'clients reconnect to the broker', () => {
      if (this.#running) this.#broker.start();
    });
  }

  #message(deliver: () => void, from: string, to: string): void {
    if (chance(this.#random, this.weather.loss)) return;
    this.#carry('message', deliver, from, to);
    if (!chance(this.#random, this.weather.repetition)) return;
    const { clock } = this.#network;
    const againMs = clock.now() + between(this.#random, REPEATED_MS.min, REPEATED_MS.max);
    clock.at(againMs, `bus ${from} → ${to} once more`, () => this.#carry('repeated', deliver, from, to));
  }

  #carry(what: string, deliver: () => void, from: string, to: string): void {
    const life = this.#life;
    const receiver = this.#network.process(to);
    this.#way(from, to).send(what, () => {
      if (life === this.#life) receiver?.do(`${to} hears`, deliver);
    });
  }

  #way(from: string, to: string): Way {
    const key = `${from} ${to}`;
    const known = this.#ways.get(key);
    if (known !== undefined) return known;
    const network = this.#network;
    const [a, b] = [from.split('/')[0]!, to.split('/')[0]!];
    const way = new Way({
      clock: network.clock,
      label: `bus ${from} → ${to}`,
      delayMs: () => network.delayMs(a, BROKER_HOST) + network.delayMs(BROKER_HOST, b),
      free: () => network.passes(a, BROKER_HOST) && network.passes(BROKER_HOST, b),
      retryMs: () => network.retryMs(),
    });
    this.#ways.set(key, way);
    return way;
  }
}
