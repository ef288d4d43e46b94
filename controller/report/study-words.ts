/** A study in words: its title, what must be known to read it, and its table, the same in the terminal and on the page. */
import type { SweepWorkload } from '../bench/sweep.ts';
import { threeDigits } from '../text/format.ts';
import { edgeText } from './minimum-bars.ts';
import type { StudyEnd, StudyLine, StudyReport } from './study-report.ts';
import { numberText } from './sweep-columns.ts';
import type { SweepReport } from './sweep-report.ts';
import { doing, limitNames, type Shown, shownAs, valueText } from './sweep-words.ts';

export const modes = ['train', 'infer'] as const satisfies readonly SweepWorkload['mode'][];

export const modeNames: Readonly<Record<SweepWorkload['mode'], string>> = { train: 'training', infer: 'inference' };

/** Models beyond these are counted. */
const NAMED_MAX = 4;

/** `mlp1d, cnn1d: memory from 48 to 224 MiB on pi1`. */
export function studyTitle({ lines, sweeps, limit, unit, devices }: StudyReport): string {
  const models = [...new Set(lines.map(({ model }) => model))];
  const named = models.length > NAMED_MAX ? `${models.length} models` : models.join(', ');
  const values = sweeps.flatMap(({ rows }) => rows.map(({ value }) => value));
  const range = values.length === 0 ? '' : ` from ${Math.min(...values)} to ${Math.max(...values)} ${unit}`;
  return `${named}: ${limitNames[limit]}${range} on ${devices.join(', ')}`;
}

export function endsOf(
  report: StudyReport,
  mode: SweepWorkload['mode'],
): { readonly line: StudyLine; readonly index: number; readonly end: StudyEnd }[] {
  return report.lines.flatMap((line, index) => (line[mode] === null ? [] : [{ line, index, end: line[mode] }]));
}

/** Of all sweeps of a mode, so that they have one unit. */
export function studyShown({ sweeps }: StudyReport, mode: SweepWorkload['mode'], figure: Parameters<typeof shownAs>[1]): Shown {
  return shownAs({ mode, rows: sweeps.filter((each) => each.mode === mode).flatMap(({ rows }) => rows) }, figure);
}

/** What is no result, and without which results would be misread. */
export function studyNotes(report: StudyReport): string[] {
  const { sweeps, devices, lines } = report;
  const called = ({ mode, model, sweep }: SweepReport): string => `${modeNames[mode]} of ${model} (${sweep})`;
  const inferred = sweeps.filter(({ mode }) => mode === 'infer');
  const untrained = inferred.filter(({ trained }) => trained === null);
  const hasTraining = sweeps.some(({ mode }) => mode === 'train');
  return [
    ...(devices.length > 1 ? [`measured on different devices (${devices.join(', ')}): times and sizes are those of each`] : []),
    ...(inferred.length > 0 && untrained.length === 0 ? ['inference is that of the best model of each training'] : []),
    ...(hasTraining && untrained.length > 0 ? [`not of a trained model, but as it is: ${untrained.map(called).join(', ')}`] : []),
    ...sweeps
      .filter(({ status }) => status !== 'done')
      .map((each) => `${called(each)}: ${each.status}${each.error === null ? '' : `, ${each.error}`}`),
    ...(modes.every((mode) => sweeps.some((each) => each.mode === mode))
      ? lines.flatMap(({ name, train, infer }) =>
          train === null ? [`${name}: no training was measured`] : infer === null ? [`${name}: no inference was measured`] : [],
        )
      : []),
  ];
}

export interface StudyTable {
  readonly head: readonly { readonly title: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly string[])[];
}

/** Columns of a mode that nobody measured are left out. Times and peaks are those at the largest limit. */
export function studyTable(report: StudyReport): StudyTable {
  const has = (mode: SweepWorkload['mode']): boolean => endsOf(report, mode).length > 0;
  const column = (mode: SweepWorkload['mode'], title: string, numeric: boolean, cell: (end: StudyEnd) => string) =>
    has(mode) ? [{ title, numeric, cell: (line: StudyLine) => (line[mode] === null ? '–' : cell(line[mode])) }] : [];
  const { unit, scale } = studyShown(report, 'train', 'timeMs');
  const edge = (end: StudyEnd): string => edgeOf(report, end);
  const peak = ({ peakAtLargest }: StudyEnd): string => numberText(peakAtLargest === null ? null : peakAtLargest.bytes / 2 ** 20);
  const title = (mode: SweepWorkload['mode']): string => (report.limit === 'cpu' ? `${modeNames[mode]}: knee` : `${doing[mode]} with`);
  const columns = [
    { title: 'model', numeric: false, cell: ({ name }: StudyLine) => name },
    ...column('train', title('train'), false, edge),
    ...column('infer', title('infer'), false, edge),
    ...column('train', `${unit}/epoch`, true, ({ timeAtLargest }) => numberText(timeAtLargest === null ? null : timeAtLargest.ms / scale)),
    ...column('infer', 'p50 ms', true, ({ timeAtLargest }) => numberText(timeAtLargest?.ms)),
    ...column('train', 'peak MiB, training', true, peak),
    ...column('infer', 'peak MiB, inference', true, peak),
    ...column('train', 'right %', true, ({ accuracy }) => numberText(accuracy === null ? null : accuracy * 100)),
  ];
  return {
    head: columns.map(({ title: text, numeric }) => ({ title: text, numeric })),
    rows: report.lines.map((line) => columns.map(({ cell }) => cell(line))),
  };
}

/** The smallest memory with what is known of the edge; of CPU the knee with the time there is at it. */
export function edgeOf(report: Pick<StudyReport, 'limit' | 'sweeps'>, end: StudyEnd): string {
  if (report.limit === 'memory') return edgeText(report, end);
  const sweep = report.sweeps[end.sweep]!;
  const point = sweep.points.find(({ variant, value }) => variant === end.variant && value === end.knee);
  if (end.knee === null) return 'none';
  const { unit, scale } = studyShown(report as StudyReport, sweep.mode, 'timeMs');
  const time = point?.figures.timeMs ?? null;
  return `${valueText(report, end.knee)}${time === null ? '' : ` (${threeDigits(time.median / scale)} ${unit})`}`;
}
