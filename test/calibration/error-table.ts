/** Predicted and measured side by side, and how the errors are distributed. */
import { distributionOf } from '../../controller/run/statistics.ts';
import type { Comparison } from './comparison.ts';

/** How much of them is at most `max`, either way. 1 for none. */
export function within(errors: readonly number[], max: number): number {
  return errors.length === 0 ? 1 : errors.filter((error) => Math.abs(error) <= max).length / errors.length;
}

export function errorTable(comparisons: readonly Comparison[]): string {
  const head = ['topology', 'fps', 'predicted', 'error', 'p99 ms', 'predicted', 'error', 'others'];
  const rows = comparisons.map(({ title, measured, predicted, error, foreignCores }) => [
    title,
    measured.fps.toFixed(2),
    predicted.fps.toFixed(2),
    percent(error.fps),
    measured.p99Ms.toFixed(0),
    predicted.p99Ms.toFixed(0),
    percent(error.p99),
    `${foreignCores.toFixed(2)}`,
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ');
  return [
    ...[head, ...rows].map(line),
    summary(
      'throughput',
      comparisons.map(({ error }) => error.fps),
    ),
    summary(
      'p99 latency',
      comparisons.map(({ error }) => error.p99),
    ),
  ].join('\n');
}

function summary(what: string, errors: readonly number[]): string {
  const sizes = distributionOf(errors.map(Math.abs));
  if (sizes === undefined) return `${what}: nothing was compared`;
  return `${what}: error in the median ${share(sizes.p50)}, 90 % at most ${share(sizes.p90)}, largest ${share(sizes.max)}`;
}

function percent(error: number): string {
  return `${error >= 0 ? '+' : ''}${share(error)}`;
}

function share(error: number): string {
  return `${(100 * error).toFixed(1)} %`;
}
