/** Values of metrics as people read them. Metrics have any unit there is; those that are known have one that fits their size. */
import { threeDigits } from '../text/format.ts';

/** Of all values of one metric, so that they can be compared at a glance. */
export interface ShownUnit {
  readonly unit: string;
  /** What one of it is, in the unit of the metric. */
  readonly scale: number;
}

const steps: Readonly<Record<string, readonly (readonly [unit: string, scale: number])[]>> = {
  B: [
    ['B', 1],
    ['KiB', 2 ** 10],
    ['MiB', 2 ** 20],
    ['GiB', 2 ** 30],
  ],
  ms: [
    ['ms', 1],
    // Twenty seconds are more easily read as 20 s, one and a half as 1500 ms.
    ['s', 1000],
  ],
};

/** From this many of the next unit on it is taken. */
const ENOUGH = 10;

/** By the largest of them. Values that are not finite have no say. */
export function shownUnit(metric: string, unit: string, values: readonly number[]): ShownUnit {
  // A share of something, or a loss: only of ours is it known.
  if (unit === '1') return metric === 'accuracy' ? { unit: '%', scale: 0.01 } : { unit: '', scale: 1 };
  const most = values.reduce((largest, value) => (Number.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest), 0);
  const fitting = (steps[unit] ?? []).findLast(([, scale]) => scale === 1 || most >= (unit === 'B' ? 1 : ENOUGH) * scale);
  return fitting === undefined ? { unit, scale: 1 } : { unit: fitting[0], scale: fitting[1] };
}

/** Without its unit; `–` is not known. */
export function shownNumber(value: number | null | undefined, { scale }: Pick<ShownUnit, 'scale'>): string {
  if (value === null || value === undefined) return '–';
  const size = value / scale;
  // Of a loss of 0.0115 the last digits are what matters.
  return size !== 0 && Math.abs(size) < 1 ? String(Number(size.toPrecision(3))) : threeDigits(size);
}

/** With it. */
export function shownText(value: number | null | undefined, shown: ShownUnit): string {
  return value === null || value === undefined ? '–' : `${shownNumber(value, shown)} ${shown.unit}`.trimEnd();
}

/** `+12 %`, `−0.31 %`, `±0 %`; of a share: 0.12 is twelve per cent more. */
export function shareChangeText(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return '–';
  if (Math.abs(share) < 5e-5) return '±0 %';
  return `${share < 0 ? '−' : '+'}${threeDigits(Math.abs(share * 100))} %`;
}

/** `2026-11-23 07:00`, UTC. */
export function momentText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
