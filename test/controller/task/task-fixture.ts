/** Tasks and what belongs to them, made up. */
import type { AlarmRecord } from '../../../controller/task/alarm-record.ts';
import type { SeriesKey } from '../../../controller/task/series.ts';
import type { Point, StoredDescriptor, Task } from '../../../controller/task/task.ts';

export const stored: StoredDescriptor = { digest: 'd1', name: 'b.toml', text: 'text', sources: { 'file a': 'ab' } };

export function taskOf(made: Partial<Task> & Pick<Task, 'task'>): Task {
  return {
    ...{ submission: made.task, benchmark: 'b', descriptor: 'd1', assignment: {}, origin: 'hand', dueMs: 1 },
    ...{ startedMs: undefined, endedMs: undefined, status: 'queued', error: undefined },
    ...made,
  };
}

export function seriesOf(made: Partial<SeriesKey> = {}): SeriesKey {
  return { benchmark: 'b', metric: 'wall', device: 'pi1', runtime: '', limits: '', ...made };
}

export function pointOf({ series, ...made }: Partial<Omit<Point, 'series'>> & { readonly series?: Partial<SeriesKey> }): Point {
  const value = made.value ?? 1;
  return { series: seriesOf(series), task: 't1', atMs: 1, value, values: [value], unit: 'ms', better: 'lower', ...made };
}

export function alarmRecord(alarm: Partial<AlarmRecord['alarm']> = {}): AlarmRecord {
  return {
    alarm: {
      ...{ id: 'a1', series: 's', metric: 'wall', kind: 'change-point', state: 'open', firstBad: 't5', size: 1.5, p: 0.001 },
      ...{ before: 10, after: 15 },
      ...alarm,
    },
    ...{ series: seriesOf(), unit: 'ms', changedMs: 1, confirmation: undefined, note: undefined },
  };
}
