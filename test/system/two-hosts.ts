/**
 * Two hosts, the second behind a slow cable, in cgroups with their quotas:
 *
 *     controller, source, sink ── fast ── east ══ slow ══ west
 */
import { availableParallelism } from 'node:os';
import type { RunReport } from '../../controller/report/run-report.ts';
import { serveFirst } from '../helpers/first-served.ts';
import { type Mesh, startMesh } from '../helpers/mesh-harness.ts';
import { type Host, Network, type Traffic } from '../helpers/network.ts';
import type { Scope } from '../helpers/scope.ts';
import { run } from './run-report.ts';

export interface TwoHostsOptions {
  /** Of west's cable, each way. */
  readonly bitsPerSecond: number;
  /** Cores of east and west. */
  readonly quotas: readonly [number, number];
}

/** Ethernet, IPv4, TCP with timestamps. */
const HEADER_BYTES = 14 + 20 + 32;

export class TwoHosts {
  readonly #mesh: Mesh;
  readonly #network: Network;
  readonly #west: Host;

  private constructor(mesh: Mesh, network: Network, west: Host) {
    this.#mesh = mesh;
    this.#network = network;
    this.#west = west;
  }

  static async start(t: Scope, { bitsPerSecond, quotas }: TwoHostsOptions): Promise<TwoHosts> {
    const network = Network.create(t);
    const mesh = await startMesh(t, { nats: { host: network.address } });
    const hosts = ['east', 'west'].map((name) => network.addHost(name));
    network.limit(hosts[1]!, bitsPerSecond);
    for (const [index, { name, address, prefix }] of hosts.entries()) {
      const cpuQuota = Math.min(quotas[index]!, availableParallelism());
      const agent = await mesh.addAgent({ name, cpuQuota, listen: `${address}:0`, prefix, args: ['--insecure'] });
      serveFirst(agent.pid);
    }
    return new TwoHosts(mesh, network, hosts[1]!);
  }

  /** Another speed of west's cable. */
  limit(bitsPerSecond: number): void {
    this.#network.limit(this.#west, bitsPerSecond);
  }

  run(split: string, ...flags: string[]): Promise<RunReport> {
    const common = ['--split', split, '--on', 'east,west', '--threads', '1', '--insecure', '--listen', `${this.#network.address}:0`];
    return run(this.#mesh, ...common, ...flags);
  }

  /** What went over west's cable while `work` ran, both ways, by its interface: without the headers below TCP. */
  async payloadBytes<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly into: number; readonly outOf: number }> {
    const before = this.#network.traffic(this.#west);
    const result = await work();
    const after = this.#network.traffic(this.#west);
    const payload = (from: Traffic, to: Traffic): number => to.bytes - from.bytes - (to.packets - from.packets) * HEADER_BYTES;
    return { result, into: payload(before.into, after.into), outOf: payload(before.outOf, after.outOf) };
  }
}

/** By our own accounting: bytes of all frames on the route between the stages. */
export function wireBytes({ links, frames }: RunReport): number {
  return links.find(({ from, to }) => from === 'stage1' && to === 'stage2')!.wireBytesPerFrame! * frames.received;
}
