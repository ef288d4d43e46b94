/**
 * States from the mesh: listens to heartbeats from its beginning on, so that an answer needs no round trip.
 *
 *     heartbeat ──▶ last of each device ──now()──▶ state, as old as the heartbeat         says goodbye ──▶ forgotten
 */
import type { Bus } from '../../../mesh/bus/bus.ts';
import { decodePresence } from '../../../mesh/bus/messages.ts';
import type { Subjects } from '../../../mesh/bus/subjects.ts';
import { type Clock, pause } from '../../../mesh/clock.ts';
import type { Device, DeviceLoad, Presence } from '../../../mesh/device.ts';
import { deviceUuid } from '../../../mesh/device-uuid.ts';
import { optional } from '../../../mesh/wire-number.ts';
import { LISTEN_MS } from '../../devices/discover.ts';
import type { DeviceState } from '../../profiler/sample.ts';
import { type DeviceStates, type KnownState, percent, problemsOf } from './known-state.ts';

export interface MeshStatesOptions {
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly mesh: string;
  readonly clock: Clock;
  readonly staleAfterMs: number;
  /** A message that can't be read: an agent of another release, as a rule. */
  readonly onBad: (error: unknown) => void;
}

/** A device that has been silent for so long is not told as stale any more: it is gone. */
const FORGET_MS = 10 * 60_000;

export class MeshStates implements DeviceStates, Disposable {
  readonly #options: MeshStatesOptions;
  readonly #heard = new Map<string, { readonly presence: Presence; readonly atMs: number }>();
  readonly #subscription: { close(): void };
  readonly #startedMs: number;

  constructor(options: MeshStatesOptions) {
    const { bus, subjects, clock, onBad } = options;
    this.#options = options;
    this.#startedMs = clock.now();
    this.#subscription = bus.subscribe(subjects.allPresence, (payload) => {
      try {
        this.#hear(decodePresence(payload));
      } catch (error) {
        onBad(error);
      }
    });
    bus.publish(subjects.hello, new Uint8Array(0));
  }

  async now(signal: AbortSignal): Promise<readonly KnownState[]> {
    const { clock, mesh, staleAfterMs } = this.#options;
    const listenMs = this.#startedMs + LISTEN_MS - clock.now();
    if (listenMs > 0) await pause(clock, listenMs, signal);
    signal.throwIfAborted();
    const nowMs = clock.now();
    for (const [name, { atMs }] of this.#heard) if (nowMs - atMs > FORGET_MS) this.#heard.delete(name);
    return [...this.#heard.values()]
      .map(({ presence, atMs }) => knownState(mesh, presence, nowMs - atMs, staleAfterMs))
      .toSorted((a, b) => a.node.localeCompare(b.node));
  }

  [Symbol.dispose](): void {
    this.#subscription.close();
  }

  #hear(presence: Presence): void {
    const { name } = presence.device;
    if (presence.leaving) this.#heard.delete(name);
    else this.#heard.set(name, { presence, atMs: this.#options.clock.now() });
  }
}

function knownState(mesh: string, { device, load, draining }: Presence, ageMs: number, staleAfterMs: number): KnownState {
  const state = stateOfLoad(device, load);
  return {
    node: device.name,
    nodeUuid: deviceUuid(mesh, device.name),
    deviceModel: device.cpuModel ?? '',
    deviceClass: device.virtualMachine === true ? 'VM' : 'Computer',
    state,
    ageMs,
    cores: device.cores,
    memoryBytes: device.memoryBytes,
    device,
    problems: [...problemsOf(state, ageMs, staleAfterMs), ...(draining ? ['it is draining: it takes no more work'] : [])],
  };
}

/** A heartbeat's load as percentages of the whole machine. */
export function stateOfLoad({ cores, memoryBytes, diskBytes }: Device, load: DeviceLoad): DeviceState {
  const used = (free: number | undefined, all: number): number | undefined =>
    free === undefined ? undefined : percent(100 * (1 - free / all));
  return {
    ...optional('cpuBusyPercent', load.cpuBusyCores === undefined ? undefined : percent((100 * load.cpuBusyCores) / cores)),
    ...optional('memoryUsedPercent', used(load.memoryFreeBytes, memoryBytes)),
    ...optional('diskUsedPercent', used(load.diskFreeBytes, diskBytes)),
    ...optional('temperatureCelsius', load.temperatureCelsius),
  };
}
