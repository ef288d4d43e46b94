/**
 * The simulated mesh before anything runs in it: hosts, the network between them, the bus, and the clock of it all.
 *
 *     seed ──▶ streams ──▶ clock (ties) · network (delays) · bus (weather) · host clocks (offsets)
 */
import { MemoryNetwork } from '../../mesh/link/memory.ts';
import { SimBus } from './sim-bus.ts';
import { SimNetwork } from './sim-network.ts';
import { SimHost } from './sim-process.ts';
import { between, streamOf } from './streams.ts';
import { Trace } from './trace.ts';
import { VirtualClock } from './virtual-clock.ts';

/** No two hosts' monotonic clocks began at the same time, milliseconds. */
const OFFSET_MS_MAX = 1e6;

export class SimWorld {
  readonly seed: number;
  readonly trace: Trace;
  readonly clock: VirtualClock;
  readonly network: SimNetwork;
  readonly bus: SimBus;
  readonly links: MemoryNetwork;

  constructor(seed: number, hosts: readonly string[], trace = new Trace()) {
    this.seed = seed;
    this.trace = trace;
    this.clock = new VirtualClock(streamOf(seed, 'ties'), trace);
    this.network = new SimNetwork(this.clock, streamOf(seed, 'delays'));
    this.links = new MemoryNetwork(this.network.carrier);
    const offsets = streamOf(seed, 'clocks');
    for (const name of hosts) this.network.addHost(new SimHost(name, this.clock, between(offsets, 0, OFFSET_MS_MAX)));
    this.bus = new SimBus(this.network, streamOf(seed, 'bus'), (error) => {
      throw error;
    });
  }

  /** A process of `host` that the network knows. */
  start(host: string, name: string) {
    const process = this.network.host(host).start(name);
    this.network.addProcess(process);
    return process;
  }
}
