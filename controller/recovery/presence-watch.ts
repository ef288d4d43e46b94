/**
 * Who is there, by the heartbeats that devices send on the bus: one a second.
 *
 *     beats     │   │   │   ·   ·   ·            │            of another incarnation
 *               └ alive ──┘ └ suspected ┘└ gone ─┘└ alive: rejoined, and what was there is gone
 *
 * A failure detector by counting missed heartbeats (Chandra and Toueg, Unreliable failure detectors for reliable distributed systems, JACM
 * 43(2), 1996), which also asks what else silence may mean (Dadgar, Phillips and Currey, Lifeguard: local health awareness for more accurate
 * failure detection, DSN-W 2018): the bus is away, or this process itself stood still. In both cases counting starts anew.
 *
 * Messages may be repeated, overtake each other and come late: the beats of an incarnation are numbered, and only a higher number is news.
 * Incarnations have no order: one that was superseded is listened to only once its successor is gone.
 */
import type { Presence } from '../../mesh/device.ts';

/** Of a heartbeat, what matters here. */
export interface Beat extends Pick<Presence, 'incarnation' | 'beat' | 'leaving' | 'draining'> {
  readonly device: string;
}

export type Liveness = 'alive' | 'suspected' | 'gone';

export type PresenceChange =
  /** Heard for the first time. */
  | { readonly kind: 'joined'; readonly device: string }
  | { readonly kind: 'suspected'; readonly device: string; readonly silentMs: number }
  /** It was suspected, and is alive. */
  | { readonly kind: 'cleared'; readonly device: string }
  | { readonly kind: 'gone'; readonly device: string; readonly reason: string }
  /** It was gone, and is the same agent as before: its stages may still be there. */
  | { readonly kind: 'returned'; readonly device: string }
  /** The agent was started anew: what was there is gone, except for files. */
  | { readonly kind: 'rejoined'; readonly device: string }
  | { readonly kind: 'draining'; readonly device: string; readonly draining: boolean };

export interface PresenceState {
  readonly incarnation: string;
  readonly liveness: Liveness;
  readonly draining: boolean;
}

export interface PresenceWatchOptions {
  /** Milliseconds between two heartbeats. */
  readonly beatMs: number;
  /** So many missed beats, and a device is gone. */
  readonly missedMax: number;
}

export const PRESENCE_WATCH: PresenceWatchOptions = { beatMs: 1_000, missedMax: 3 };

/** A beat is missed when it is late by this part of the time between two. */
const GRACE = 0.25;
/** Whoever watches looks at every beat; who did not for so many of them stood still and has not listened either. */
const STOOD_STILL_BEATS = 1.5;
/** Superseded incarnations remembered for each device; messages of older ones are not on their way any more. */
const EARLIER_MAX = 8;

interface Heard {
  incarnation: string;
  /** The highest number heard; an agent's last word has the highest of all. */
  beat: number;
  /** Missed beats count from here. */
  sinceMs: number;
  liveness: Liveness;
  draining: boolean;
  /** Superseded incarnation → the highest number heard of it. */
  readonly earlier: Map<string, number>;
}

export class PresenceWatch {
  readonly #options: PresenceWatchOptions;
  readonly #devices = new Map<string, Heard>();
  #busAway = false;
  #lastMs: number | undefined;

  constructor(options: PresenceWatchOptions = PRESENCE_WATCH) {
    this.#options = options;
  }

  /** Undefined: never heard of. */
  of(device: string): PresenceState | undefined {
    const heard = this.#devices.get(device);
    return heard && { incarnation: heard.incarnation, liveness: heard.liveness, draining: heard.draining };
  }

  /** A heartbeat arrived. `nowMs`: monotonic, here and everywhere. */
  heard(beat: Beat, nowMs: number): PresenceChange[] {
    this.#noticeStandstill(nowMs);
    const { device } = beat;
    const known = this.#devices.get(device);
    if (known === undefined) {
      this.#devices.set(device, { ...fresh(beat, nowMs), earlier: new Map() });
      return beat.leaving ? [] : [{ kind: 'joined', device }, ...drainingOf(beat, false)];
    }
    return beat.incarnation === known.incarnation ? this.#next(known, beat, nowMs) : this.#another(known, beat, nowMs);
  }

  /** Time has passed; to be called at least once per beat. */
  look(nowMs: number): PresenceChange[] {
    this.#noticeStandstill(nowMs);
    if (this.#busAway) return [];
    const { beatMs, missedMax } = this.#options;
    const changes: PresenceChange[] = [];
    for (const [device, heard] of this.#devices) {
      if (heard.liveness === 'gone') continue;
      const silentMs = nowMs - heard.sinceMs;
      const missed = Math.floor(silentMs / beatMs - GRACE);
      if (missed >= missedMax) {
        heard.liveness = 'gone';
        changes.push({ kind: 'gone', device, reason: `no sign of life for ${(silentMs / 1000).toFixed(1)} s` });
      } else if (missed >= 1 && heard.liveness === 'alive') {
        heard.liveness = 'suspected';
        changes.push({ kind: 'suspected', device, silentMs });
      }
    }
    return changes;
  }

  /** Nothing can be heard: nobody is gone for being silent. */
  busAway(): void {
    this.#busAway = true;
  }

  busBack(nowMs: number): void {
    this.#busAway = false;
    this.#countAnew(nowMs);
  }

  #next(known: Heard, beat: Beat, nowMs: number): PresenceChange[] {
    if (beat.beat <= known.beat) return [];
    const { device } = beat;
    const { liveness, draining } = known;
    Object.assign(known, fresh(beat, nowMs));
    if (beat.leaving) return liveness === 'gone' ? [] : [{ kind: 'gone', device, reason: 'its agent was stopped' }];
    const changes: PresenceChange[] = drainingOf(beat, draining);
    if (liveness === 'gone') changes.unshift({ kind: 'returned', device });
    if (liveness === 'suspected') changes.unshift({ kind: 'cleared', device });
    return changes;
  }

  #another(known: Heard, beat: Beat, nowMs: number): PresenceChange[] {
    const { device, incarnation } = beat;
    const highest = known.earlier.get(incarnation);
    const superseded = highest !== undefined;
    if (beat.beat <= (highest ?? Number.NEGATIVE_INFINITY)) return [];
    // The last word of an incarnation, or one of a superseded one while its successor lives: to be remembered, not believed.
    if (beat.leaving || (superseded && known.liveness !== 'gone')) {
      remember(known.earlier, incarnation, beat.beat);
      return [];
    }
    known.earlier.delete(incarnation);
    remember(known.earlier, known.incarnation, known.beat);
    Object.assign(known, fresh(beat, nowMs));
    return [{ kind: 'rejoined', device }, ...drainingOf(beat, false)];
  }

  #noticeStandstill(nowMs: number): void {
    if (this.#lastMs !== undefined && nowMs - this.#lastMs > STOOD_STILL_BEATS * this.#options.beatMs) this.#countAnew(nowMs);
    this.#lastMs = nowMs;
  }

  #countAnew(nowMs: number): void {
    for (const heard of this.#devices.values()) heard.sinceMs = nowMs;
  }
}

function fresh({ incarnation, beat, leaving, draining }: Beat, nowMs: number): Omit<Heard, 'earlier'> {
  return {
    incarnation,
    beat,
    sinceMs: nowMs,
    liveness: leaving ? 'gone' : 'alive',
    draining,
  };
}

function drainingOf({ device, draining }: Beat, before: boolean): PresenceChange[] {
  return draining === before ? [] : [{ kind: 'draining', device, draining }];
}

function remember(earlier: Map<string, number>, incarnation: string, beat: number): void {
  earlier.delete(incarnation);
  earlier.set(incarnation, beat);
  if (earlier.size > EARLIER_MAX) earlier.delete(earlier.keys().next().value!);
}
