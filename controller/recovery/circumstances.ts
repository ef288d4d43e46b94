/**
 * Whether circumstances differ so much from the last time a plan was looked for that another one might be the best now.
 *
 *     devices, plan ── another ──▶ changed          slowness, link speeds ── apart by more than noise ──▶ changed
 */

/** What is less apart is noise: times of devices, and speeds of links, which move more. */
const SLOWER = 1.25;
const FASTER = 2;

export interface Circumstance {
  readonly devices: readonly string[];
  /** Says which stages are where. */
  readonly plan: string;
  readonly slowness: ReadonlyMap<string, number>;
  /** Of links that were measured. */
  readonly speed: ReadonlyMap<string, number>;
}

export class Circumstances {
  #devices: string | undefined;
  #plan = '';
  /** Device, or link → what was known of it when it was looked at last. */
  readonly #slowness = new Map<string, number>();
  readonly #speed = new Map<string, number>();

  /** Compares with what was found different last; the first look, and what is known for the first time, differ from nothing. */
  changed(now: Circumstance): boolean {
    const devices = [...now.devices].sort().join(' ');
    const first = this.#devices === undefined;
    const apart = [differs(this.#slowness, now.slowness, SLOWER), differs(this.#speed, now.speed, FASTER)].includes(true);
    const different = apart || devices !== this.#devices || now.plan !== this.#plan;
    if (!different) return false;
    this.#devices = devices;
    this.#plan = now.plan;
    for (const [device, slowness] of now.slowness) this.#slowness.set(device, slowness);
    for (const [link, speed] of now.speed) this.#speed.set(link, speed);
    return !first;
  }
}

/** Whether a value is `factor` times what it was, or less than its part of it; values that were not known become so. */
function differs(known: Map<string, number>, now: ReadonlyMap<string, number>, factor: number): boolean {
  let found = false;
  for (const [key, value] of now) {
    const before = known.get(key);
    if (before === undefined) known.set(key, value);
    else if (value > before * factor || value < before / factor) found = true;
  }
  return found;
}
