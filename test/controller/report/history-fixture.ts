/** Histories as a laboratory would have them, made up: a level that changes, a spike, tasks that failed. */
import type { History } from '../../../controller/report/history-report.ts';
import type { Point, Task } from '../../../controller/task/task.ts';
import { Random } from '../../../mesh/random.ts';

export const START_MS = Date.UTC(2026, 0, 1, 7);
const DAY_MS = 86_400_000;

export const series = { benchmark: 'resnet nightly', metric: 'latency.p50', device: 'pi1', runtime: '1.30.0', limits: 'memory 256 MiB' };

export function taskOf(index: number, part: Partial<Task> = {}): Task {
  const atMs = START_MS + index * DAY_MS;
  const task = `task-${String(index).padStart(4, '0')}`;
  return {
    ...{ task, submission: task, benchmark: series.benchmark, descriptor: 'ab'.repeat(32), assignment: {}, origin: 'hand' },
    ...{ dueMs: atMs, startedMs: atMs, endedMs: atMs + 60_000, status: 'done', error: undefined },
    ...part,
  };
}

export function pointOf(index: number, values: readonly number[], part: Partial<Point> = {}): Point {
  const value = values.toSorted((a, b) => a - b)[values.length >> 1]!;
  const { task, endedMs } = taskOf(index);
  return { series, task, atMs: endedMs!, value, values, unit: 'ms', better: 'lower', ...part };
}

/** Of `levels`, run by run, with one per cent of noise and five repeats. */
export function pointsOf(levels: readonly number[], part: Partial<Point> = {}): Point[] {
  const random = new Random(5);
  const noisy = (level: number): number => level * (0.995 + 0.01 * random.next());
  return levels.map((level, index) =>
    pointOf(
      index,
      Array.from({ length: 5 }, () => noisy(level)),
      part,
    ),
  );
}

export function historyOf(points: readonly Point[], part: Partial<History> = {}): History {
  const names = [...new Set(points.map(({ task }) => task))];
  return {
    ...{ name: series.benchmark, metric: undefined, device: undefined, benchmarks: [series.benchmark], points, alarms: [] },
    tasks: names.map((task, index) => ({ ...taskOf(index), task })),
    ...part,
  };
}

/** Twenty runs at 20 ms, twenty at 23, with a spike at the tenth. */
export const stepped = Array.from({ length: 40 }, (_, index) => (index === 9 ? 30 : index < 20 ? 20 : 23));
