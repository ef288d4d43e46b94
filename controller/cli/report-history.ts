/** What became of benchmarks from run to run, for `controller report --history`. */
import { MeshError } from '../../mesh/error.ts';
import { closest, suggest } from '../../mesh/suggest.ts';
import { historyHtml } from '../report/history-html.ts';
import { historyReportOf } from '../report/history-report.ts';
import { historyTables } from '../report/history-tables.ts';
import { historyText } from '../report/history-text.ts';
import { TaskStore } from '../store/task-store.ts';
import type { Point, Task } from '../task/task.ts';
import { fileName, type Shown } from './report-shown.ts';

export interface HistoryChoice {
  /** Of a benchmark, or the beginning of one or several. */
  readonly name: string;
  readonly metric: string | undefined;
  readonly device: string | undefined;
}

/** Error `not-found`: no benchmark, metric or device of that name, with the one that was probably meant. */
export async function shownHistory({ name, metric, device }: HistoryChoice, folder: string): Promise<Shown> {
  await using store = await TaskStore.open(folder);
  const [all, alarms] = await Promise.all([store.tasks(), store.alarms()]);
  const benchmarks = benchmarksOf(name, all);
  const points = (await Promise.all(benchmarks.map((benchmark) => store.points({ benchmark })))).flat();
  checkKnown('metric', metric, points);
  checkKnown('device', device, points);
  const report = historyReportOf({
    ...{ name, metric, device, benchmarks, points },
    tasks: all.filter(({ benchmark }) => benchmarks.includes(benchmark)),
    alarms: alarms.filter(({ series }) => benchmarks.includes(series.benchmark)),
  });
  const parts = [name, metric, device].filter((part) => part !== undefined);
  return {
    name: fileName(`history-${parts.join('-')}`),
    report,
    tables: () => historyTables(report),
    html: () => historyHtml(report),
    text: (columns) => historyText(report, columns),
  };
}

/** The one of this name, else all that begin so: those of a descriptor with a sweep. In the order of their names. */
function benchmarksOf(name: string, tasks: readonly Task[]): string[] {
  const known = [...new Set(tasks.map(({ benchmark }) => benchmark))].toSorted();
  if (known.includes(name)) return [name];
  const begun = known.filter((benchmark) => benchmark.startsWith(name));
  if (begun.length > 0) return begun;
  const meant = suggest(name, known);
  throw new MeshError('not-found', `there is no benchmark "${name}"`, {
    hint: meant === undefined ? 'controller bench list lists them' : `did you mean "${meant}"? controller bench list lists them`,
  });
}

/** Of a history that is empty nobody knows what it has. */
function checkKnown(what: 'metric' | 'device', name: string | undefined, points: readonly Point[]): void {
  const known = [...new Set(points.map(({ series }) => series[what]))];
  if (name === undefined || known.length === 0 || known.includes(name)) return;
  const near = closest(name, known);
  throw new MeshError('not-found', `--${what}: this history has no ${what} "${name}"`, {
    hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `it has ${known.toSorted().slice(0, 20).join(', ')}`,
  });
}
