/**
 * A host that is far away: everybody else reaches its programs through relays, one per port that they may get.
 *
 *     others ──▶ front address:20000…20063 ═ relays (delay, jitter) ═▶ host:20000…20063
 *
 * What its programs open themselves goes directly; stages pull from their producers, so a producer that is far is what counts.
 */
import type { Host, Network } from './network.ts';
import { type Relay, startRelay } from './relay.ts';
import type { LaneOptions } from './relay-lane.ts';
import type { Scope } from './scope.ts';

const PORTS = { first: 20_000, last: 20_063 } as const;

export interface FarHost {
  /** To advertise. */
  readonly address: string;
  /** As all relays do (relay.ts). */
  cut(): void;
  freeze(): void;
  mend(): void;
  set(lane: LaneOptions): void;
}

export async function putFar(t: Scope, network: Network, host: Host, lane: LaneOptions = {}): Promise<FarHost> {
  const address = network.front(host, PORTS);
  const ports = Array.from({ length: PORTS.last - PORTS.first + 1 }, (_, index) => PORTS.first + index);
  const relays = await Promise.all(ports.map((port) => startRelay(t, `${host.address}:${port}`, { host: address, port, ...lane })));
  const each = (what: (relay: Relay) => void): void => {
    for (const relay of relays) what(relay);
  };
  return {
    address,
    cut: () => each((relay) => relay.cut()),
    freeze: () => each((relay) => relay.freeze()),
    mend: () => each((relay) => relay.mend()),
    set: (options) => each((relay) => relay.set(options)),
  };
}
