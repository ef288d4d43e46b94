/** Heartbeats at given times, written short, and what a watch that looks four times per beat makes of them. */
import { type Beat, type PresenceChange, PresenceWatch } from '../../../controller/recovery/presence-watch.ts';

/** `a7` is beat 7 of incarnation a. */
export function beatOf(text: string, more: Partial<Beat> = {}): Beat {
  return { device: 'pi1', incarnation: text[0]!, beat: Number(text.slice(1)), leaving: false, draining: false, ...more };
}

export type Step = readonly [atMs: number, what: string | Beat];

/** Looks every 250 ms from the first step until `untilMs`; changes with their times. */
export function watched(steps: readonly Step[], untilMs: number): string[] {
  const watch = new PresenceWatch();
  const seen: string[] = [];
  const note = (atMs: number, changes: readonly PresenceChange[]) => {
    for (const change of changes) seen.push(`${atMs} ${change.kind}`);
  };
  const todo = [...steps];
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 250) {
    while (todo.length > 0 && todo[0]![0] <= nowMs) {
      const [atMs, what] = todo.shift()!;
      if (what === 'away') watch.busAway();
      else if (what === 'back') watch.busBack(atMs);
      else note(atMs, watch.heard(typeof what === 'string' ? beatOf(what) : what, atMs));
    }
    note(nowMs, watch.look(nowMs));
  }
  return seen;
}
