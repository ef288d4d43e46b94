/**
 * The devices of a mesh while a command works with it: who is there, who goes, who comes.
 *
 *     heartbeats on the bus ──▶ PresenceWatch ──▶ silent? ask it itself ──▶ gone │ back
 *     children of a private mesh that end ─────────────────────────────────▶ gone
 *
 * A device whose heartbeats stay away may only have lost the bus; frames flow without it, so it is gone only when it does not answer a call either.
 */
import type { Bus } from '../../mesh/bus/bus.ts';
import { decodePresence } from '../../mesh/bus/messages.ts';
import type { Subjects } from '../../mesh/bus/subjects.ts';
import { type Clock, every } from '../../mesh/clock.ts';
import type { Presence } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import { PRESENCE_WATCH, type PresenceChange, PresenceWatch } from '../recovery/presence-watch.ts';

export type FleetChange =
  | { readonly kind: 'gone'; readonly device: string; readonly error: MeshError }
  /** It was not there, or gone, or was started anew. */
  | { readonly kind: 'back'; readonly device: string }
  | { readonly kind: 'draining'; readonly device: string; readonly draining: boolean };

export interface FleetOptions {
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly clock: Clock;
  /** Whether a device answers when it is asked itself. */
  readonly answers: (device: string) => Promise<boolean>;
  /** A device says where it is. Called before any change is told. */
  readonly onPresence: (presence: Presence) => void;
  /** Messages that can't be read are somebody else's concern. */
  readonly onBad: (error: unknown) => void;
}

export class Fleet {
  readonly #options: FleetOptions;
  readonly #watch = new PresenceWatch();
  readonly #listeners = new Set<(change: FleetChange) => void>();
  readonly #presence = new Map<string, Presence>();
  readonly #stops: (() => void)[];
  #closed = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    const { bus, subjects, clock, onBad } = options;
    const heard = bus.subscribe(subjects.allPresence, (payload) => {
      try {
        this.#heard(decodePresence(payload));
      } catch (error) {
        onBad(error);
      }
    });
    const unlisten = bus.onState((state) => {
      if (state === 'connected') this.#watch.busBack(clock.now());
      else this.#watch.busAway();
    });
    const look = every(clock, PRESENCE_WATCH.beatMs, () => this.#tell(this.#watch.look(clock.now())));
    this.#stops = [() => heard.close(), unlisten, () => look.cancel()];
  }

  /** What a device said of itself last. */
  presenceOf(device: string): Presence | undefined {
    return this.#presence.get(device);
  }

  /** Calls `listener` with every change from now on. Returns the function that stops it. */
  onChange(listener: (change: FleetChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Somebody knows that a device is gone: its process has ended. */
  lost(device: string, error: MeshError): void {
    this.#say({ kind: 'gone', device, error });
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#stops.splice(0)) stop();
    this.#listeners.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #heard(presence: Presence): void {
    const { device, incarnation, beat, leaving, draining } = presence;
    const changes = this.#watch.heard({ device: device.name, incarnation, beat, leaving, draining }, this.#options.clock.now());
    if (this.#watch.of(device.name)?.incarnation === incarnation) {
      this.#presence.set(device.name, presence);
      this.#options.onPresence(presence);
    }
    this.#tell(changes);
  }

  #tell(changes: readonly PresenceChange[]): void {
    for (const change of changes) {
      const { kind, device } = change;
      if (kind === 'gone') this.#doubt(device, change.reason);
      else if (kind === 'joined' || kind === 'returned' || kind === 'rejoined') this.#say({ kind: 'back', device });
      else if (kind === 'draining') this.#say({ kind, device, draining: change.draining });
    }
  }

  /** It is gone when it says so itself, or does not answer; one that does is asked again until it is heard of. */
  #doubt(device: string, reason: string): void {
    if (this.#closed || this.#watch.of(device)?.liveness !== 'gone') return;
    const gone = (): void => this.#say({ kind: 'gone', device, error: new MeshError('lost', reason) });
    if (this.#presence.get(device)?.leaving === true) {
      gone();
      return;
    }
    void this.#options.answers(device).then((answers) => {
      if (this.#watch.of(device)?.liveness !== 'gone') return;
      if (answers) this.#options.clock.after(PRESENCE_WATCH.beatMs, () => this.#doubt(device, reason));
      else gone();
    });
  }

  #say(change: FleetChange): void {
    if (this.#closed) return;
    for (const listener of [...this.#listeners]) listener(change);
  }
}
