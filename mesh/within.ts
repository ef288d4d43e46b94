/** A wait with an end, by any clock. */
import type { Clock } from './clock.ts';

/** Resolves when `work` has settled, however, or `ms` have passed: true when it settled. Nothing stays behind. */
export function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.after(ms, () => resolve(false));
    const settled = (): void => {
      timer.cancel();
      resolve(true);
    };
    work.then(settled, settled);
  });
}
