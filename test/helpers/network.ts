/**
 * A small real network on one machine: each host is a network namespace, all hang on one bridge, each cable has a bandwidth (tbf at both
 * ends). Needs root and iproute2.
 *
 *     host a ──veth──┐
 *     host b ──veth──┼── bridge (10.x.y.1, where the test itself is)
 *     host c ──veth──┘
 *
 * For delay and cuts see relay.ts: the kernel at hand may have no netem.
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isRoot } from './privileges.ts';
import type { Scope } from './scope.ts';

export interface NetworkOptions {
  /** Of every cable, each way, bits per second. Default: no limit. */
  readonly bitsPerSecond?: number;
}

export interface Traffic {
  /** With the headers of Ethernet, IP and TCP. */
  readonly bytes: number;
  readonly packets: number;
}

export interface Host {
  readonly name: string;
  readonly address: string;
  /** Put before a command, so that it runs on this host. */
  readonly prefix: readonly string[];
}

export class Network {
  /** Where the test's own machine is reached from the hosts. */
  readonly address: string;
  readonly #id: string;
  readonly #subnet: string;
  readonly #options: NetworkOptions;
  readonly #hosts: Host[] = [];

  private constructor(options: NetworkOptions) {
    // Names of interfaces have at most 15 characters.
    this.#id = `sm${randomInt(0x1000, 0x10000).toString(16)}`;
    this.#subnet = `10.${randomInt(64, 128)}.${randomInt(256)}`;
    this.#options = options;
    this.address = `${this.#subnet}.1`;
  }

  static create(t: Scope, options: NetworkOptions = {}): Network {
    const network = new Network(options);
    t.teardown(() => network.#remove());
    ip('link', 'add', network.#id, 'type', 'bridge');
    ip('addr', 'add', `${network.address}/24`, 'dev', network.#id);
    ip('link', 'set', network.#id, 'up');
    return network;
  }

  addHost(name: string): Host {
    const number = this.#hosts.length;
    const host: Host = {
      name,
      address: `${this.#subnet}.${number + 10}`,
      // Not `ip netns exec`: that hides the control groups.
      prefix: ['nsenter', `--net=/run/netns/${this.#space(number)}`, '--'],
    };
    this.#hosts.push(host);
    const [space, outside, inside] = [this.#space(number), `${this.#id}-${number}`, 'eth0'];
    ip('netns', 'add', space);
    ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', space);
    ip('link', 'set', outside, 'master', this.#id, 'up');
    ip('-n', space, 'addr', 'add', `${host.address}/24`, 'dev', inside);
    ip('-n', space, 'link', 'set', inside, 'up');
    ip('-n', space, 'link', 'set', 'lo', 'up');
    if (this.#options.bitsPerSecond !== undefined) this.limit(host, this.#options.bitsPerSecond);
    return host;
  }

  /** Changes the bandwidth of a host's cable, also while it is in use. */
  limit(host: Host, bitsPerSecond: number): void {
    const number = this.#hosts.indexOf(host);
    // A burst of 10 ms; the smallest that still reaches the rate on a kernel that ticks 100 times a second.
    const burst = Math.max(16 * 1024, Math.ceil(bitsPerSecond / 8 / 100));
    const shape = ['root', 'tbf', 'rate', `${bitsPerSecond}bit`, 'burst', `${burst}`, 'latency', '50ms'];
    run('tc', 'qdisc', 'replace', 'dev', `${this.#id}-${number}`, ...shape);
    run('tc', '-n', this.#space(number), 'qdisc', 'replace', 'dev', 'eth0', ...shape);
  }

  /** What has gone over a host's cable so far, by the counters of its interface. */
  traffic(host: Host): { readonly into: Traffic; readonly outOf: Traffic } {
    const folder = `/sys/class/net/${this.#id}-${this.#hosts.indexOf(host)}/statistics`;
    const count = (name: string): number => Number(readFileSync(`${folder}/${name}`, 'utf8'));
    // This is the far end of the cable: what it sends goes into the host.
    return {
      into: { bytes: count('tx_bytes'), packets: count('tx_packets') },
      outOf: { bytes: count('rx_bytes'), packets: count('rx_packets') },
    };
  }

  /** Pulls a host's cable, or plugs it in again. Connections stay open and silent. */
  plug(host: Host, connected: boolean): void {
    ip('link', 'set', `${this.#id}-${this.#hosts.indexOf(host)}`, connected ? 'up' : 'down');
  }

  /**
   * Another address of the test's own machine, to be told to others instead of the host's (`agent --advertise`), and the ports that
   * programs of the host get from now on when any will do: what forwards between the two is on their way.
   */
  front(host: Host, ports: { readonly first: number; readonly last: number }): string {
    const number = this.#hosts.indexOf(host);
    const address = `${this.#subnet}.${number + 110}`;
    ip('addr', 'add', `${address}/24`, 'dev', this.#id);
    const range = `echo ${ports.first} ${ports.last} >/proc/sys/net/ipv4/ip_local_port_range`;
    ip('netns', 'exec', this.#space(number), '/bin/sh', '-c', range);
    return address;
  }

  #space(number: number): string {
    return `${this.#id}-${number}`;
  }

  #remove(): void {
    // A namespace takes its end of the cable with it, and that the other end.
    for (const number of this.#hosts.keys()) spawnSync('ip', ['netns', 'del', this.#space(number)]);
    ip('link', 'del', this.#id);
  }
}

/** Why networks can't be made here; undefined when they can. */
export function networkMissing(): string | undefined {
  if (!isRoot) return 'needs root';
  for (const program of ['ip', 'tc']) if (spawnSync(program, ['-V']).error !== undefined) return `needs ${program} (apt install iproute2)`;
  const probe = `smprobe${randomInt(0x1000)}`;
  const made = spawnSync('ip', ['netns', 'add', probe], { encoding: 'utf8' });
  if (made.status !== 0) return `needs network namespaces: ${made.stderr.trim()}`;
  spawnSync('ip', ['netns', 'del', probe]);
  return undefined;
}

function ip(...args: string[]): void {
  run('ip', ...args);
}

function run(program: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr.trim()}`);
}
