/**
 * The heartbeat: says again and again on the bus that this device is here, at once when someone says hello or the bus comes back, and a last
 * time that it is leaving.
 */
import { randomUUID } from 'node:crypto';
import type { Bus } from '../mesh/bus/bus.ts';
import { encodePresence } from '../mesh/bus/messages.ts';
import type { Subjects } from '../mesh/bus/subjects.ts';
import { type Clock, every, type Timer } from '../mesh/clock.ts';
import type { Device, DeviceLoad, Presence } from '../mesh/device.ts';
import { PROTOCOL_VERSION } from '../mesh/protocol-version.ts';
import type { StageStatus } from '../mesh/stage.ts';

export interface PresenceOptions {
  /** Milliseconds between two heartbeats. */
  readonly beatMs: number;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly device: Device;
  readonly softwareVersion: string;
  readonly load: () => DeviceLoad;
  readonly stages: () => readonly StageStatus[];
  readonly draining: () => boolean;
}

export class PresenceBeacon {
  readonly #options: PresenceOptions;
  readonly #incarnation = randomUUID();
  readonly #timer: Timer;
  readonly #stops: (() => void)[];
  #load: DeviceLoad;
  #beat = 0;

  /** Starts at once. */
  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#load = options.load();
    this.#timer = every(options.clock, options.beatMs, () => this.#tick());
    const hello = options.bus.subscribe(options.subjects.hello, () => this.#publish(false));
    const unlisten = options.bus.onState((state) => {
      if (state === 'connected') this.#publish(false);
    });
    this.#stops = [() => hello.close(), unlisten];
    this.#publish(false);
  }

  /** Says that the device is leaving, and nothing more after that. Idempotent. */
  leave(): void {
    if (this.#stops.length === 0) return;
    this.#timer.cancel();
    for (const stop of this.#stops.splice(0)) stop();
    this.#publish(true);
  }

  /** What the device says of itself at once, when something important changed. */
  now(): void {
    if (this.#stops.length > 0) this.#publish(false);
  }

  /** The load is measured on the beat only, so that what counts "since the last beat" always covers a whole one. */
  #tick(): void {
    this.#load = this.#options.load();
    this.#publish(false);
  }

  #publish(leaving: boolean): void {
    const { bus, subjects, device, softwareVersion, stages, draining } = this.#options;
    const presence: Presence = {
      beat: this.#beat,
      incarnation: this.#incarnation,
      device,
      load: this.#load,
      stages: stages(),
      draining: draining(),
      protocolVersion: PROTOCOL_VERSION,
      softwareVersion,
      leaving,
    };
    this.#beat += 1;
    bus.publish(subjects.presence(device.name), encodePresence(presence));
  }
}
