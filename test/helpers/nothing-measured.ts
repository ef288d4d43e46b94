/** What is known of a run that has not begun. */
import type { Measured } from '../../controller/run/replan.ts';

export const NOTHING_MEASURED: Measured = {
  computeMs: new Map(),
  slowness: new Map(),
  links: { speed: () => undefined, estimate: () => undefined, bytes: () => undefined },
};
