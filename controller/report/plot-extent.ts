/** How far the axis of limits reaches, and where its round numbers are. */
import type { SweepReport } from './sweep-report.ts';

export interface Extent {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** From 0, unless all values are far from it; with a step that gives about eight round numbers. */
export function extentOf(values: readonly number[], limit: SweepReport['limit'], fromZero = false): Extent {
  const [least, most] = [Math.min(...values, Number.MAX_VALUE), Math.max(...values, Number.MIN_VALUE)];
  const low = least > most / 2 && !fromZero ? least - (most - least) * 0.1 : 0;
  const rough = Math.max(most - low, most / 16) / 8;
  const step = limit === 'memory' ? 2 ** Math.max(0, Math.ceil(Math.log2(rough))) : roundStep(rough);
  const whole = (value: number): number => Number(value.toPrecision(12));
  // A point on the very edge would be cut in half.
  return { min: whole(Math.floor(low / step) * step), max: whole(most + step / 4), step };
}

/** 1, 2 or 5 times a power of ten, at least that. */
export function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return Number(([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10) * power);
}
