/**
 * A connection from a process to an address, as gRPC keeps one: ordered both ways, held back by a partition, broken when it lasts.
 *
 *     client ══ requests ══▶ server      client: keepalive every 500 ms, waits 1 s for an answer      (mesh/grpc/options.ts)
 *            ◀═ answers ════             server: patient, notices after 10 to 30 s
 *
 * A process that ends on a living host says so (its kernel closes the connection); a host that crashes, or is cut off, says nothing: the
 * client finds out by keepalive, the server when its kernel hears from the client again, or late.
 */
import { splitAddress } from '../../mesh/address.ts';
import { MeshError } from '../../mesh/error.ts';
import { CALL_TIMEOUT_MS } from '../../mesh/grpc/options.ts';
import type { Line, LineEnds } from '../../mesh/link/carrier.ts';
import type { SimHost, SimProcess } from './sim-process.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { Way } from './way.ts';

/** From the last answer to a keepalive until the client gives up. */
const CLIENT_PATIENCE_MS = { min: 1_000, max: 1_500 };
const SERVER_PATIENCE_MS = { min: 10_000, max: 30_000 };
/** What the kernels on both sides take in before the sender has to wait, messages. */
const BUFFERED_MAX = 12;

/** What a line needs of the network. */
export interface LineNetwork {
  readonly clock: VirtualClock;
  host(name: string): SimHost;
  /** The process that answers at an address now. */
  ownerOf(address: string): SimProcess | undefined;
  passes(from: string, to: string): boolean;
  delayMs(from: string, to: string): number;
  retryMs(): number;
  /** At least `low`, less than `high`. */
  random(low: number, high: number): number;
}

export class SimLine implements Line {
  readonly #network: LineNetwork;
  readonly #client: SimProcess;
  readonly #address: string;
  readonly #serverHost: SimHost;
  readonly #ends: LineEnds;
  readonly #there: Way;
  readonly #back: Way;
  readonly #waitingToSend: (() => void)[] = [];
  readonly #forget: () => void;
  /** Known once the first request has arrived. */
  #server: SimProcess | undefined;
  #consumerKnows = false;
  #producerKnows = false;
  #resetSent = { toClient: false, toServer: false };
  /** Changes each time the peers fall silent or hear from each other again. */
  #silence = 0;
  #silent = false;

  constructor(network: LineNetwork, client: SimProcess, address: string, ends: LineEnds, forget: () => void) {
    this.#network = network;
    this.#client = client;
    this.#address = address;
    this.#serverHost = network.host(splitAddress(address).host);
    this.#ends = ends;
    this.#forget = forget;
    const way = (from: SimHost, to: SimHost): Way =>
      new Way({
        clock: network.clock,
        label: `${client.name} ${from === client.host ? '→' : '←'} ${address}`,
        delayMs: () => network.delayMs(from.name, to.name),
        free: () => network.passes(from.name, to.name),
        retryMs: () => network.retryMs(),
      });
    this.#there = way(client.host, this.#serverHost);
    this.#back = way(this.#serverHost, client.host);
    network.clock.at(network.clock.now() + CALL_TIMEOUT_MS, `${address} accepts in time?`, () => {
      if (this.#server === undefined) this.#loseClient(`did not accept a connection within ${CALL_TIMEOUT_MS / 1000} s`);
    });
  }

  toProducer(deliver: () => void): void {
    this.#there.send('request', () => this.#atServer(deliver));
  }

  toConsumer(deliver: () => void, taken: () => void): void {
    this.#back.send('answer', () => {
      this.#client.do(`${this.#client.name} takes`, deliver);
      this.#waitingToSend.shift()?.();
    });
    if (this.#back.travelling < BUFFERED_MAX) taken();
    else this.#waitingToSend.push(() => this.#server?.do(`${this.#address} sends on`, taken));
  }

  /** The connection is not needed any more; nobody is told. */
  close(): void {
    this.#consumerKnows = true;
    this.#producerKnows = true;
    this.#forget();
  }

  /** Something has changed in the network: does it matter here? */
  look(): void {
    if ((this.#consumerKnows && this.#producerKnows) || (!this.#client.alive && this.#server?.alive !== true)) {
      this.#forget();
      return;
    }
    if (!this.#client.host.up) this.#there.drop();
    if (!this.#serverHost.up) this.#back.drop();
    this.#resetIfGone();
    this.#listen();
    this.#there.retry();
    this.#back.retry();
  }

  /** The client was stopped for so long that its timer for a keepalive fires before it reads the answer. */
  overslept(process: SimProcess): void {
    if (process === this.#client && this.#server !== undefined) this.#loseClient('Keepalive timeout');
  }

  #atServer(deliver: () => void): void {
    this.#server ??= this.#accepting();
    this.#server?.do(`${this.#address} takes`, deliver);
  }

  #accepting(): SimProcess | undefined {
    const owner = this.#network.ownerOf(this.#address);
    if (owner === undefined) this.#back.send('refused', () => this.#loseClient('connect ECONNREFUSED'));
    return owner;
  }

  /** What the kernel of a living host says in the name of a process that is gone. */
  #resetIfGone(): void {
    if (this.#server !== undefined && !this.#server.alive && this.#serverHost.up && !this.#resetSent.toClient) {
      this.#resetSent.toClient = true;
      this.#back.send('reset', () => this.#loseClient('Connection dropped'));
    }
    if (!this.#client.alive && this.#client.host.up && !this.#resetSent.toServer) this.#resetServer();
  }

  #resetServer(): void {
    if (this.#resetSent.toServer) return;
    this.#resetSent.toServer = true;
    this.#there.send('reset', () => this.#loseServer());
  }

  #listen(): void {
    const [client, server] = [this.#client.host.name, this.#serverHost.name];
    const hears = this.#network.passes(client, server) && this.#network.passes(server, client) && this.#server?.paused !== true;
    if (this.#server === undefined || hears === !this.#silent) return;
    this.#silent = !hears;
    this.#silence += 1;
    if (hears) return;
    const silence = this.#silence;
    const after = (patienceMs: { min: number; max: number }, what: string, process: SimProcess, then: () => void): void => {
      const { clock } = this.#network;
      clock.at(clock.now() + this.#network.random(patienceMs.min, patienceMs.max), what, () => {
        if (this.#silence === silence) process.do(what, then);
      });
    };
    after(CLIENT_PATIENCE_MS, `${this.#client.name} gives up ${this.#address}`, this.#client, () => this.#loseClient('Keepalive timeout'));
    after(SERVER_PATIENCE_MS, `${this.#address} gives up ${this.#client.name}`, this.#server, () => this.#loseServer());
  }

  #loseClient(why: string): void {
    if (this.#consumerKnows) return;
    this.#consumerKnows = true;
    this.#back.drop();
    this.#resetServer();
    this.#client.do(`${this.#client.name} loses ${this.#address}`, () =>
      this.#ends.consumerLost(new MeshError('unreachable', `${this.#address} can't be reached: ${why}`)),
    );
  }

  #loseServer(): void {
    if (this.#producerKnows) return;
    this.#producerKnows = true;
    this.#there.drop();
    this.#server?.do(`${this.#address} loses ${this.#client.name}`, () =>
      this.#ends.producerLost(new MeshError('lost', `the connection from ${this.#client.name} broke`)),
    );
  }
}
