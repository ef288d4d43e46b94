/** An evaluation of predictions in words and as tables: in the terminal and on the page they are the same. */
import type { BaselineName } from '../profiler/evaluation/baselines.ts';
import type { Coverage, EvaluationReport, Result, SplitReport } from '../profiler/evaluation/evaluation-report.ts';
import type { JudgedKind } from '../profiler/evaluation/identity.ts';
import type { Accuracy } from '../profiler/evaluation/metrics.ts';
import type { Placement } from '../profiler/evaluation/placement.ts';
import type { SplitName } from '../profiler/evaluation/splits.ts';
import { threeDigits } from '../text/format.ts';

export const evaluationTitle = 'How good predictions are';

export const kindTitles: Readonly<Record<JudgedKind, string>> = {
  models: 'Whole models',
  parts: 'Parts: segments of models, stages of runs',
};

const splitTitles: Readonly<Record<SplitName, string>> = {
  rows: 'rows (leaks)',
  model: 'new model',
  family: 'new family',
  device: 'new device',
  forward: 'later',
};

export const splitMeanings: Readonly<Record<SplitName, string>> = {
  rows: 'a tenth of the rows by chance, as it is usually published: the same model under the same circumstances is on both sides. It says how well times are remembered',
  model: 'all of a model is left out; others of its family are not',
  family: 'all models with the same building blocks are left out',
  device:
    'all of a device is left out; then + so many first timings there are learnt from, of other families than those that are predicted',
  forward: 'what was measured later, from all that was measured before',
};

const baselineTitles: Readonly<Record<BaselineName, string>> = { macs: '  MACs only', average: '  device average' };

export interface WordColumn {
  readonly title: string;
  readonly numeric: boolean;
}

const numeric = (title: string): WordColumn => ({ title, numeric: true });

export const resultHead: readonly WordColumn[] = [
  { title: 'held out', numeric: false },
  ...['n', 'MAPE', '±5 %', '±10 %', 'MAE', 'RMSE', 'R²', 'rank', 'in 90 %', 'best', 'regret', 'p95'].map(numeric),
];

/** `new device + 3`: after three timings. */
export function resultName({ name }: Pick<SplitReport, 'name'>, { timings }: Pick<Result, 'timings'>): string {
  return timings === null ? splitTitles[name] : `${splitTitles[name]} + ${timings}`;
}

/** Each result with its baselines below it, and the floor at the end. */
export function resultRows({ splits, noiseFloor }: EvaluationReport, kind: JudgedKind): string[][] {
  const rows = splits.flatMap((split) =>
    split.results
      .filter((result) => result.kind === kind)
      .flatMap((result) => [
        row(resultName(split, result), result, coverageText(result.coverage)),
        ...(result.repeated === null ? [] : [accuracyRow('  median repeat', result.repeated)]),
        ...(['macs', 'average'] as const).map((name) => row(baselineTitles[name], result.baselines[name], '')),
      ]),
  );
  const floor = noiseFloor[kind];
  if (rows.length === 0 || floor === null) return rows;
  const floorRow = (name: string, { mape, within5, within10 }: Pick<Accuracy, 'mape' | 'within5' | 'within10'>): string[] =>
    padded([name, String(floor.count), hundredths(mape), whole(within5), whole(within10)]);
  return [...rows, floorRow('repeats by repeats', floor), ...(floor.atSpeed === null ? [] : [floorRow('  at their speed', floor.atSpeed)])];
}

function row(
  name: string,
  { accuracy, placement }: { readonly accuracy: Accuracy | null; readonly placement: Placement | null },
  coverage: string,
): string[] {
  const placed =
    placement === null ? ['–', '–', '–'] : [whole(placement.hitRate), hundredths(placement.regretMean), hundredths(placement.regretP95)];
  return [name, ...accuracyCells(accuracy), coverage, ...placed];
}

/** Without what is said of single predictions only. */
function accuracyRow(name: string, accuracy: Accuracy): string[] {
  return padded([name, ...accuracyCells(accuracy)]);
}

function padded(cells: readonly string[]): string[] {
  return [...cells, ...new Array<string>(resultHead.length - cells.length).fill('')];
}

function accuracyCells(accuracy: Accuracy | null): string[] {
  if (accuracy === null) return ['0', ...new Array<string>(7).fill('–')];
  return [
    ...[String(accuracy.count), hundredths(accuracy.mape), whole(accuracy.within5), whole(accuracy.within10)],
    ...[threeDigits(accuracy.maeMs), threeDigits(accuracy.rmseMs), twoDigits(accuracy.r2), twoDigits(accuracy.spearman)],
  ];
}

/** What the columns are, and what is odd about these figures. */
export function evaluationNotes(report: EvaluationReport): (readonly [title: string, text: string])[] {
  const { splits } = report;
  const results = splits.flatMap(({ results: own }) => own);
  const infinite = results.reduce((sum, { coverage }) => sum + (coverage?.infinite ?? 0), 0);
  const unpredicted = results.reduce((sum, each) => sum + each.unpredicted, 0);
  const empty = splits.filter(({ folds }) => folds.length === 0).map(({ name }) => splitTitles[name]);
  const said = (when: boolean, title: string, text: string): (readonly [string, string])[] => (when ? [[title, text]] : []);
  return [
    ...splits.filter(({ folds }) => folds.length > 0).map(({ name }) => [splitTitles[name], `${splitMeanings[name]}.`] as const),
    ['units', 'MAE and RMSE are milliseconds, R² and rank are 1 at best, all else is percent; n: predictions.'],
    ['±5 %, ±10 %', 'percent of predictions that are at most so far from the measured time.'],
    ['rank', 'Spearman’s correlation: 1 puts everything in the right order.'],
    ['in 90 %', 'percent of measured times within the interval that is said to hold for 90 %.'],
    [
      'best, regret',
      'how often the device that is predicted to be the fastest is it, and how much longer than on the fastest it takes: mean, 95th percentile.',
    ],
    ['MACs only', 'a line of ln ms over ln MACs on each device. Device average: knows devices, not models; it puts all on the best one.'],
    ['median', 'what was measured more than once in one place, each once: by the median of its errors.'],
    ['repeats', 'a repeat predicted by the median of the others: nobody does better who does not look how fast the processor is.'],
    ['their speed', 'each repeat at the speed that its processor had then, by the probe beside it. Measuring again does no better.'],
    ...said(
      infinite > 0,
      'infinite',
      `${infinite} predictions had no finite interval: too few errors of their kind are known. They are not in "in 90 %".`,
    ),
    ...said(unpredicted > 0, 'unpredicted', `${unpredicted} samples, about which nothing could be said, are in no figure.`),
    ...said(empty.length > 0, 'not done', `${empty.join(', ')}: there are not two of them to leave one out.`),
  ];
}

/** `48 models of 11 families on 3 devices, 4120 samples`. */
export function evaluatedText({ samples }: EvaluationReport): string {
  const { models, families, devices, judged, count } = samples;
  const some = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;
  const what = `${some(models, 'model', 'models')} of ${some(families, 'family', 'families')} on ${some(devices.length, 'device', 'devices')}`;
  return `${what}, ${judged} samples and ${count - judged} that help`;
}

function coverageText(coverage: Coverage | null): string {
  if (coverage === null) return '–';
  return coverage.inside === null ? '∞' : whole(coverage.inside);
}

function whole(share: number): string {
  return (100 * share).toFixed(0);
}

function hundredths(share: number): string {
  return threeDigits(100 * share);
}

function twoDigits(value: number | null): string {
  return value === null ? '–' : value.toFixed(2);
}
